//! Layers: what turns a stream into a stream. PROXY protocol, SOCKS4 and TLS are layers; [`Prefixed`] is the first.
//!
//! A layer forwards `info`, addresses and vectored writes of the stream below, and answers `None` to the splice
//! capabilities for as long as it has bytes in hand.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::address::Address;
use crate::info::ConnectionInfo;
use crate::options::SocketOption;
use crate::protocol::Incoming;
use crate::stream::{PathEvents, SpliceEnd, Stream, Support};

/// Turns a stream into another one, perhaps after a handshake.
#[async_trait]
pub trait Layer: fmt::Debug + Send + Sync {
    /// Its name, for errors.
    fn name(&self) -> &'static str;

    /// Does the handshake. Dropping the future closes the stream. It has no deadline of its own: see [`apply_within`].
    ///
    /// # Errors
    /// [`LayerError`]; the stream is closed.
    async fn apply(&self, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, LayerError>;
}

/// A handshake failed.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// It took too long.
    #[error("{layer}: no answer within {limit:?}")]
    TimedOut {
        /// The layer.
        layer: &'static str,
        /// The time given.
        limit: Duration,
    },
    /// The stream below failed, or the peer did not keep to the protocol.
    #[error("{layer}: {source}")]
    Failed {
        /// The layer.
        layer: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// [`Layer::apply`] with a deadline.
///
/// # Errors
/// As `apply`, and a time-out.
pub async fn apply_within(
    layer: &dyn Layer,
    stream: Box<dyn Stream>,
    limit: Duration,
) -> Result<Box<dyn Stream>, LayerError> {
    match tokio::time::timeout(limit, layer.apply(stream)).await {
        Ok(result) => result,
        Err(_) => Err(LayerError::TimedOut { layer: layer.name(), limit }),
    }
}

/// A stream with bytes put back before it: what a parser read too much is read again by whoever comes next.
#[derive(Debug)]
pub struct Prefixed {
    prefix: Vec<u8>,
    read: usize,
    stream: Box<dyn Stream>,
}

impl Prefixed {
    /// Puts bytes before a stream. Without any, the stream is returned as it is.
    #[expect(clippy::new_ret_no_self, reason = "a stream without a prefix needs no wrapper")]
    pub fn new(prefix: Vec<u8>, stream: Box<dyn Stream>) -> Box<dyn Stream> {
        if prefix.is_empty() { stream } else { Box::new(Prefixed { prefix, read: 0, stream }) }
    }

    fn pending(&self) -> &[u8] {
        &self.prefix[self.read..]
    }
}

impl AsyncRead for Prefixed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let pending = self.pending();
        if pending.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let length = pending.len().min(buf.remaining());
        buf.put_slice(&pending[..length]);
        self.read += length;
        if self.read == self.prefix.len() {
            // The connection may live for hours and needs it no more.
            self.prefix = Vec::new();
            self.read = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Prefixed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Stream for Prefixed {
    fn peer_addr(&self) -> Address {
        self.stream.peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.stream.local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        self.stream.info()
    }

    fn abort(self: Box<Self>) {
        self.stream.abort();
    }

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        self.stream.set_option(option)
    }

    fn original_dst(&self) -> Option<Address> {
        self.stream.original_dst()
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        let pending = self.pending().to_vec();
        let below = self.stream.detach()?;
        Ok(Box::new(PrefixedIncoming { prefix: pending, below }))
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        if self.pending().is_empty() { self.stream.splice_read() } else { None }
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        self.stream.splice_write()
    }

    fn path_events(&self) -> Option<&dyn PathEvents> {
        self.stream.path_events()
    }
}

/// A [`Prefixed`] between two workers.
#[derive(Debug)]
struct PrefixedIncoming {
    prefix: Vec<u8>,
    below: Box<dyn Incoming>,
}

impl Incoming for PrefixedIncoming {
    fn peer_addr(&self) -> &Address {
        self.below.peer_addr()
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Ok(Prefixed::new(self.prefix, self.below.into_stream()?))
    }
}
