//! The listening sockets of the engine by address and protocol, so that they can be handed to a successor.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use proto_core::address::Address;
use proto_core::error::BindError;
use proto_core::protocol::{BoundSocket, Listener};

/// A second handle to a socket that some worker listens on.
#[derive(Debug)]
pub struct ListeningSocket {
    /// The name of its protocol.
    pub protocol: &'static str,
    /// The handle. It shares the queue of the listener.
    pub socket: Box<dyn BoundSocket>,
}

/// All listening sockets of an engine. They are closed when it stops softly: a handle that stays open would keep an
/// address busy that is no longer served.
#[derive(Debug, Default)]
pub struct ListeningSockets(Mutex<Vec<ListeningSocket>>);

/// A listening socket for another process.
#[derive(Debug)]
pub(crate) struct Duplicate {
    pub(crate) descriptor: OwnedFd,
    /// The network namespace in which it is bound, unless that is the one of the process.
    pub(crate) namespace: Option<String>,
    /// The interface to which it is restricted.
    pub(crate) interface: Option<String>,
}

/// One of the listening sockets, for as long as they are kept.
#[derive(Debug)]
pub(crate) struct Kept {
    sockets: Arc<ListeningSockets>,
    number: usize,
}

impl ListeningSockets {
    /// Keeps a handle to a socket, and returns which one it is.
    ///
    /// # Errors
    /// Returns an error if the process has no descriptor left.
    pub(crate) fn keep(
        self: &Arc<Self>,
        protocol: &'static str,
        socket: &dyn BoundSocket,
    ) -> Result<Kept, BindError> {
        let socket = socket.try_clone()?;
        let number = self.with(|sockets| {
            sockets.push(ListeningSocket { protocol, socket });
            sockets.len() - 1
        });
        Ok(Kept { sockets: Arc::clone(self), number })
    }

    /// Returns the addresses listened on, with their protocols.
    pub fn addresses(&self) -> Vec<(Address, &'static str)> {
        let entry = |kept: &ListeningSocket| (kept.socket.local_addr().clone(), kept.protocol);
        self.with(|sockets| sockets.iter().map(entry).collect())
    }

    /// Returns another handle to the socket with this address and protocol.
    ///
    /// # Errors
    /// Returns an error if the process has no descriptor left.
    pub fn find(&self, address: &Address, protocol: &str) -> Result<Option<Box<dyn BoundSocket>>, BindError> {
        self.with(|sockets| {
            let is_it =
                |kept: &&ListeningSocket| kept.protocol == protocol && kept.socket.local_addr() == address;
            sockets.iter().find(is_it).map(|kept| kept.socket.try_clone()).transpose()
        })
    }

    /// Marks the sockets as held by another process.
    pub(crate) fn hand_over(&self) {
        self.with(|sockets| sockets.iter().for_each(|kept| kept.socket.hand_over()));
    }

    /// Returns duplicates of the sockets that another process can take over. Those for which the process has no descriptor
    /// left are missing.
    pub(crate) fn duplicates(&self) -> Vec<Duplicate> {
        let duplicate = |kept: &ListeningSocket| {
            let descriptor = kept.socket.as_fd()?.try_clone_to_owned().ok()?;
            let [namespace, interface] =
                [kept.socket.namespace(), kept.socket.interface()].map(|name| name.map(str::to_owned));
            Some(Duplicate { descriptor, namespace, interface })
        };
        self.with(|sockets| sockets.iter().filter_map(duplicate).collect())
    }

    /// Closes the handles. Workers keep theirs.
    pub(crate) fn release(&self) {
        self.with(Vec::clear);
    }

    fn with<R>(&self, look: impl FnOnce(&mut Vec<ListeningSocket>) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    /// Stops listening, and keeps the address. Returns `false` if the socket cannot, because other processes hold it too or
    /// its transport has no way.
    pub(crate) fn suspend(&self) -> bool {
        let suspend = |kept: &ListeningSocket| kept.socket.suspend().is_ok();
        self.sockets.with(|sockets| sockets.get(self.number).is_some_and(suspend))
    }

    /// Listens again; `None` if the sockets are no longer kept.
    ///
    /// # Errors
    /// Returns the system's error.
    pub(crate) fn listen(&self) -> Option<Result<Box<dyn Listener>, BindError>> {
        let socket = self.sockets.with(|sockets| Some(sockets.get(self.number)?.socket.try_clone()))?;
        Some(socket.and_then(BoundSocket::listen))
    }
}
