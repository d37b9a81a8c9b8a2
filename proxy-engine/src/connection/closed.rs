//! A snapshot of a connection that is closed or serves another client by now, for log lines and rules.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::findings::Findings;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{Lack, Stream, Support};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::upstream::connect::ServerFindings;

/// A stream that stands for a closed connection: it has addresses, and carries nothing.
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    peer: Address,
    local: Address,
    info: ConnectionInfo,
}

/// A snapshot of a server's connection, for log lines and rules that run after the exchange has released it.
#[derive(Debug)]
pub(crate) struct KeptServer {
    stream: Closed,
    findings: ServerFindings,
}

impl Closed {
    /// Creates one of which only the addresses are known.
    pub(crate) fn new(peer: Address, local: Address) -> Closed {
        Closed { peer, local, info: ConnectionInfo::ordinary("closed") }
    }
}

impl KeptServer {
    /// Takes a snapshot of a connection, with system calls.
    pub(crate) fn of(stream: &dyn Stream, findings: &ServerFindings) -> KeptServer {
        let stream = Closed { peer: stream.peer_addr(), local: stream.local_addr(), info: stream.info() };
        KeptServer { stream, findings: findings.clone() }
    }

    /// Returns the snapshot for samples.
    pub(crate) fn sampled(&self) -> Sampled<'_> {
        sampled(&self.stream, &self.findings)
    }
}

/// Returns a server's connection for samples.
pub(crate) fn sampled<'a>(stream: &'a dyn Stream, findings: &'a ServerFindings) -> Sampled<'a> {
    Sampled { stream, findings: findings.as_deref().unwrap_or(Findings::none()) }
}

impl AsyncRead for Closed {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Closed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Stream for Closed {
    fn peer_addr(&self) -> Address {
        self.peer.clone()
    }

    fn local_addr(&self) -> Address {
        self.local.clone()
    }

    fn info(&self) -> ConnectionInfo {
        self.info.clone()
    }

    fn abort(self: Box<Self>) {}

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        Ok(Support::Unsupported(Lack::Protocol("the connection is closed")))
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        Err(io::ErrorKind::NotConnected.into())
    }
}
