//! A second codec between a stream and the traits of an exchange: the [format](super::format) is its own. It exists to
//! show that the proxy knows nothing of HTTP/1, and is written as briefly as that allows: it is slow, and sends nothing
//! before it is flushed.

mod back;
mod front;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Fields, Method};
use tokio::io::ReadBuf;

use super::format::{self, DATA, END, HEAD};
use crate::exchange::back::Back;
use crate::exchange::body::{BodyIn, BodyOut, Part};
use crate::exchange::codec::Codec;
use crate::exchange::error::Broken;
use crate::exchange::front::Front;

/// This codec on both sides.
pub(super) const CODEC: Codec = Codec {
    front: |stream, _| Front::Serial(Box::new(Records::new(stream))),
    back: |stream, _| Back::Serial(Box::new(Records::new(stream))),
};

/// What comes next of the message that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Incoming {
    Head,
    Record,
    /// So many bytes of a record of data.
    Data(usize),
    Nothing,
}

/// What comes next of the message that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outgoing {
    Body,
    /// It has none, whatever is sent.
    NoBody,
    Nothing,
}

/// A connection.
#[derive(Debug)]
struct Records {
    stream: Box<dyn Stream>,
    input: Vec<u8>,
    output: Vec<u8>,
    incoming: Incoming,
    outgoing: Outgoing,
    trailers: Fields,
    /// The method of the request.
    method: Method,
    is_at_end: bool,
    goes_on: bool,
    received: u64,
    sent: u64,
    /// Bytes that had been sent before the response.
    sent_before: u64,
    /// Bytes that had been consumed and sent when the exchange began.
    begins: (u64, u64),
}

impl Records {
    fn new(stream: Box<dyn Stream>) -> Records {
        Records {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            incoming: Incoming::Head,
            outgoing: Outgoing::Nothing,
            trailers: Fields::default(),
            method: Method::Get,
            is_at_end: false,
            goes_on: true,
            received: 0,
            sent: 0,
            sent_before: 0,
            begins: (0, 0),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(room);
        ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut buffer))?;
        let n = buffer.filled().len();
        self.received += n as u64;
        self.is_at_end = n == 0;
        Poll::Ready(Ok(n))
    }

    fn poll_more(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let n = ready!(self.poll_read(cx, room))?;
        self.input.extend_from_slice(&room[..n]);
        Poll::Ready(Ok(n))
    }

    /// What a head says, if it is one of that tag: the first pair, the body, the fields.
    fn take_head(&mut self, tag: u8) -> Option<Result<HeadText, Broken>> {
        if format::tag(&self.input)?.0 != tag {
            return Some(Err(Broken::Malformed));
        }
        let text = format::text(&self.input)?;
        let used = HEAD + text.len();
        let mut pairs = format::pairs(text);
        let body = format::body(&pairs.remove(1).1);
        let first = pairs.remove(0);
        self.input.drain(..used);
        self.incoming = if body == BodyLength::Empty { Incoming::Nothing } else { Incoming::Record };
        self.trailers.clear();
        Some(Ok((first, body, pairs)))
    }

    /// What HTTP/1 says in a head about its connection and its framing has no place here.
    fn put_head(&mut self, tag: u8, first: (&str, &str), body: BodyLength, fields: &Fields) {
        // A length is said by the body, where there is one or none that could be.
        let keeps_length = body == BodyLength::Empty && (self.method == Method::Head || first.1 == "304");
        let is_ours = |name: &str| match name {
            "connection" | "transfer-encoding" => false,
            "content-length" => keeps_length,
            _ => true,
        };
        let length = format::length(body);
        let fields = format::strings(fields);
        let fields = fields.iter().filter(|(name, _)| is_ours(name));
        let fields = fields.map(|(name, value)| (&**name, &**value));
        let text = format::lines([first, ("length", &length)].into_iter().chain(fields));
        self.output.extend(format::record(tag, &text));
        self.outgoing = if body == BodyLength::Empty { Outgoing::NoBody } else { Outgoing::Body };
    }
}

type HeadText = ((String, String), BodyLength, Vec<(String, String)>);

fn add(fields: &mut Fields, pairs: &[(String, String)]) {
    pairs.iter().for_each(|(name, value)| fields.add(name.as_bytes(), value.as_bytes()).unwrap());
}

/// What HTTP/1 wants to be said of an `upgrade`, and does not say by itself where it writes a message. Whether there is
/// one.
fn name_upgrade(fields: &mut Fields) -> bool {
    let offers = fields.has(b"upgrade");
    if offers {
        fields.add(b"connection", b"upgrade").unwrap();
    }
    offers
}

fn broken(read: io::Result<usize>) -> Result<(), Broken> {
    match read {
        Ok(0) => Err(Broken::Ended),
        Ok(_) => Ok(()),
        Err(_) => Err(Broken::Failed),
    }
}

impl BodyIn for Records {
    fn poll_body(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Result<Part, Broken>> {
        loop {
            match self.incoming {
                Incoming::Nothing => return Poll::Ready(Ok(Part::End)),
                Incoming::Data(0) => self.incoming = Incoming::Record,
                Incoming::Data(left) if self.input.is_empty() => {
                    let most = left.min(room.len());
                    let read = ready!(self.poll_read(cx, &mut room[..most]));
                    let n = *read.as_ref().unwrap_or(&0);
                    broken(read)?;
                    self.incoming = Incoming::Data(left - n);
                    return Poll::Ready(Ok(Part::Data(n)));
                }
                Incoming::Data(left) => {
                    let n = left.min(room.len()).min(self.input.len());
                    room[..n].copy_from_slice(&self.input[..n]);
                    self.input.drain(..n);
                    self.incoming = Incoming::Data(left - n);
                    return Poll::Ready(Ok(Part::Data(n)));
                }
                Incoming::Head | Incoming::Record => match format::tag(&self.input) {
                    Some((DATA, length)) => {
                        self.input.drain(..HEAD);
                        self.incoming = Incoming::Data(length);
                    }
                    Some((END, length)) if self.input.len() >= HEAD + length => {
                        add(&mut self.trailers, &format::pairs(&self.input[HEAD..HEAD + length]));
                        self.input.drain(..HEAD + length);
                        self.incoming = Incoming::Nothing;
                    }
                    None | Some((END, _)) => broken(ready!(self.poll_more(cx, room)))?,
                    Some(_) => return Poll::Ready(Err(Broken::Malformed)),
                },
            }
        }
    }

    fn trailers(&self) -> &Fields {
        &self.trailers
    }

    fn is_complete(&self) -> bool {
        self.incoming == Incoming::Nothing
    }
}

impl BodyOut for Records {
    fn send(&mut self, _: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()> {
        if self.outgoing == Outgoing::Body && !data.is_empty() {
            self.output.extend(format::record(DATA, data));
        }
        if let Some(trailers) = end {
            if self.outgoing == Outgoing::Body {
                let trailers = format::strings(trailers);
                let lines = format::lines(trailers.iter().map(|(name, value)| (&**name, &**value)));
                self.output.extend(format::record(END, &lines));
            }
            self.outgoing = Outgoing::Nothing;
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.output.is_empty() {
            let n = ready!(Pin::new(&mut *self.stream).poll_write(cx, &self.output))?;
            self.output.drain(..n);
            self.sent += n as u64;
        }
        Pin::new(&mut *self.stream).poll_flush(cx)
    }

    fn kept(&self) -> usize {
        self.output.len()
    }
}
