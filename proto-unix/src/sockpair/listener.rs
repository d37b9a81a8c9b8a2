//! The accepting side: the sockets that arrive over the channel are its connections.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use proto_core::address::{Address, UnixAddress};
use proto_core::error::{AcceptError, BindError, Refusal, Step};
use proto_core::options::Warnings;
use proto_core::protocol::{Bound, BoundSocket, Incoming, Listener};
use proto_core::spec::BindSpec;
use proto_core::sys::register_readable;
use socket2::Socket;
use tokio::io::unix::AsyncFd;

use super::{DESCRIPTOR, NoChannel, channel, connected_stream};
use crate::options::Options;
use crate::stream::{Connection, Ends};
use crate::sys::{Received, receive_descriptor};

pub(super) fn bind(spec: BindSpec) -> Result<Bound, BindError> {
    let address = spec.address;
    let channel = channel(&address, spec.socket).map_err(|why| match why {
        NoChannel::WrongFamily => {
            let (protocol, family) = (DESCRIPTOR.name, address.family());
            BindError::refused(&address, Refusal::WrongFamily { protocol, family })
        }
        NoChannel::System(error) => BindError::system(Step::Inherit, &address, error),
    })?;
    let mut warnings = Warnings::new(DESCRIPTOR.name, &address);
    let options = Arc::new(Options::sort_for_connections(&spec.settings.options, &mut warnings));
    let socket = PairBound { channel, address: Arc::new(address.clone()), options };
    let warnings = warnings.finish().map_err(|refusal| BindError::refused(&address, refusal))?;
    Ok(Bound { socket: Box::new(socket), address, warnings })
}

#[derive(Debug)]
struct PairBound {
    channel: Socket,
    address: Arc<Address>,
    options: Arc<Options>,
}

impl BoundSocket for PairBound {
    fn local_addr(&self) -> &Address {
        &self.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        let failed = |error| BindError::system(Step::Duplicate, &self.address, error);
        let channel = self.channel.try_clone().map_err(failed)?;
        let (address, options) = (Arc::clone(&self.address), Arc::clone(&self.options));
        Ok(Box::new(PairBound { channel, address, options }))
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        let PairBound { channel, address, options } = *self;
        let channel =
            register_readable(channel).map_err(|error| BindError::system(Step::Register, &address, error))?;
        Ok(Box::new(PairListener { channel, address, options }))
    }

    /// Refuses: a channel has no queue of its own to reset, and another process has it too.
    fn suspend(&self) -> Result<(), BindError> {
        let why = "connections passed over a descriptor wait there until they are accepted".to_owned();
        Err(BindError::refused(&self.address, Refusal::Policy(why)))
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.channel.as_fd())
    }
}

#[derive(Debug)]
struct PairListener {
    channel: AsyncFd<Socket>,
    address: Arc<Address>,
    options: Arc<Options>,
}

impl Listener for PairListener {
    fn local_addr(&self) -> &Address {
        &self.address
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        loop {
            let mut guard = ready!(self.channel.poll_read_ready(cx)).map_err(AcceptError::Broken)?;
            let received = match guard.try_io(|channel| receive_descriptor(channel.get_ref().as_fd())) {
                Err(_would_block) => continue,
                Ok(Err(error)) if error.raw_os_error() == Some(libc::ECONNRESET) => {
                    return Poll::Ready(Err(AcceptError::Broken(error)));
                }
                Ok(received) => received?,
            };
            return Poll::Ready(self.incoming(received));
        }
    }
}

impl PairListener {
    fn incoming(&self, received: Received) -> Result<Box<dyn Incoming>, AcceptError> {
        let socket = match received {
            Received::Message(fds) => only(fds).and_then(usable).map_err(AcceptError::Connection)?,
            // The kernel closes the half that did not fit, so unlike with `accept` this connection is lost.
            Received::NoRoom => {
                return Err(AcceptError::Exhausted(io::Error::from_raw_os_error(libc::EMFILE)));
            }
            Received::End => return Err(AcceptError::Broken(io::ErrorKind::UnexpectedEof.into())),
        };
        self.options.on_connection(&socket);
        let ends = Ends {
            transport: DESCRIPTOR.name,
            local: Arc::clone(&self.address),
            peer: Address::Unix(UnixAddress::Unnamed),
        };
        Ok(Box::new(Connection::new(socket, ends)))
    }
}

fn only(fds: Vec<OwnedFd>) -> io::Result<OwnedFd> {
    let count = fds.len();
    match <[OwnedFd; 1]>::try_from(fds) {
        Ok([fd]) => Ok(fd),
        Err(_all_closed) => {
            let why = format!("a message with {count} descriptors instead of one");
            Err(io::Error::new(io::ErrorKind::InvalidData, why))
        }
    }
}

/// Checks a descriptor from another process, which may be anything; only a connection is accepted.
fn usable(fd: OwnedFd) -> io::Result<Socket> {
    connected_stream(&fd)?;
    let socket = Socket::from(fd);
    socket.set_nonblocking(true)?;
    Ok(socket)
}
