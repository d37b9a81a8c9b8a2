//! A connection: a byte stream in packets.
//!
//! A packet that is read in part loses the rest, so each is read whole, and bytes for which the reader has no room are
//! kept.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::info::{ConnectionInfo, Path, PathState};
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{Stream, Support};
use proto_core::sys::{self, Registered};
use socket2::Socket;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{DESCRIPTOR, without};

/// The size of the largest packet in bytes, well below the buffer of a socket.
const PACKET: usize = 16 * 1024;

/// The state of a connection, registered or detached.
#[derive(Debug)]
pub(super) struct Ends {
    local: Address,
    peer: Address,
    sent: u64,
    received: u64,
    /// The rest of a packet that was read.
    rest: Vec<u8>,
}

impl Ends {
    pub(super) fn new(local: Address, peer: Address) -> Ends {
        Ends { local, peer, sent: 0, received: 0, rest: Vec::new() }
    }
}

#[derive(Debug)]
pub(super) struct Detached {
    pub(super) socket: Socket,
    pub(super) ends: Ends,
}

impl Incoming for Detached {
    fn peer_addr(&self) -> &Address {
        &self.ends.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(PacketStream::new(sys::register(self.socket)?, self.ends)))
    }
}

#[derive(Debug)]
pub(super) struct PacketStream {
    io: Registered,
    ends: Ends,
}

impl PacketStream {
    pub(super) fn new(io: Registered, ends: Ends) -> PacketStream {
        PacketStream { io, ends }
    }
}

impl AsyncRead for PacketStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if this.ends.rest.is_empty() {
            if buf.remaining() > PACKET {
                ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
            } else if buf.remaining() > 0 {
                // One byte more than any packet has: otherwise the end of a longer packet would be lost without an
                // error.
                let mut packet = [0; PACKET + 1];
                let mut whole = ReadBuf::new(&mut packet);
                ready!(Pin::new(&mut this.io).poll_read(cx, &mut whole))?;
                this.ends.rest = whole.filled().to_vec();
            }
            if this.ends.rest.len().max(buf.filled().len() - before) > PACKET {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a packet is too long")));
            }
        }
        if !this.ends.rest.is_empty() {
            let taken = this.ends.rest.len().min(buf.remaining());
            buf.put_slice(&this.ends.rest[..taken]);
            this.ends.rest.drain(..taken);
        }
        this.ends.received += (buf.filled().len() - before) as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PacketStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut room = PACKET;
        let pieces = bufs.iter().map(|buf| {
            let taken = buf.len().min(room);
            room -= taken;
            IoSlice::new(&buf[..taken])
        });
        let pieces: Vec<IoSlice<'_>> = pieces.filter(|piece| !piece.is_empty()).collect();
        // An empty packet would be read as the end.
        if pieces.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, &pieces))?;
        self.ends.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Stream for PacketStream {
    fn peer_addr(&self) -> Address {
        self.ends.peer.clone()
    }

    fn local_addr(&self) -> Address {
        self.ends.local.clone()
    }

    fn info(&self) -> ConnectionInfo {
        let mut info = ConnectionInfo::new(DESCRIPTOR.name);
        info.path_limit = Some(1);
        info.paths = vec![Path {
            id: 0,
            local: self.local_addr(),
            remote: self.peer_addr(),
            rtt: None,
            bytes_sent: self.ends.sent,
            bytes_received: self.ends.received,
            retransmissions: 0,
            backup: None,
            state: PathState::Established,
        }];
        info
    }

    fn abort(self: Box<Self>) {}

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        Ok(without())
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        Ok(Box::new(Detached { socket: self.io.into_socket(), ends: self.ends }))
    }
}
