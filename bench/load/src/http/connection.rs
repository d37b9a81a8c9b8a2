//! The client's side of one connection: one exchange after the other, each checked to the last byte.
//!
//! ```text
//!        begin          sent           head              last byte
//!  Idle ──────► Sending ────► Waiting ──────► Receiving ──────────► Idle, done
//!                                                 └── if it closes ─► Ending ─ end of stream ─► done
//! ```
//!
//! A response that arrives before the request is sent is read after it: the limit then is the peer, and the result
//! is a reset.

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use socket2::Socket;

use super::framing::{Framing, FramingError, Unframer};
use super::head;
use super::outgoing::Outgoing;
use super::served::{Buffers, send};
use crate::failure::{Failure, Step};
use crate::link::{Dial, PathState, Transport};
use crate::pattern::Pattern;
use crate::sys::{self, Watch};
use crate::wire::Verdict;

/// The expected response.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    Body {
        pattern: Pattern,
        bytes: u64,
    },
    /// The origin's verdict on this many bytes of the request.
    Verdict {
        bytes: u64,
    },
}

/// The progress of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advance {
    /// The socket has to become ready for this.
    Blocked(Watch),
    /// The response is complete and right. A connection that closes cannot be used again.
    Done { close: bool },
    /// No exchange was in progress, and the peer closed.
    Left,
}

#[derive(Debug)]
pub(crate) struct Connection {
    socket: Socket,
    dial: Dial,
    state: State,
    established: bool,
    /// A head that has arrived in part.
    pending: Vec<u8>,
    /// How the socket is watched.
    pub(crate) watch: Watch,
    path: Option<PathState>,
}

#[derive(Debug)]
enum State {
    Idle,
    Sending {
        message: Box<Outgoing>,
        sent: u64,
        expected: Expected,
    },
    Waiting {
        expected: Expected,
    },
    Receiving {
        unframer: Unframer,
        body: Body,
        close: bool,
    },
    /// Everything has arrived; only the end of the stream is missing.
    Ending,
}

