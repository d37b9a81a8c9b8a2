//! An HTTP/1.1 request and the end of its response: enough to count the bytes of the body, without I/O.
//!
//! Not the product's HTTP: it validates nothing, and a body that it does not understand ends with the connection.

use std::fmt;

/// The longest head that is read, interim responses included.
const HEAD_MAX: usize = 64 << 10;
/// The longest line of a chunked body that is read: a size and its extensions, or a trailer.
const LINE_MAX: usize = 8 << 10;

/// Returns the request.
pub(crate) fn request(path: &str, authority: &str) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: braid-probe/{version}\r\nAccept: */*\r\n\r\n"
    )
    .into_bytes()
}

/// The response is not HTTP/1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotHttp {
    Start,
    LongHead,
    Chunk,
}

impl fmt::Display for NotHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotHttp::Start => "the response is not HTTP/1",
            NotHttp::LongHead => "the head of the response is longer than 64 KiB",
            NotHttp::Chunk => "the body of the response is malformed",
        })
    }
}

impl std::error::Error for NotHttp {}

/// The part of a response that has been received.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    head: Vec<u8>,
    /// The first line of the final response.
    pub(crate) status_line: Option<String>,
    /// The bytes of the body, without its framing.
    pub(crate) body: u64,
    part: Part,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Head,
    Sized(u64),
    UntilEnd,
    /// A part of the line with the size of a chunk.
    ChunkSize(Vec<u8>),
    Chunk(u64),
    /// A part of the line end after a chunk.
    ChunkEnd(Vec<u8>),
    Trailer(Vec<u8>),
    Over,
}

impl Answer {
    /// Reads received bytes.
    ///
    /// # Errors
    /// Returns an error if they are not HTTP/1.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<(), NotHttp> {
        while !bytes.is_empty() {
            bytes = match &mut self.part {
                Part::Head => self.head(bytes)?,
                Part::Sized(left) | Part::Chunk(left) => {
                    let now = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= now as u64;
                    self.body += now as u64;
                    if *left == 0 {
                        let chunked = matches!(self.part, Part::Chunk(_));
                        self.part = if chunked { Part::ChunkEnd(Vec::new()) } else { Part::Over };
                    }
                    &bytes[now..]
                }
                Part::UntilEnd => {
                    self.body += bytes.len() as u64;
                    &[]
                }
                Part::ChunkSize(line) | Part::ChunkEnd(line) | Part::Trailer(line) => {
                    let now = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
                    line.extend_from_slice(&bytes[..now]);
                    if line.len() > LINE_MAX {
                        return Err(NotHttp::Chunk);
                    }
                    if line.ends_with(b"\n") {
                        self.part = next(&self.part)?;
                    }
                    &bytes[now..]
                }
                Part::Over => &[],
            };
        }
        Ok(())
    }

    /// Returns whether the response is complete.
    pub(crate) fn is_over(&self) -> bool {
        self.part == Part::Over
    }

    /// Reports the end of the connection, and returns whether the response is complete.
    pub(crate) fn end(&self) -> bool {
        matches!(self.part, Part::Over | Part::UntilEnd)
    }

    /// Reads bytes of the head, and returns those after it.
    fn head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], NotHttp> {
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let start = &self.head[..self.head.len().min(7)];
        if !b"HTTP/1.".starts_with(start) {
            return Err(NotHttp::Start);
        }
        let from = before.saturating_sub(3);
        let Some(end) = self.head[from..].windows(4).position(|window| window == b"\r\n\r\n") else {
            return if self.head.len() > HEAD_MAX { Err(NotHttp::LongHead) } else { Ok(&[]) };
        };
        let end = from + end + 4;
        let text = String::from_utf8_lossy(&self.head[..end]).into_owned();
        self.head.clear();
        let status_line = text.lines().next().unwrap_or_default();
        let status = status_line.split(' ').nth(1).and_then(|word| word.parse::<u16>().ok());
        let rest = &bytes[end - before..];
        match status.ok_or(NotHttp::Start)? {
            // An interim response: the final one is still to come.
            100 | 102..=199 => return Ok(rest),
            101 | 204 | 304 => self.part = Part::Over,
            _ => self.part = framing(&text),
        }
        self.status_line = Some(status_line.to_owned());
        Ok(rest)
    }
}

/// Returns the framing of the body of a response (RFC 9112, 6.3).
fn framing(head: &str) -> Part {
    let fields = || head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let value = |name: &str| {
        let found = fields().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        found.last().map(|(_, value)| value.trim())
    };
    let chunked = value("transfer-encoding")
        .is_some_and(|codings| codings.to_ascii_lowercase().trim_end().ends_with("chunked"));
    match (chunked, value("content-length").and_then(|length| length.parse().ok())) {
        (true, _) => Part::ChunkSize(Vec::new()),
        (false, Some(0)) => Part::Over,
        (false, Some(length)) => Part::Sized(length),
        (false, None) => Part::UntilEnd,
    }
}

/// Returns the part that follows a line of a chunked body.
fn next(part: &Part) -> Result<Part, NotHttp> {
    Ok(match part {
        Part::ChunkSize(line) => match size(line).ok_or(NotHttp::Chunk)? {
            0 => Part::Trailer(Vec::new()),
            size => Part::Chunk(size),
        },
        Part::ChunkEnd(line) if line == b"\r\n" => Part::ChunkSize(Vec::new()),
        Part::Trailer(line) if line == b"\r\n" => Part::Over,
        Part::Trailer(_) => Part::Trailer(Vec::new()),
        _ => return Err(NotHttp::Chunk),
    })
}

fn size(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    let digits = text.split([';', '\r', '\n']).next()?.trim();
    u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a response at once and byte by byte, and expects the same result.
    fn read(text: &str) -> Result<(Option<String>, u64, bool), NotHttp> {
        let result = |answer: Answer| (answer.status_line.clone(), answer.body, answer.is_over());
        let mut whole = Answer::default();
        let whole = whole.take(text.as_bytes()).map(|()| result(whole));
        let mut bytewise = Answer::default();
        let bytes = text.as_bytes().iter().try_for_each(|byte| bytewise.take(&[*byte]));
        assert_eq!(whole, bytes.map(|()| result(bytewise)), "{text:?}");
        whole
    }

    fn ok(body: u64, over: bool) -> Result<(Option<String>, u64, bool), NotHttp> {
        Ok((Some("HTTP/1.1 200 OK".to_owned()), body, over))
    }

    #[test]
    fn bodies_are_counted_to_their_end() {
        let with = |rest: &str| read(&format!("HTTP/1.1 200 OK\r\n{rest}"));
        assert_eq!(with("Content-Length: 5\r\n\r\nhello"), ok(5, true));
        assert_eq!(with("content-length:5\r\n\r\nhell"), ok(4, false));
        assert_eq!(with("Content-Length: 0\r\n\r\n"), ok(0, true));
        assert_eq!(with("\r\nhello"), ok(5, false));
        let chunked = "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(
            with(&format!("{chunked}5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n")),
            ok(15, true)
        );
        assert_eq!(with(&format!("{chunked}5\r\nhello\r\n0\r\n")), ok(5, false));
        assert_eq!(with(&format!("{chunked}x\r\n")), Err(NotHttp::Chunk));
        assert_eq!(with(&format!("{chunked}1\r\nab\r\n")), Err(NotHttp::Chunk));
    }

    #[test]
    fn interim_answers_are_none() {
        let text = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
        assert_eq!(read(text), ok(1, true));
        let unchanged = read("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
        assert!(matches!(unchanged, Ok((Some(_), 0, true))), "{unchanged:?}");
    }

    #[test]
    fn another_protocol_is_none() {
        assert_eq!(read("SSH-2.0-x\r\n"), Err(NotHttp::Start));
        assert_eq!(read("HTTP/1.1 OK\r\n\r\n"), Err(NotHttp::Start));
        let mut answer = Answer::default();
        let long = [b"HTTP/1.1 200 OK\r\n".to_vec(), vec![b'a'; HEAD_MAX]].concat();
        assert_eq!(answer.take(&long), Err(NotHttp::LongHead));
    }
}
