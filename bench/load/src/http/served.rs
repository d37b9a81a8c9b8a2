//! The origin's side of one connection: requests in, responses out, one after the other.
//!
//! ```text
//!            head of GET                     sent
//!  Idle ────────────────────────► Answering ─────► Idle, or the end if the connection closes
//!   └─ head of POST ► Body ─ end ─────┘
//! ```

use std::io::{self, Write};
use std::os::fd::AsFd;

use socket2::Socket;

use super::framing::{FramingError, Unframer};
use super::head::{self, HeadError, Method, RequestHead};
use super::outgoing::{Outgoing, Prefix};
use super::resource::Resource;
use crate::pattern::Pattern;
use crate::sys::{self, Watch};
use crate::wire::Verdict;

/// The bytes per call: they fit an L2 cache, and a megabyte takes eight calls.
const BUFFER: usize = 128 * 1024;
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Buffers that all connections of a thread use in turn.
#[derive(Debug)]
pub(crate) struct Buffers {
    pub(crate) input: Vec<u8>,
    pub(crate) output: Vec<u8>,
}

impl Buffers {
    pub(crate) fn new() -> Self {
        Self { input: vec![0; BUFFER], output: vec![0; BUFFER] }
    }
}

/// The reason why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    /// Closed between two requests, or as agreed.
    #[error("closed")]
    Closed,
    #[error("the client closed in the middle of a request")]
    Early,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Request(#[from] HeadError),
}

impl From<FramingError> for End {
    fn from(error: FramingError) -> Self {
        Self::Request(error.into())
    }
}

/// The counts of an origin, which has one thread.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) requests: u64,
    pub(crate) posted: u64,
    pub(crate) mismatched: u64,
}

#[derive(Debug)]
pub(crate) struct Served {
    socket: Socket,
    state: State,
    /// Bytes that have arrived and cannot be used yet: a part of a head, or bytes that are early.
    pending: Vec<u8>,
    /// How the socket is watched.
    pub(crate) watch: Watch,
}

#[derive(Debug)]
enum State {
    Idle,
    Body { unframer: Unframer, pattern: Pattern, verdict: Verdict, close: bool },
    Answering { message: Box<Outgoing>, sent: u64, close: bool },
}

