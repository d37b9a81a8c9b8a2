//! Error files: a whole HTTP/1 response.
//!
//! A file is read once, together with the configuration, and parsed as if a server had sent it. The response to the
//! client is rebuilt from it: names in lower case, the version of the proxy, the right `content-length`, nothing about
//! the connection but whether it is closed. An empty file, such as `/dev/null`, closes the connection without a
//! response.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use proxy_http::h1::{Framing, Limits, ResponseError, ResponseParser};
use proxy_http::{Method, Response};

use crate::answer::{Answer, Head};

/// The maximum size of a file, in bytes: HAProxy's buffer (`tune.bufsize`), into which a reply has to fit there.
pub(crate) const LARGEST: usize = 16_384;

/// The reason why a file cannot be used as a reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read '{path}': {source}")]
    Read { path: String, source: io::Error },
    #[error("'{path}' is larger than {LARGEST} bytes")]
    TooLarge { path: String },
    #[error("'{path}' is not an HTTP response: {source}")]
    Malformed { path: String, source: ResponseError },
    #[error("'{path}' is not an HTTP response: its head has no end")]
    Endless { path: String },
    #[error("'{path}' has the status {status}, which does not end a request")]
    Interim { path: String, status: u16 },
    #[error("'{path}' has a body in chunks, which an error file cannot have")]
    Chunked { path: String },
    #[error("'{path}' has a body of {found} bytes, and says that it has {said}")]
    Length { path: String, said: u64, found: usize },
    #[error("'{path}' has a body, and the status {status}, which has none")]
    Bodyless { path: String, status: u16 },
}

/// Reads a file that is not too large.
pub(crate) fn read_file(path: &str) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    // One more byte shows that there are too many, also for a device that has no end.
    File::open(path)
        .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() > LARGEST {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Reads the reply in a file. `status` is for counters and logs, whatever the file contains.
pub(crate) fn read_error_file(status: u16, path: &str) -> Result<Arc<Answer>, FileError> {
    let bytes = read_file(path)?;
    if bytes.is_empty() {
        return Ok(Arc::new(Answer::silence(status)));
    }
    parse(status, path, bytes).map(Arc::new)
}

fn parse(status: u16, path: &str, mut bytes: Vec<u8>) -> Result<Answer, FileError> {
    let path = || path.to_owned();
    // A response of HTTP/1.0 would close the connection without saying so; it is sent as 1.1, so it is parsed as that.
    if bytes.starts_with(b"HTTP/1.0 ") {
        bytes[7] = b'1';
    }
    let mut parsed = Response::new();
    let limits = Limits { head: LARGEST, ..Limits::default() };
    // A response to HEAD would have no body, and one to CONNECT no end.
    let meta = ResponseParser::new(limits)
        .parse(&mut bytes, &mut parsed, Method::Get)
        .map_err(|source| FileError::Malformed { path: path(), source })?
        .ok_or_else(|| FileError::Endless { path: path() })?;
    let (said, found) = (parsed.status(), bytes.len());
    if said < 200 {
        return Err(FileError::Interim { path: path(), status: said });
    }
    match meta.body {
        Framing::Chunked => return Err(FileError::Chunked { path: path() }),
        Framing::None if found > 0 => return Err(FileError::Bodyless { path: path(), status: said }),
        Framing::Length(length) if length != found as u64 => {
            return Err(FileError::Length { path: path(), said: length, found });
        }
        Framing::None | Framing::Length(_) | Framing::UntilClose => {}
    }
    let mut head = Head::with_reason(said, parsed.reason());
    for field in parsed.fields().iter() {
        // If the field is repeated its values are the same, or the parser would have refused it.
        if field.name != b"content-length" || !head.has(field.name) {
            head.field(field.name, field.value);
        }
    }
    if !head.has(b"content-length") {
        head.field(b"content-length", found.to_string().as_bytes());
    }
    if !meta.keep_alive {
        head.close();
    }
    Ok(head.answer(status, bytes.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the reply as it is sent, with a `-` in front if the connection is closed after it.
    fn seen(text: &str) -> Result<String, String> {
        let answer = parse(503, "f.http", text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
        assert_eq!(answer.status, 503);
        let message = answer.message.unwrap();
        let text = String::from_utf8_lossy;
        let mut seen = if message.close { "-" } else { "" }.to_owned();
        seen += &format!("{} {}\n", message.head.status(), text(message.head.reason()));
        for field in message.head.fields().iter() {
            seen += &format!("{}: {}\n", text(field.name), text(field.value));
        }
        Ok(seen + "\n" + &text(&message.body))
    }

    #[test]
    fn a_file_is_made_anew() {
        let file = "HTTP/1.1 277 Odd\r\nContent-Length: 4\r\nX-One:  a \r\nX-One: b\r\n\r\nbody";
        assert_eq!(seen(file).unwrap(), "277 Odd\ncontent-length: 4\nx-one: a\nx-one: b\n\nbody");
        let old = "HTTP/1.0 421 Ten\r\nX-One: a\r\nConnection: x, close\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(seen(old).unwrap(), "-421 Ten\nx-one: a\ncontent-length: 0\n\n");
        let old = "HTTP/1.0 421 Ten\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(seen(old).unwrap(), "421 Ten\ncontent-length: 0\n\n");
        let twice = "HTTP/1.1 503 No\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nb";
        assert_eq!(seen(twice).unwrap(), "503 No\ncontent-length: 1\n\nb");
    }

    #[test]
    fn a_length_that_is_not_said_is_added() {
        // HAProxy sends this without a length, and closes; with a length the client knows more.
        assert_eq!(
            seen("HTTP/1.0 503 No\nX-One: a\n\nbody\n").unwrap(),
            "-503 No\nx-one: a\ncontent-length: 5\n\nbody\n"
        );
        assert_eq!(seen("HTTP/1.1 204 No\r\n\r\n").unwrap(), "204 No\ncontent-length: 0\n\n");
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        for (file, expected) in [
            (
                "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbod",
                "'f.http' has a body of 3 bytes, and says that it has 4",
            ),
            (
                "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\nb",
                "'f.http' has a body of 1 bytes, and says that it has 0",
            ),
            ("HTTP/1.1 204 No\r\n\r\nb", "'f.http' has a body, and the status 204, which has none"),
            (
                "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "'f.http' has a body in chunks, which an error file cannot have",
            ),
            ("HTTP/1.1 100 Go on\r\n\r\n", "'f.http' has the status 100, which does not end a request"),
            ("HTTP/1.1 503 No\r\nX-One: a", "'f.http' is not an HTTP response: its head has no end"),
        ] {
            assert_eq!(seen(file).unwrap_err(), expected);
        }
        for file in ["<html></html>\r\n\r\n", "HTTP/1.1 503 No\r\nX One: a\r\n\r\n"] {
            assert!(seen(file).unwrap_err().starts_with("'f.http' is not an HTTP response: "), "{file}");
        }
    }

    #[test]
    fn nothing_is_silence_and_too_much_is_refused() {
        assert!(read_error_file(408, "/dev/null").unwrap().message.is_none());
        assert_eq!(
            read_error_file(408, "/dev/zero").unwrap_err().to_string(),
            "'/dev/zero' is larger than 16384 bytes"
        );
        let missing = read_error_file(408, "/dev/null/none").unwrap_err().to_string();
        assert!(missing.starts_with("cannot read '/dev/null/none': "), "{missing}");
    }
}
