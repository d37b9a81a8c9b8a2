//! A bound UNIX socket, and its listener.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use proto_core::address::{Address, UnixAddress, from_system};
use proto_core::error::{AcceptError, BindError, Refusal, Step};
use proto_core::protocol::{BoundSocket, Incoming, Listener};
use proto_core::sys;
use socket2::Socket;
use tokio::io::unix::AsyncFd;

use crate::DESCRIPTOR;
use crate::file::SocketFile;
use crate::options::Options;
use crate::stream::{Connection, Ends};

/// The properties that all handles of a listening socket share.
#[derive(Debug)]
struct Common {
    address: Arc<Address>,
    options: Options,
    /// Whether another process has the socket too, because it was inherited or handed over.
    shared: AtomicBool,
    file: Option<SocketFile>,
}

/// A bound UNIX socket.
#[derive(Debug)]
pub(crate) struct UnixBound {
    // Dropped before the socket, so that the last handle removes the file while the socket is open: a client finds
    // either a socket that accepts connections or none.
    common: Arc<Common>,
    socket: Socket,
}

impl UnixBound {
    pub(crate) fn new(
        socket: Socket,
        address: Address,
        options: Options,
        file: Option<SocketFile>,
    ) -> UnixBound {
        let (address, shared) = (Arc::new(address), AtomicBool::new(false));
        UnixBound { common: Arc::new(Common { address, options, shared, file }), socket }
    }

    pub(crate) fn inherited(socket: Socket, address: Address, options: Options) -> UnixBound {
        let bound = UnixBound::new(socket, address, options, None);
        bound.common.shared.store(true, Ordering::Relaxed);
        bound
    }

    fn failed(&self, step: Step) -> impl FnOnce(io::Error) -> BindError + use<> {
        let address = Arc::clone(&self.common.address);
        move |error| BindError::system(step, &address, error)
    }
}

impl BoundSocket for UnixBound {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        let socket = self.socket.try_clone().map_err(self.failed(Step::Duplicate))?;
        Ok(Box::new(UnixBound { common: Arc::clone(&self.common), socket }))
    }

    /// For a path, listens and replaces the file. From then on connections wait in the queue.
    fn publish(&self) -> Result<(), BindError> {
        match &self.common.file {
            Some(file) => file.publish(&self.socket, self.common.options.backlog()),
            None => Ok(()),
        }
    }

    fn hand_over(&self) {
        self.common.shared.store(true, Ordering::Relaxed);
        if let Some(file) = &self.common.file {
            file.keep();
        }
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        self.publish()?;
        if !self.socket.is_listener().map_err(self.failed(Step::Listen))? {
            self.socket.listen(self.common.options.backlog()).map_err(self.failed(Step::Listen))?;
        }
        let failed = self.failed(Step::Register);
        let socket = sys::register_readable(self.socket).map_err(failed)?;
        Ok(Box::new(UnixListener { common: self.common, socket }))
    }

    /// Refuses. A UNIX socket that listens cannot stop and listen again (Linux 6.18): `connect` to `AF_UNSPEC` fails
    /// (`EINVAL`), a backlog of 0 still admits one connection, and shutting it down is final. While its listeners are
    /// not polled, connections wait in the queue; HAProxy does no more for a path. (It closes an abstract socket, and
    /// binds it again on resuming.)
    fn suspend(&self) -> Result<(), BindError> {
        if !self.socket.is_listener().map_err(self.failed(Step::Suspend))? {
            return Ok(());
        }
        let why =
            "a UNIX socket cannot stop listening and listen again; connections wait in its queue".to_owned();
        Err(BindError::refused(&self.common.address, Refusal::Policy(why)))
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.socket.as_fd())
    }
}

#[derive(Debug)]
struct UnixListener {
    // Dropped before the socket: see `UnixBound`.
    common: Arc<Common>,
    socket: AsyncFd<Socket>,
}

impl Listener for UnixListener {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        let (socket, peer) = ready!(sys::poll_accept(&self.socket, cx))?;
        self.common.options.on_connection(&socket);
        let peer = from_system(&peer).unwrap_or(Address::Unix(UnixAddress::Unnamed));
        let ends = Ends { transport: DESCRIPTOR.name, local: Arc::clone(&self.common.address), peer };
        Poll::Ready(Ok(Box::new(Connection::new(socket, ends))))
    }

    /// Shuts the listening socket down: clients are refused, and connections in the queue stay (Linux 6.18).
    fn refuse_new(&self) -> bool {
        !self.common.shared.load(Ordering::Relaxed) && self.socket.get_ref().shutdown(Shutdown::Read).is_ok()
    }

    fn expects_more(&self) -> bool {
        // A client is in the queue as soon as `connect` returns.
        false
    }
}
