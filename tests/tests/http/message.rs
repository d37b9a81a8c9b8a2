//! Reading what a peer is sent: exact bytes, a response of which parts are compared, chunks.
//!
//! It is strict, but not a parser of HTTP: what it cannot read is a failure of the test.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;

use braid_tests::poll::eventually;

use crate::peers::{LIMIT, Peer};
use crate::text::shown;

/// The longest head that is read, in bytes.
const HEAD: usize = 1 << 16;

/// Reads exactly these bytes; stops at the first that differs.
pub(crate) fn receive(peer: &mut Peer, wanted: &[u8]) -> Result<(), String> {
    let mut got = Vec::new();
    while got.len() < wanted.len() {
        let mut place = vec![0; wanted.len() - got.len()];
        let read = peer.read(&mut place);
        let why = match read {
            Ok(0) => "and the end".to_owned(),
            Ok(count) => {
                got.extend(&place[..count]);
                if wanted.starts_with(&got) {
                    continue;
                }
                drain(&peer.stream, &mut got);
                String::new()
            }
            Err(error) => format!("and {error}"),
        };
        return Err(format!("got: {} {why}", shown(&got)));
    }
    Ok(())
}

/// Reads chunks to their end and compares their data.
pub(crate) fn receive_chunks(stream: &mut impl Read, wanted: &[u8]) -> Result<(), String> {
    let got = chunks(stream)?;
    if got == wanted { Ok(()) } else { Err(format!("got: {}", shown(&got))) }
}

/// Waits for the end of the stream.
pub(crate) fn receive_end(stream: &mut impl Read) -> Result<(), String> {
    let mut place = [0; 2000];
    match stream.read(&mut place) {
        Ok(0) => Ok(()),
        Ok(count) => Err(format!("instead of the end: {}", shown(&place[..count]))),
        Err(error) => Err(error.to_string()),
    }
}

/// Waits until exactly these bytes can be read, and leaves them.
pub(crate) fn unread(stream: &TcpStream, wanted: &[u8]) -> Result<(), String> {
    let mut place = vec![0; wanted.len() + 1];
    let there = || stream.peek(&mut place).is_ok_and(|there| place[..there] == *wanted).then_some(());
    eventually(LIMIT, there).ok_or_else(|| format!("other bytes wait: {}", shown(&place)))
}

/// Reads a response with a length, and compares the given parts of it.
pub(crate) fn answer(
    stream: &mut impl Read,
    status: u16,
    headers: &[String],
    body: Option<&[u8]>,
    to_head: bool,
) -> Result<(), String> {
    let answer = Answer::read(stream, to_head)?;
    let differs = |what: &str| Err(format!("{what} of {}", shown(&answer.all())));
    if answer.status != status {
        return differs("status");
    }
    if let Some(missing) = headers.iter().find(|header| !answer.has(header)) {
        return differs(&format!("no {missing}: headers"));
    }
    if body.is_some_and(|body| body != answer.body) { differs("body") } else { Ok(()) }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads a response to its end, and nothing after that; a body without a length ends with the connection.
    pub(crate) fn read(stream: &mut impl Read, to_head: bool) -> Result<Self, String> {
        let head = head(stream)?;
        let text = String::from_utf8_lossy(&head).into_owned();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| format!("not an answer: {}", shown(&head)))?;
        let mut answer = Self { status, head, body: Vec::new() };
        if to_head || matches!(status, 100..200 | 204 | 304) {
            return Ok(answer);
        }
        let read = match answer.header("content-length").map(|value| value.parse::<usize>()) {
            Some(Ok(length)) => {
                answer.body = vec![0; length];
                stream.read_exact(&mut answer.body)
            }
            Some(Err(error)) => return Err(format!("length: {error}")),
            None if answer.header("transfer-encoding").is_some() => {
                answer.body = chunks(stream)?;
                Ok(())
            }
            None => stream.read_to_end(&mut answer.body).map(drop),
        };
        read.map_err(|error| format!("{error} in the body of {}", shown(&answer.all())))?;
        Ok(answer)
    }

    /// Returns the value of the first header with this name.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.head).into_owned();
        let mut headers = text.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// Returns whether it has this header; the case of the name does not matter.
    fn has(&self, header: &str) -> bool {
        let Some((name, value)) = header.split_once(':') else { return false };
        let text = String::from_utf8_lossy(&self.head).into_owned();
        let mut headers = text.lines().filter_map(|line| line.split_once(':'));
        headers.any(|(other, got)| other.eq_ignore_ascii_case(name) && got.trim() == value.trim())
    }

    fn all(&self) -> Vec<u8> {
        [&self.head[..], &self.body].concat()
    }
}