impl Served {
    /// Creates the state for a socket that is watched for reading.
    pub(crate) fn new(socket: Socket) -> Self {
        Self { socket, state: State::Idle, pending: Vec::new(), watch: Watch::Readable }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Goes on with what the socket is ready for; returns what to wait for next.
    pub(crate) fn advance(&mut self, buffers: &mut Buffers, seen: &mut Seen) -> Result<Watch, End> {
        if self.watch == Watch::Writable {
            let pending = std::mem::take(&mut self.pending);
            return self.consume(&pending, &mut buffers.output, seen);
        }
        // Read once: if more is left, the socket becomes ready again.
        let count = match sys::receive(self.socket.as_fd(), &mut buffers.input) {
            Ok(0) if matches!(self.state, State::Idle) && self.pending.is_empty() => return Err(End::Closed),
            Ok(0) => return Err(End::Early),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(self.watch),
            Err(error) => return Err(error.into()),
        };
        if self.pending.is_empty() {
            self.consume(&buffers.input[..count], &mut buffers.output, seen)
        } else {
            let mut data = std::mem::take(&mut self.pending);
            data.extend_from_slice(&buffers.input[..count]);
            self.consume(&data, &mut buffers.output, seen)
        }
    }

    fn consume(&mut self, mut data: &[u8], output: &mut [u8], seen: &mut Seen) -> Result<Watch, End> {
        loop {
            match &mut self.state {
                State::Idle if data.is_empty() => return Ok(Watch::Readable),
                State::Idle => {
                    let Some(head) = head::request(data)? else {
                        self.pending = data.to_vec();
                        return Ok(Watch::Readable);
                    };
                    data = &data[head.len..];
                    seen.requests += 1;
                    self.state = self.begin(head)?;
                }
                State::Body { unframer, pattern, verdict, close } => {
                    let taken = unframer.take::<End>(data, |bytes| {
                        check(pattern, verdict, bytes);
                        Ok(())
                    })?;
                    data = &data[taken..];
                    if !unframer.is_done() {
                        return Ok(Watch::Readable);
                    }
                    seen.posted += verdict.bytes;
                    seen.mismatched += u64::from(verdict.mismatch.is_some());
                    let text = verdict.to_string();
                    self.state = answering("200 OK", Body::Text(&text), *close)?;
                }
                State::Answering { message, sent, close } => {
                    if !send(&self.socket, message, sent, output)? {
                        self.pending = data.to_vec();
                        return Ok(Watch::Writable);
                    }
                    if *close {
                        return Err(End::Closed);
                    }
                    self.state = State::Idle;
                }
            }
        }
    }

    fn begin(&self, head: RequestHead) -> Result<State, End> {
        let RequestHead { method, resource, framing, close, expects, .. } = head;
        match (method, resource) {
            (Method::Post, Some(resource)) => {
                if expects {
                    // The send buffer is empty: it takes everything, or the connection is not worth more.
                    sys::send(self.socket.as_fd(), CONTINUE)?;
                }
                let verdict = Verdict { bytes: 0, mismatch: None, stall: std::time::Duration::ZERO };
                let pattern = Pattern::new(resource.seed);
                Ok(State::Body { unframer: Unframer::new(framing), pattern, verdict, close })
            }
            // An unexpected body is not read; the connection cannot be used after it.
            (Method::Get, Some(resource)) => {
                answering("200 OK", Body::Of(resource), close || framing.has_body())
            }
            (Method::Head, Some(resource)) => {
                answering("200 OK", Body::Not(resource), close || framing.has_body())
            }
            (_, None) => answering("404 Not Found", Body::Text("no such resource\n"), true),
            (Method::Other, Some(_)) => {
                answering("405 Method Not Allowed", Body::Text("GET, HEAD, POST\n"), true)
            }
        }
    }
}

fn check(pattern: &Pattern, verdict: &mut Verdict, bytes: &[u8]) {
    if verdict.mismatch.is_none()
        && let Err(mismatch) = pattern.check(verdict.bytes, bytes)
    {
        verdict.mismatch = Some(mismatch.offset);
    }
    verdict.bytes += bytes.len() as u64;
}

enum Body<'a> {
    Of(Resource),
    /// The head only.
    Not(Resource),
    Text(&'a str),
}

fn answering(status: &str, body: Body<'_>, close: bool) -> Result<State, End> {
    let mut head = Prefix::new();
    write!(head, "HTTP/1.1 {status}\r\nContent-Type: application/octet-stream\r\n")?;
    if close {
        head.write_all(b"Connection: close\r\n")?;
    }
    let message = match body {
        Body::Text(text) => {
            write!(head, "Content-Length: {}\r\n\r\n{text}", text.len())?;
            Outgoing::short(head)
        }
        Body::Of(resource) | Body::Not(resource) => {
            match resource.chunk {
                Some(_) => head.write_all(b"Transfer-Encoding: chunked\r\n\r\n")?,
                None => write!(head, "Content-Length: {}\r\n\r\n", resource.bytes)?,
            }
            match body {
                Body::Of(_) => Outgoing::new(head, resource.seed, resource.bytes, resource.chunk),
                _ => Outgoing::short(head),
            }
        }
    };
    Ok(State::Answering { message: Box::new(message), sent: 0, close })
}

/// Sends from `sent` on; returns false when the socket is full, which a short write shows as well as an error.
pub(crate) fn send(
    socket: &Socket,
    message: &Outgoing,
    sent: &mut u64,
    output: &mut [u8],
) -> io::Result<bool> {
    loop {
        let len = message.fill(*sent, output);
        let count = match sys::send(socket.as_fd(), &output[..len]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        *sent += count as u64;
        if count < len {
            return Ok(false);
        }
        // A buffer that was not filled contained the end.
        if len < output.len() {
            return Ok(true);
        }
    }
}
