//! The stream below a layer: a connection in memory that reads and writes in the pieces that a case requests, that can
//! be cut off or stop, and that records the calls that it receives.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::stub::{Calls, original};
use crate::address::Address;
use crate::info::{ConnectionInfo, PathEvent};
use crate::memory::{MemoryStream, address, pair};
use crate::options::SocketOption;
use crate::protocol::Incoming;
use crate::stream::{PathEvents, SpliceEnd, Stream, Support};

/// How one end of a connection reads and writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// The most bytes that one read returns.
    pub(super) read: usize,
    /// The most bytes that one write accepts.
    pub(super) write: usize,
    /// After this many bytes one read is pending, and the next one continues there.
    pub(super) split: Option<usize>,
    /// After this many bytes there are no more.
    pub(super) stop: Option<(usize, Stop)>,
    /// Bytes to repeat in the read that returns the last ones.
    pub(super) again: Option<Again>,
}

/// Bytes that are repeated after all that were sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    /// The offset of the first.
    pub(super) from: usize,
    /// The offset after the last.
    pub(super) to: usize,
    /// The number of bytes sent.
    pub(super) sent: usize,
}

/// How the bytes stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// With an end of file.
    End,
    /// The peer sends no more.
    Silence,
}

impl Plan {
    /// A plan that changes nothing.
    pub(super) const PLAIN: Plan =
        Plan { read: usize::MAX, write: usize::MAX, split: None, stop: None, again: None };
}

/// What happened at one end.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The number of bytes read.
    pub(super) read: usize,
    /// The number of bytes written.
    pub(super) written: usize,
    /// The number of reads without bytes.
    pub(super) silent: usize,
    /// Whether the stream was dropped or aborted.
    pub(super) closed: bool,
    was_split: bool,
    /// The bytes to repeat.
    kept: Vec<u8>,
}

/// The observer of one end of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    seen: Arc<Mutex<Seen>>,
    pub(super) calls: Calls,
}

impl End {
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a connection and returns the client's end first.
pub(super) fn wires(client: Plan, server: Plan) -> ((Wire, End), (Wire, End)) {
    let (one, other) = pair(address("client"), address("server"));
    let wire = |below, plan| {
        let end = End::default();
        (Wire { below: Some(below), plan, end: end.clone() }, end)
    };
    (wire(one, client), wire(other, server))
}

/// One end of a connection.
#[derive(Debug)]
pub(super) struct Wire {
    /// `None` only while it is taken apart.
    below: Option<MemoryStream>,
    plan: Plan,
    end: End,
}

impl Wire {
    fn below(&mut self) -> Pin<&mut MemoryStream> {
        Pin::new(self.below.as_mut().expect("it is whole"))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let plan = self.plan;
        let mut most = plan.read.min(buf.remaining()).min(16 * 1024);
        {
            let mut seen = self.end.seen();
            if let Some((stop, how)) = plan.stop {
                most = most.min(stop - seen.read);
                if seen.read == stop {
                    seen.silent += 1;
                    return if how == Stop::End { Poll::Ready(Ok(())) } else { Poll::Pending };
                }
            }
            if let Some(split) = plan.split {
                if seen.read == split && !seen.was_split {
                    seen.was_split = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                if seen.read < split {
                    most = most.min(split - seen.read);
                }
            }
        }
        let mut piece = vec![0; most];
        let mut part = ReadBuf::new(&mut piece);
        ready!(self.below().poll_read(cx, &mut part))?;
        buf.put_slice(part.filled());
        let mut seen = self.end.seen();
        let position = seen.read;
        seen.read += part.filled().len();
        if let Some(Again { from, to, sent }) = plan.again {
            let inside = |at: usize| at.clamp(position, seen.read) - position;
            let kept = part.filled()[inside(from)..inside(to)].to_vec();
            seen.kept.extend(kept);
            if seen.read == sent {
                let kept = std::mem::take(&mut seen.kept);
                buf.put_slice(&kept[..kept.len().min(buf.remaining())]);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let most = self.plan.write;
        let written = if most == usize::MAX {
            ready!(self.below().poll_write_vectored(cx, bufs))?
        } else {
            let bytes: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).take(most).collect();
            ready!(self.below().poll_write(cx, &bytes))?
        };
        self.end.seen().written += written;
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end.calls.note("poll_flush");
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end.calls.note("poll_shutdown");
        self.below().poll_shutdown(cx)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.below.is_some() {
            self.end.seen().closed = true;
        }
    }
}

impl PathEvents for Wire {
    fn poll_event(&self, _: &mut Context<'_>) -> Poll<PathEvent> {
        Poll::Ready(PathEvent::Down { id: 7, error: None })
    }
}

impl Stream for Wire {
    fn peer_addr(&self) -> Address {
        self.below.as_ref().expect("it is whole").peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.below.as_ref().expect("it is whole").local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        self.below.as_ref().expect("it is whole").info()
    }

    fn abort(mut self: Box<Self>) {
        self.end.calls.note("abort");
        self.end.seen().closed = true;
        if let Some(below) = self.below.take() {
            Box::new(below).abort();
        }
    }

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        Ok(Support::Partly("it is in memory"))
    }

    fn original_dst(&self) -> Option<Address> {
        Some(original())
    }

    fn has_ended(&self) -> bool {
        true
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        self.end.calls.note("detach");
        let peer = self.peer_addr();
        Ok(Box::new(Detached { wire: *self, peer }))
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        self.end.calls.note("splice_read");
        None
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        self.end.calls.note("splice_write");
        None
    }

    fn path_events(&self) -> Option<&dyn PathEvents> {
        Some(self)
    }
}

#[derive(Debug)]
struct Detached {
    wire: Wire,
    peer: Address,
}

impl Incoming for Detached {
    fn peer_addr(&self) -> &Address {
        &self.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.wire))
    }
}
