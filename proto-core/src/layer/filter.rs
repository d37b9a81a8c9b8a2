//! A stream whose bytes a layer changes: the layer processes the bytes, and everything else is forwarded.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::address::Address;
use crate::carriers::Carriers;
use crate::info::ConnectionInfo;
use crate::options::SocketOption;
use crate::protocol::Incoming;
use crate::stream::{PathEvents, SpliceEnd, Stream, Support};

/// The processing of a stream's bytes.
///
/// The stream below is passed to each call. The contract is that of [`Stream`]:
///
/// * The filter must deliver the bytes that `poll_write` has accepted. It may hold a bounded number of them between
///   calls, and `poll_flush` passes them down; the caller flushes when it has nothing more to write for now, and
///   before it drops the stream. Only flushed bytes survive a drop.
/// * `poll_shutdown` delivers the bytes that are held, ends the filter's own framing, and then shuts down the stream
///   below.
/// * An end of file in the middle of a frame is an error ([`io::ErrorKind::UnexpectedEof`]), not an end.
/// * Bytes read ahead stay in the filter, which moves with the connection to another worker.
pub trait Filter: fmt::Debug + Send + Unpin + 'static {
    /// Returns the name in [`ConnectionInfo::layers`] while it changes bytes, or `None` for a filter that is not to be
    /// listed.
    fn name(&self) -> Option<&'static str>;

    /// Reads bytes.
    ///
    /// # Errors
    /// Returns an error if the stream below fails, or if the filter cannot understand its bytes.
    fn poll_read(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>>;

    /// Writes some of the bytes of these buffers.
    ///
    /// # Errors
    /// Returns an error if the stream below fails.
    fn poll_write(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>>;

    /// Passes down the bytes that are held, and flushes the stream below.
    ///
    /// # Errors
    /// Returns an error if the stream below fails.
    fn poll_flush(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(below).poll_flush(cx)
    }

    /// Passes down the bytes that are held, and closes this direction.
    ///
    /// # Errors
    /// Returns an error if the stream below fails.
    fn poll_shutdown(&mut self, below: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(below).poll_shutdown(cx)
    }

    /// Returns whether bytes are read unchanged from now on: nothing is held, nothing will be changed. The filter is
    /// then bypassed for reading, and the bytes may be spliced.
    fn is_done_reading(&self) -> bool {
        false
    }

    /// Returns the same for bytes that are written.
    fn is_done_writing(&self) -> bool {
        false
    }

    /// Adds the filter's facts about the connection.
    fn describe(&self, info: &mut ConnectionInfo) {
        let _ = info;
    }
}

/// A stream with a filter above it.
#[derive(Debug)]
pub struct Wrapped<F> {
    filter: F,
    below: Box<dyn Stream>,
}

impl<F: Filter> Wrapped<F> {
    /// Places a filter above a stream.
    pub fn new(filter: F, below: Box<dyn Stream>) -> Wrapped<F> {
        Wrapped { filter, below }
    }

    /// Returns the name of the filter while it changes bytes.
    fn name(&self) -> Option<&'static str> {
        let touches = !self.filter.is_done_reading() || !self.filter.is_done_writing();
        self.filter.name().filter(|_| touches)
    }
}

impl<F: Filter> AsyncRead for Wrapped<F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Wrapped { filter, below } = &mut *self;
        if filter.is_done_reading() {
            return Pin::new(&mut **below).poll_read(cx, buf);
        }
        filter.poll_read(&mut **below, cx, buf)
    }
}

impl<F: Filter> AsyncWrite for Wrapped<F> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Wrapped { filter, below } = &mut *self;
        if filter.is_done_writing() {
            return Pin::new(&mut **below).poll_write(cx, buf);
        }
        filter.poll_write(&mut **below, cx, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Wrapped { filter, below } = &mut *self;
        if filter.is_done_writing() {
            return Pin::new(&mut **below).poll_write_vectored(cx, bufs);
        }
        filter.poll_write(&mut **below, cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        !self.filter.is_done_writing() || self.below.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Wrapped { filter, below } = &mut *self;
        if filter.is_done_writing() {
            return Pin::new(&mut **below).poll_flush(cx);
        }
        filter.poll_flush(&mut **below, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Wrapped { filter, below } = &mut *self;
        if filter.is_done_writing() {
            return Pin::new(&mut **below).poll_shutdown(cx);
        }
        filter.poll_shutdown(&mut **below, cx)
    }
}

impl<F: Filter> Stream for Wrapped<F> {
    fn peer_addr(&self) -> Address {
        self.below.peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.below.local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        let mut info = self.below.info();
        info.layers.splice(0..0, self.name());
        self.filter.describe(&mut info);
        info
    }

    fn carriers(&self) -> Carriers {
        let mut carriers = self.below.carriers();
        carriers.layers.splice(0..0, self.name());
        carriers
    }

    fn abort(self: Box<Self>) {
        self.below.abort();
    }

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        self.below.set_option(option)
    }

    fn original_dst(&self) -> Option<Address> {
        self.below.original_dst()
    }

    fn has_ended(&self) -> bool {
        self.below.has_ended()
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        let Wrapped { filter, below } = *self;
        Ok(Box::new(WrappedIncoming { filter, below: below.detach()? }))
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        if self.filter.is_done_reading() { self.below.splice_read() } else { None }
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        if self.filter.is_done_writing() { self.below.splice_write() } else { None }
    }

    fn path_events(&self) -> Option<&dyn PathEvents> {
        self.below.path_events()
    }
}

/// A [`Wrapped`] that belongs to no worker.
#[derive(Debug)]
pub struct WrappedIncoming<F> {
    filter: F,
    below: Box<dyn Incoming>,
}

impl<F: Filter> WrappedIncoming<F> {
    /// Places a filter above a connection without a worker, for a transport built on another one.
    pub fn new(filter: F, below: Box<dyn Incoming>) -> WrappedIncoming<F> {
        WrappedIncoming { filter, below }
    }
}

impl<F: Filter> Incoming for WrappedIncoming<F> {
    fn peer_addr(&self) -> &Address {
        self.below.peer_addr()
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        let WrappedIncoming { filter, below } = *self;
        Ok(Box::new(Wrapped { filter, below: below.into_stream()? }))
    }
}
