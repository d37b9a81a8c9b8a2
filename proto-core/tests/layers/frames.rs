//! A layer with a handshake, frames and an end of its own, in which one fault can be planted.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use proto_core::layer::{Filter, Findings, Layer, LayerError, Outgoing, Wrapped};
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadBuf};

/// A fault to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    EndsInAFrame,
    GoesOn,
    FlushKeeps,
    ShutdownForgets,
    HoldsAll,
    HeadersAtOnce,
    WritesAtOnce,
    GreetsAnEnd,
    TakesJunk,
    Spins,
    FramesNothing,
    OneSlice,
    Nameless,
}

const ASKED: &[u8] = b"HI1\n";
const ANSWERED: &[u8] = b"OK1\n";
/// The first byte of a frame; a length in two bytes and the bytes follow. A frame without bytes is the end.
const MARK: u8 = 0xf5;
const HEADER: usize = 3;
/// The most bytes that wait to be written.
const HELD: usize = 32 * 1024;

#[derive(Debug)]
pub(crate) struct Frames {
    pub(crate) fault: Fault,
}

impl Frames {
    async fn expect(&self, stream: &mut Box<dyn Stream>, wanted: &[u8]) -> io::Result<()> {
        let mut got = vec![0; wanted.len()];
        match stream.read_exact(&mut got).await {
            Err(_) if self.fault == Fault::GreetsAnEnd => Ok(()),
            Err(error) => Err(error),
            Ok(_) if got == wanted || self.fault == Fault::TakesJunk => Ok(()),
            Ok(_) => Err(io::Error::new(ErrorKind::InvalidData, "it is not the greeting")),
        }
    }

    fn over(&self, below: Box<dyn Stream>) -> Box<dyn Stream> {
        let framing =
            Framing { fault: self.fault, input: Vec::new(), left: 0, ended: false, out: Vec::new() };
        Box::new(Wrapped::new(framing, below))
    }
}

#[async_trait]
impl Layer for Frames {
    fn name(&self) -> &'static str {
        "frames"
    }

    async fn accept(
        &self,
        mut stream: Box<dyn Stream>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let greeted = async {
            self.expect(&mut stream, ASKED).await?;
            stream.write_all(ANSWERED).await?;
            stream.flush().await
        };
        greeted.await.map_err(|error| LayerError::failed(self.name(), error))?;
        Ok(self.over(stream))
    }

    async fn connect(
        &self,
        mut stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let greeted = async {
            stream.write_all(ASKED).await?;
            stream.flush().await?;
            self.expect(&mut stream, ANSWERED).await
        };
        greeted.await.map_err(|error| LayerError::failed(self.name(), error))?;
        Ok(self.over(stream))
    }
}

#[derive(Debug)]
struct Framing {
    fault: Fault,
    /// Bytes that were read and not yet parsed.
    input: Vec<u8>,
    /// The number of bytes left of the current frame.
    left: usize,
    ended: bool,
    /// Bytes that were framed and not yet written.
    out: Vec<u8>,
}

impl Framing {
    /// Reads more bytes; returns false at the end of the stream below.
    fn poll_fill(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut piece = [0; 4096];
        let mut part = ReadBuf::new(&mut piece);
        let poll = Pin::new(below).poll_read(cx, &mut part);
        if poll.is_pending() && self.fault == Fault::Spins {
            cx.waker().wake_by_ref();
        }
        ready!(poll)?;
        self.input.extend_from_slice(part.filled());
        Poll::Ready(Ok(!part.filled().is_empty()))
    }

    fn poll_drain(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let written = ready!(Pin::new(&mut *below).poll_write(cx, &self.out))?;
            let gone = if self.fault == Fault::WritesAtOnce { self.out.len() } else { written };
            self.out.drain(..gone);
        }
        Poll::Ready(Ok(()))
    }
}

impl Filter for Framing {
    fn name(&self) -> Option<&'static str> {
        (self.fault != Fault::Nameless).then_some("frames")
    }

    fn poll_read(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.ended || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let length = self.left.min(self.input.len()).min(buf.remaining());
            if length > 0 {
                buf.put_slice(&self.input[..length]);
                self.input.drain(..length);
                self.left -= length;
                return Poll::Ready(Ok(()));
            }
            if self.left == 0 && self.input.len() >= HEADER {
                if self.input[0] != MARK {
                    return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, "no frame begins here")));
                }
                self.left = usize::from(u16::from_be_bytes([self.input[1], self.input[2]]));
                let is_end = self.left == 0;
                self.input.drain(..HEADER);
                if is_end && self.fault == Fault::GoesOn {
                    return Poll::Ready(Ok(()));
                }
                self.ended = is_end;
                continue;
            }
            if self.left == 0 && !self.input.is_empty() && self.fault == Fault::HeadersAtOnce {
                return Poll::Ready(Err(ErrorKind::InvalidData.into()));
            }
            if !ready!(self.poll_fill(below, cx))? {
                self.ended = self.fault == Fault::EndsInAFrame;
                return Poll::Ready(if self.ended { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) });
            }
        }
    }

    fn poll_write(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.out.len() > HELD && self.fault != Fault::HoldsAll {
            ready!(self.poll_drain(below, cx))?;
        }
        let slices = if self.fault == Fault::OneSlice { &bufs[..bufs.len().min(1)] } else { bufs };
        let bytes: Vec<u8> = slices.iter().flat_map(|buf| buf.iter().copied()).take(16 * 1024).collect();
        if !bytes.is_empty() || self.fault == Fault::FramesNothing {
            self.out.push(MARK);
            self.out.extend((bytes.len() as u16).to_be_bytes());
            self.out.extend_from_slice(&bytes);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.fault != Fault::FlushKeeps {
            ready!(self.poll_drain(below, cx))?;
        }
        Pin::new(below).poll_flush(cx)
    }

    fn poll_shutdown(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        const END: [u8; HEADER] = [MARK, 0, 0];
        if self.fault == Fault::ShutdownForgets {
            self.out.clear();
        }
        if !self.out.ends_with(&END) {
            self.out.extend(END);
        }
        ready!(self.poll_drain(below, cx))?;
        Pin::new(below).poll_shutdown(cx)
    }
}