impl Connection {
    /// Begins to connect; the socket is to be watched for reading. The result appears when the first request is
    /// sent.
    pub(crate) fn open(dial: &Dial) -> Result<Self, Failure> {
        let socket = dial.begin().map_err(|error| Failure::io(Step::Connect(dial.addr), error))?;
        Ok(Self {
            socket,
            dial: *dial,
            state: State::Idle,
            established: false,
            pending: Vec::new(),
            watch: Watch::Readable,
            path: None,
        })
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(crate) fn id(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Returns the operation in progress, for a failure from outside: an expired timeout.
    pub(crate) fn step(&self) -> Step {
        match self.state {
            _ if !self.established => Step::Connect(self.dial.addr),
            State::Sending { .. } => Step::Send,
            _ => Step::Receive,
        }
    }

    /// Returns the path of the socket, or its path when the last response was complete: a peer that closes ends its
    /// subflows, too.
    pub(crate) fn path(&self) -> Option<PathState> {
        self.path.or_else(|| self.dial.transport.path_of(&self.socket))
    }

    /// Begins the next exchange; [`Connection::advance`] carries it out.
    pub(crate) fn begin(&mut self, message: Outgoing, expected: Expected) {
        self.state = State::Sending { message: Box::new(message), sent: 0, expected };
    }

    /// Goes on as far as the socket allows.
    pub(crate) fn advance(&mut self, buffers: &mut Buffers) -> Result<Advance, Failure> {
        if let State::Sending { message, sent, expected } = &mut self.state {
            match send(&self.socket, message, sent, &mut buffers.output) {
                Ok(true) => self.state = State::Waiting { expected: *expected },
                Ok(false) => {
                    self.established |= *sent > 0;
                    return Ok(Advance::Blocked(Watch::Writable));
                }
                Err(error) => return Err(self.not_sent(error)),
            }
            self.established = true;
            return Ok(Advance::Blocked(Watch::Readable));
        }
        // Read once: if more is left, the socket becomes ready again.
        match sys::receive(self.socket.as_fd(), &mut buffers.input) {
            Ok(0) => self.ended(),
            Ok(count) if self.pending.is_empty() => self.received(&buffers.input[..count]),
            Ok(count) => {
                let mut data = std::mem::take(&mut self.pending);
                data.extend_from_slice(&buffers.input[..count]);
                self.received(&data)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Advance::Blocked(Watch::Readable)),
            Err(error) => Err(Failure::io(Step::Receive, error)),
        }
    }

    /// The error of a failed connect is returned by the first send, sometimes as a broken pipe; the socket's own
    /// error is more precise.
    fn not_sent(&self, error: io::Error) -> Failure {
        if self.established {
            return Failure::io(Step::Send, error);
        }
        let cause = self.socket.take_error().ok().flatten().unwrap_or(error);
        Failure::io(Step::Connect(self.dial.addr), cause)
    }

    fn received(&mut self, mut data: &[u8]) -> Result<Advance, Failure> {
        loop {
            match &mut self.state {
                State::Idle | State::Ending => {
                    return Err(Failure::Excess { got: data.len() as u64, expected: 0 });
                }
                // Not read while sending.
                State::Sending { .. } => return Ok(Advance::Blocked(Watch::Writable)),
                State::Waiting { expected } => {
                    let Some(head) = head::answer(data)? else {
                        self.pending = data.to_vec();
                        return Ok(Advance::Blocked(Watch::Readable));
                    };
                    data = &data[head.len..];
                    if let 100..200 = head.status {
                        continue;
                    }
                    if head.status != 200 {
                        return Err(Failure::Status(head.status));
                    }
                    let body = Body::new(*expected);
                    if let (Framing::Length(length), Some(due)) = (head.framing, body.due()) {
                        Failure::length(length, due)?;
                    }
                    let unframer = Unframer::new(head.framing);
                    self.state = State::Receiving { unframer, body, close: head.close };
                }
                State::Receiving { unframer, body, close } => {
                    let taken = unframer.take(data, |bytes| body.take(bytes))?;
                    data = &data[taken..];
                    if !unframer.is_done() {
                        return Ok(Advance::Blocked(Watch::Readable));
                    }
                    body.finish()?;
                    if !data.is_empty() {
                        return Err(Failure::Excess { got: data.len() as u64, expected: 0 });
                    }
                    if !*close {
                        self.state = State::Idle;
                        return Ok(Advance::Done { close: false });
                    }
                    self.look_at_path();
                    self.state = State::Ending;
                    return Ok(Advance::Blocked(Watch::Readable));
                }
            }
        }
    }

    /// Handles the end of the stream.
    fn ended(&mut self) -> Result<Advance, Failure> {
        match &self.state {
            State::Idle => Ok(Advance::Left),
            State::Ending => Ok(Advance::Done { close: true }),
            State::Receiving { unframer, body, .. } if unframer.may_end() => {
                body.finish()?;
                Ok(Advance::Done { close: true })
            }
            State::Receiving { body, .. } => {
                Err(Failure::Short { got: body.got, expected: body.due().unwrap_or(body.got + 1) })
            }
            State::Waiting { .. } | State::Sending { .. } => Err(Failure::Unanswered),
        }
    }

    fn look_at_path(&mut self) {
        if self.dial.transport == Transport::Mptcp {
            self.path = self.dial.transport.path_of(&self.socket);
        }
    }
}

/// A body as it arrives, compared with the expected bytes.
#[derive(Debug)]
struct Body {
    expected: Expected,
    got: u64,
    /// A verdict is kept until it is complete.
    text: Vec<u8>,
}

impl Body {
    fn new(expected: Expected) -> Self {
        Self { expected, got: 0, text: Vec::new() }
    }

    /// Returns the length, if it is known in advance.
    fn due(&self) -> Option<u64> {
        match self.expected {
            Expected::Body { bytes, .. } => Some(bytes),
            Expected::Verdict { .. } => None,
        }
    }

    fn take(&mut self, data: &[u8]) -> Result<(), Failure> {
        let total = self.got + data.len() as u64;
        match &self.expected {
            Expected::Body { pattern, bytes } => {
                let right = data.len().min(usize::try_from(bytes - self.got).unwrap_or(usize::MAX));
                pattern.check(self.got, &data[..right])?;
                if total > *bytes {
                    return Err(Failure::Excess { got: total, expected: *bytes });
                }
            }
            Expected::Verdict { .. } => {
                let room = Verdict::MAX_LEN.saturating_sub(self.text.len());
                self.text.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
        self.got = total;
        Ok(())
    }

    fn finish(&self) -> Result<(), Failure> {
        match self.expected {
            Expected::Body { bytes, .. } => Failure::length(self.got, bytes),
            Expected::Verdict { bytes } => {
                let verdict = Verdict::parse(&self.text)?;
                match verdict.mismatch {
                    Some(offset) => Err(Failure::Refuted { offset, verdict }),
                    None => Failure::length(verdict.bytes, bytes),
                }
            }
        }
    }
}

impl From<FramingError> for Failure {
    fn from(error: FramingError) -> Self {
        Self::Http(error.into())
    }
}
