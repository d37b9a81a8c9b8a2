//! The heads of incoming messages: the part of them that the framing needs.

use httparse::{EMPTY_HEADER, Header, Status};

use super::framing::{Framing, FramingError};
use super::resource::Resource;

/// The longest accepted head, in bytes.
pub(crate) const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// The error of a head that is not HTTP/1.1 or not reliable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    #[error("the head cannot be read")]
    Syntax(#[from] httparse::Error),
    #[error("the head is longer than {MAX_HEAD} bytes")]
    TooLong,
    #[error("the length of the body is said wrongly or twice differently")]
    Length,
    #[error("the transfer coding is not just \"chunked\"")]
    Coding,
    #[error("both a length and a transfer coding are given")]
    LengthAndCoding,
    #[error(transparent)]
    Framing(#[from] FramingError),
}

/// The methods that the origin supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Other,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHead {
    pub(crate) len: usize,
    pub(crate) method: Method,
    /// `None` if the target names no resource.
    pub(crate) resource: Option<Resource>,
    pub(crate) framing: Framing,
    pub(crate) close: bool,
    /// Whether the client waits for a 100 before it sends the body.
    pub(crate) expects: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerHead {
    pub(crate) len: usize,
    pub(crate) status: u16,
    pub(crate) framing: Framing,
    pub(crate) close: bool,
}

/// Parses the head of a request; `None` while it is incomplete.
pub(crate) fn request(data: &[u8]) -> Result<Option<RequestHead>, HeadError> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let Status::Complete(len) = request.parse(data)? else { return partial(data) };
    let facts = Facts::of(request.headers)?;
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        _ => Method::Other,
    };
    Ok(Some(RequestHead {
        len,
        method,
        resource: request.path.and_then(Resource::parse),
        framing: facts.framing.unwrap_or(Framing::Length(0)),
        close: facts.closes(request.version),
        expects: facts.expects,
    }))
}

/// Parses the head of a response; `None` while it is incomplete.
pub(crate) fn answer(data: &[u8]) -> Result<Option<AnswerHead>, HeadError> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let Status::Complete(len) = answer.parse(data)? else { return partial(data) };
    let facts = Facts::of(answer.headers)?;
    let framing = facts.framing.unwrap_or(Framing::UntilClose);
    let close = facts.closes(answer.version) || framing == Framing::UntilClose;
    Ok(Some(AnswerHead { len, status: answer.code.unwrap_or_default(), framing, close }))
}

fn partial<T>(data: &[u8]) -> Result<Option<T>, HeadError> {
    if data.len() > MAX_HEAD { Err(HeadError::TooLong) } else { Ok(None) }
}

#[derive(Debug, Default)]
struct Facts {
    framing: Option<Framing>,
    close: bool,
    keep_alive: bool,
    expects: bool,
}

impl Facts {
    fn of(headers: &[Header<'_>]) -> Result<Self, HeadError> {
        let mut facts = Self::default();
        for Header { name, value } in headers {
            // Compared by length first: most headers are none of these.
            match name.len() {
                6 if name.eq_ignore_ascii_case("expect") => {
                    facts.expects = value.eq_ignore_ascii_case(b"100-continue");
                }
                10 if name.eq_ignore_ascii_case("connection") => {
                    for word in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                        facts.close |= word.eq_ignore_ascii_case(b"close");
                        facts.keep_alive |= word.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if name.eq_ignore_ascii_case("content-length") => facts.frame(length(value)?)?,
                17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                    if !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                        return Err(HeadError::Coding);
                    }
                    facts.frame(Framing::Chunked)?;
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    /// Sets the framing. A second, different framing is how requests are smuggled, so it is an error, whatever the
    /// RFC allows a recipient to do.
    fn frame(&mut self, framing: Framing) -> Result<(), HeadError> {
        match self.framing.replace(framing) {
            None => Ok(()),
            Some(before) if before == framing && framing != Framing::Chunked => Ok(()),
            Some(Framing::Length(_)) if framing != Framing::Chunked => Err(HeadError::Length),
            Some(Framing::Chunked) if framing == Framing::Chunked => Err(HeadError::Coding),
            Some(_) => Err(HeadError::LengthAndCoding),
        }
    }

    /// Returns whether the connection closes: HTTP/1.1 keeps it by default, HTTP/1.0 does not.
    fn closes(&self, version: Option<u8>) -> bool {
        self.close || (version == Some(0) && !self.keep_alive)
    }
}

fn length(value: &[u8]) -> Result<Framing, HeadError> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(HeadError::Length);
    }
    let length = str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    length.map(Framing::Length).ok_or(HeadError::Length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(headers: &str) -> Result<(Framing, bool), HeadError> {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
        let answer = answer(head.as_bytes())?.expect("it is complete");
        assert_eq!((answer.len, answer.status), (head.len(), 200));
        Ok((answer.framing, answer.close))
    }

    #[test]
    fn framing_and_persistence_are_read() {
        assert_eq!(framing("Content-Length: 5\r\n"), Ok((Framing::Length(5), false)));
        assert_eq!(framing("CONTENT-LENGTH:5\r\nconnection: x, Close\r\n"), Ok((Framing::Length(5), true)));
        assert_eq!(framing("transfer-encoding: Chunked\r\n"), Ok((Framing::Chunked, false)));
        assert_eq!(framing(""), Ok((Framing::UntilClose, true)));
    }

    #[test]
    fn doubts_about_the_length_are_errors() {
        for (headers, error) in [
            ("Content-Length: 5\r\nContent-Length: 6\r\n", HeadError::Length),
            ("Content-Length: +5\r\n", HeadError::Length),
            ("Content-Length: 99999999999999999999\r\n", HeadError::Length),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", HeadError::LengthAndCoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", HeadError::LengthAndCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", HeadError::Coding),
            ("Transfer-Encoding: gzip, chunked\r\n", HeadError::Coding),
        ] {
            assert_eq!(framing(headers), Err(error), "{headers}");
        }
    }

    #[test]
    fn requests_say_what_they_want() {
        let wire = b"GET /128/ff HTTP/1.1\r\nHost: a\r\n\r\nrest";
        for end in 0..wire.len() - 4 {
            assert!(request(&wire[..end]).expect("a beginning").is_none(), "cut at {end}");
        }
        let head = request(wire).expect("good").expect("complete");
        assert_eq!((head.len, head.method, head.framing), (wire.len() - 4, Method::Get, Framing::Length(0)));
        assert_eq!(head.resource.map(|resource| resource.seed.0), Some(255));
        let old =
            request(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expect("good").expect("complete");
        assert!(old.close && old.expects && old.method == Method::Post);
        assert_eq!(request(&[b'a'; MAX_HEAD + 1]).err(), Some(HeadError::TooLong));
    }
}
