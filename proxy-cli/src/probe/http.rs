//! One HTTP/1.1 request and where its answer ends: enough to count the bytes of the body, without I/O.
//!
//! Not the product's HTTP: it judges nothing, and what it does not understand ends with the connection.

use std::fmt;

/// The longest head that is read, interim answers included.
const HEAD_MAX: usize = 64 << 10;
/// The longest line of a chunked body that is read: a size and its extensions, or a trailer.
const LINE_MAX: usize = 8 << 10;

/// The request.
pub(crate) fn request(path: &str, authority: &str) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: braid-probe/{version}\r\nAccept: */*\r\n\r\n"
    )
    .into_bytes()
}

/// The answer is not HTTP/1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotHttp {
    Start,
    LongHead,
    Chunk,
}

impl fmt::Display for NotHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotHttp::Start => "the answer is not HTTP/1",
            NotHttp::LongHead => "the head of the answer is longer than 64 KiB",
            NotHttp::Chunk => "the body of the answer is malformed",
        })
    }
}

impl std::error::Error for NotHttp {}

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    head: Vec<u8>,
    /// The first line of the final answer.
    pub(crate) status_line: Option<String>,
    /// Bytes of the body, without what frames them.
    pub(crate) body: u64,
    part: Part,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Head,
    Sized(u64),
    UntilEnd,
    /// The line with the size of a chunk so far.
    ChunkSize(Vec<u8>),
    Chunk(u64),
    /// The line end behind a chunk so far.
    ChunkEnd(Vec<u8>),
    Trailer(Vec<u8>),
    Over,
}

impl Answer {
    /// Takes what came.
    ///
    /// # Errors
    /// When it is not HTTP/1.
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

    /// Whether all has come.
    pub(crate) fn is_over(&self) -> bool {
        self.part == Part::Over
    }

    /// Says that the peer sends no more. Whether all has come.
    pub(crate) fn end(&self) -> bool {
        matches!(self.part, Part::Over | Part::UntilEnd)
    }

    /// Takes bytes of the head, and gives those behind it.
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
            // Interim: the answer is still to come.
            100 | 102..=199 => return Ok(rest),
            101 | 204 | 304 => self.part = Part::Over,
            _ => self.part = framing(&text),
        }
        self.status_line = Some(status_line.to_owned());
        Ok(rest)
    }
}

/// How the body of an answer is framed (RFC 9112, 6.3).
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

/// What comes behind a line of a chunked body.
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

    /// Takes an answer whole and byte by byte, and expects the same of both.
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