/// Reads up to the empty line, and not a byte further.
pub(crate) fn head(stream: &mut impl Read) -> Result<Vec<u8>, String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) if head.len() < HEAD => head.push(byte[0]),
            Ok(_) => return Err(format!("the end instead of a head: {}", shown(&head))),
            Err(error) => return Err(format!("{error} in a head: {}", shown(&head))),
        }
    }
    Ok(head)
}

/// Returns the data of chunks up to their end.
fn chunks(stream: &mut impl Read) -> Result<Vec<u8>, String> {
    let (mut decoder, mut data) = (Decoder::default(), Vec::new());
    while !decoder.is_over() {
        let mut byte = [0];
        stream.read_exact(&mut byte).map_err(|error| format!("{error} in a chunk"))?;
        data.extend(decoder.decode(&byte)?);
    }
    Ok(data)
}

/// Reads what has arrived, for messages.
fn drain(stream: &TcpStream, got: &mut Vec<u8>) {
    let mut place = [0; 2000];
    drop(stream.set_nonblocking(true));
    if let Ok(count) = stream.peek(&mut place) {
        got.extend(&place[..count]);
    }
    drop(stream.set_nonblocking(false));
}

/// Decodes chunks, which may be cut anywhere. Trailers are skipped.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: Chunk,
    line: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Chunk {
    #[default]
    Size,
    Data(usize),
    /// The line end after the data.
    Gap,
    Trailer,
    Over,
}

impl Decoder {
    pub(crate) fn is_over(&self) -> bool {
        self.state == Chunk::Over
    }

    pub(crate) fn decode(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut data = Vec::new();
        while let Some((first, rest)) = bytes.split_first() {
            if let Chunk::Data(left) = self.state {
                let (now, rest) = bytes.split_at(left.min(bytes.len()));
                data.extend(now);
                bytes = rest;
                self.state = if now.len() == left { Chunk::Gap } else { Chunk::Data(left - now.len()) };
                continue;
            }
            if self.is_over() {
                return Err(format!("after the last chunk: {}", shown(bytes)));
            }
            self.line.push(*first);
            bytes = rest;
            if self.line.ends_with(b"\r\n") {
                self.state = self.next()?;
                self.line.clear();
            }
        }
        Ok(data)
    }

    /// Returns what follows the line.
    fn next(&self) -> Result<Chunk, String> {
        let line = &self.line[..self.line.len() - 2];
        match (self.state, line.is_empty()) {
            (Chunk::Gap, true) => Ok(Chunk::Size),
            (Chunk::Trailer, true) => Ok(Chunk::Over),
            (Chunk::Trailer, false) => Ok(Chunk::Trailer),
            (Chunk::Size, false) => {
                let text = String::from_utf8_lossy(line);
                let size = usize::from_str_radix(&text, 16).map_err(|error| format!("{text:?}: {error}"))?;
                Ok(if size == 0 { Chunk::Trailer } else { Chunk::Data(size) })
            }
            _ => Err(format!("in chunks: {}", shown(line))),
        }
    }
}

/// Returns whether an error of a read is only an expired timeout.
pub(crate) fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
