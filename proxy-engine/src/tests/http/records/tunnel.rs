//! An exchange that has become a stream of bytes, with data both ways and an end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::stream::{Incoming, Lack, Stream, Support};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::exchange::Held;
use crate::exchange::error::{Broken, ErrorCode};
use crate::tests::http::format::END;

/// A tunnel, and what was known of its connection when it began.
#[derive(Debug)]
pub(super) struct Tunnel {
    held: Held,
    addresses: (Address, Address),
    info: ConnectionInfo,
}

impl Tunnel {
    pub(super) fn boxed(held: Held, socket: &dyn Stream) -> Box<dyn Stream> {
        // Only the heads were complete.
        held.look(|entry| (entry.is_read, entry.is_sent) = (false, false));
        Box::new(Tunnel { held, addresses: (socket.peer_addr(), socket.local_addr()), info: socket.info() })
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.held.look(|entry| entry.is_read) {
            return Poll::Ready(Ok(()));
        }
        let read = ready!(self.held.poll_data(cx, room.initialize_unfilled()));
        self.held.look(|entry| match (read, entry.incoming.front()) {
            (Ok(Some(n)), _) => {
                room.advance(n);
                Poll::Ready(Ok(()))
            }
            (Ok(None), Some((END, _))) | (Err(Broken::Ended), _) => {
                entry.is_read = true;
                Poll::Ready(Ok(()))
            }
            (Ok(None), _) => Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
            (Err(_), _) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        })
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.held.poll_sent(cx, |entry| entry.kept() == 0 && entry.room() > 0))?;
        Poll::Ready(Ok(self.held.with(|entry| {
            let n = data.len().min(entry.room());
            entry.put_data(&data[..n]);
            entry.flush();
            n
        })))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.held.poll_sent(cx, |entry| entry.kept() == 0)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.held.with(|entry| {
            if !std::mem::replace(&mut entry.is_sent, true) {
                entry.put_end(Vec::new());
            }
        });
        self.poll_flush(cx)
    }
}

impl Stream for Tunnel {
    fn peer_addr(&self) -> Address {
        self.addresses.0.clone()
    }

    fn local_addr(&self) -> Address {
        self.addresses.1.clone()
    }

    fn info(&self) -> ConnectionInfo {
        self.info.clone()
    }

    fn abort(self: Box<Self>) {
        self.held.with(|entry| {
            entry.is_sent = false;
            entry.reset(ErrorCode::CANCEL.0 as usize);
        });
    }

    fn set_option(&self, _: &SocketOption) -> io::Result<Support> {
        Ok(Support::Unsupported(Lack::Protocol("it is one stream of several")))
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
