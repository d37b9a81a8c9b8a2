//! A bound socket, its listener, and the connections that it accepts.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use libc::c_int;
use socket2::{SockAddr, Socket};
use tokio::io::unix::AsyncFd;

use super::stream::{KernelStream, register_stream};
use super::{KernelModel, Origin, handshakes, reapplied};
use crate::address::{Address, unmapped};
use crate::error::{AcceptError, BindError, Refusal, Step};
use crate::info::FallbackReason;
use crate::options::{SocketOption, SocketOptions, apply};
use crate::protocol::{BoundSocket, Incoming, Listener};
use crate::stream::Stream;
use crate::sys;

/// The default backlog, in connections. It is the default of `net.core.somaxconn`, which caps it.
const BACKLOG: u32 = 4096;

/// The properties that all connections of a listening socket share.
#[derive(Debug)]
pub(super) struct Common {
    model: &'static KernelModel,
    address: Address,
    /// The protocol of the listening socket: the fallback if the kernel does not offer the real one.
    ipproto: c_int,
    backlog: u32,
    reapplied: Vec<SocketOption>,
    /// Whether another process has the socket too, because it was inherited or handed over.
    shared: AtomicBool,
    /// Whether other sockets may be bound to the address (`SO_REUSEPORT`).
    grouped: bool,
    namespace: Option<String>,
    interface: Option<String>,
}

impl Common {
    fn is_shared(&self) -> bool {
        self.shared.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
pub(super) struct KernelBound {
    socket: Socket,
    common: Arc<Common>,
}

impl KernelBound {
    pub(super) fn new(
        model: &'static KernelModel,
        socket: Socket,
        address: Address,
        options: &SocketOptions,
        ipproto: c_int,
        inherited: bool,
    ) -> KernelBound {
        let backlog = options.find(|option| match option {
            SocketOption::Backlog(backlog) => Some(*backlog),
            _ => None,
        });
        let backlog = backlog.unwrap_or(BACKLOG);
        let reapplied = reapplied(options);
        let grouped = socket.reuse_port().unwrap_or(true);
        let namespace = options.find(|option| match option {
            SocketOption::Namespace(name) => Some(name.clone()),
            _ => None,
        });
        let interface = options.find(|option| match option {
            SocketOption::Interface(name) => Some(name.clone()),
            _ => None,
        });
        KernelBound {
            socket,
            common: Arc::new(Common {
                model,
                address,
                ipproto,
                backlog,
                reapplied,
                shared: AtomicBool::new(inherited),
                grouped,
                namespace,
                interface,
            }),
        }
    }

    fn failed(&self, step: Step) -> impl FnOnce(io::Error) -> BindError + use<> {
        let address = self.common.address.clone();
        move |error| BindError::system(step, &address, error)
    }
}

impl BoundSocket for KernelBound {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        let socket = self.socket.try_clone().map_err(self.failed(Step::Duplicate))?;
        Ok(Box::new(KernelBound { socket, common: Arc::clone(&self.common) }))
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        if !self.socket.is_listener().map_err(self.failed(Step::Listen))? {
            let backlog = c_int::try_from(self.common.backlog).unwrap_or(c_int::MAX);
            self.socket.listen(backlog).map_err(self.failed(Step::Listen))?;
        }
        let failed = self.failed(Step::Register);
        let socket = sys::register_readable(self.socket).map_err(failed)?;
        Ok(Box::new(KernelListener { socket, common: self.common }))
    }

    fn suspend(&self) -> Result<(), BindError> {
        if self.common.is_shared() {
            let why = "it is shared with other processes and would stop there too".to_owned();
            return Err(BindError::refused(&self.common.address, Refusal::Policy(why)));
        }
        sys::disconnect(self.socket.as_fd()).map_err(self.failed(Step::Suspend))?;
        // Disconnecting releases a port that the kernel chose, although `getsockname` still returns it, and keeps one
        // that was requested, which then cannot be bound again (Linux 6.18).
        let Some(address) = self.common.address.inet() else { return Ok(()) };
        match self.socket.bind(&SockAddr::from(address)) {
            Err(error) if error.raw_os_error() != Some(libc::EINVAL) => {
                Err(self.failed(Step::Suspend)(error))
            }
            _ => Ok(()),
        }
    }

    fn hand_over(&self) {
        self.common.shared.store(true, Ordering::Relaxed);
    }

    fn namespace(&self) -> Option<&str> {
        self.common.namespace.as_deref()
    }

    fn interface(&self) -> Option<&str> {
        self.common.interface.as_deref()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.socket.as_fd())
    }
}

#[derive(Debug)]
struct KernelListener {
    socket: AsyncFd<Socket>,
    common: Arc<Common>,
}

impl Listener for KernelListener {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        let (socket, peer) = ready!(sys::poll_accept(&self.socket, cx))?;
        let Some(peer) = peer.as_socket() else {
            // A client that closed its connection before it was accepted has no address.
            return Poll::Ready(Err(AcceptError::Connection(io::ErrorKind::NotConnected.into())));
        };
        let (common, peer) = (Arc::clone(&self.common), Address::Inet(unmapped(peer)));
        Poll::Ready(Ok(Box::new(Accepted { socket, peer, common })))
    }

    fn refuse_new(&self) -> bool {
        // The kernel would go on choosing this socket of a group that shares an address for some connections, and
        // those would not be refused but never answered (Linux 6.18).
        !self.common.grouped
            && !self.common.is_shared()
            && apply::leave_all_interfaces(self.socket.get_ref().as_fd()).is_ok()
    }

    fn expects_more(&self) -> bool {
        let Some(address) = self.common.address.inet() else { return true };
        handshakes::are_in_progress(self.socket.get_ref().as_fd(), address.port()).unwrap_or(true)
    }
}

/// A connection that was just accepted.
#[derive(Debug)]
struct Accepted {
    socket: Socket,
    peer: Address,
    common: Arc<Common>,
}

impl Accepted {
    fn origin(&self) -> io::Result<Origin> {
        let model = self.common.model;
        // For a plain TCP client, an MPTCP listener returns a plain TCP socket.
        let ipproto = match model.fallback {
            Some(_) => self.socket.protocol()?.map_or(model.ipproto, c_int::from),
            None => model.ipproto,
        };
        let fallback = match (self.common.ipproto == model.ipproto, ipproto == model.ipproto) {
            (false, _) => Some(FallbackReason::Kernel),
            (true, false) => Some(FallbackReason::Peer),
            (true, true) => None,
        };
        let (transport, peer) = (model.descriptor.name, self.peer.clone());
        Ok(Origin { transport, fallback, note: None, ipproto, peer })
    }
}

impl Incoming for Accepted {
    fn peer_addr(&self) -> &Address {
        &self.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        let origin = self.origin()?;
        if origin.fallback.is_some() {
            for option in &self.common.reapplied {
                // An option that this connection does not have is skipped: the bind has warned.
                let _ = apply::set(self.socket.as_fd(), option);
            }
        }
        let stream = register_stream(self.socket)?;
        Ok(Box::new(KernelStream::new(self.common.model, stream, origin).reading_at_once()))
    }
}
