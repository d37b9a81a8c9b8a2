//! The stream below a layer: a connection in memory whose reads and writes come in the pieces that a case wants, that
//! may be cut off or stand still, and that notes what is called of it.

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
    /// Bytes that one read gives at most.
    pub(super) read: usize,
    /// Bytes that one write takes at most.
    pub(super) write: usize,
    /// After so many bytes one read is pending first, and the next one begins there.
    pub(super) split: Option<usize>,
    /// After so many bytes there are no more.
    pub(super) stop: Option<(usize, Stop)>,
    /// Once all has been read, in the same read, some of it comes again.
    pub(super) again: Option<Again>,
}

/// Bytes that come a second time, after all that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    /// The first of them.
    pub(super) from: usize,
    /// The one after the last of them.
    pub(super) to: usize,
    /// How many were sent.
    pub(super) sent: usize,
}

/// How the bytes stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// With an end of file.
    End,
    /// The peer says no more.
    Silence,
}

impl Plan {
    /// As the memory has it.
    pub(super) const PLAIN: Plan =
        Plan { read: usize::MAX, write: usize::MAX, split: None, stop: None, again: None };
}

/// What has happened at one end.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Bytes read.
    pub(super) read: usize,
    /// Bytes written.
    pub(super) written: usize,
    /// Reads that found silence.
    pub(super) silent: usize,
    /// Whether the stream is dropped or aborted.
    pub(super) closed: bool,
    was_split: bool,
    /// What comes again.
    kept: Vec<u8>,
}

/// One end of a connection, from outside.
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

/// A connection, the client's end first.
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
