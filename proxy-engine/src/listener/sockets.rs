//! The listening sockets of the engine by address and protocol, so that they can be handed to a successor.

use std::sync::{Mutex, PoisonError};

use proto_core::address::Address;
use proto_core::error::BindError;
use proto_core::protocol::BoundSocket;

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

impl ListeningSockets {
    /// Keeps a handle to a socket.
    ///
    /// # Errors
    /// Returns an error if the process has no descriptor left.
    pub(crate) fn keep(&self, protocol: &'static str, socket: &dyn BoundSocket) -> Result<(), BindError> {
        let socket = socket.try_clone()?;
        self.with(|sockets| sockets.push(ListeningSocket { protocol, socket }));
        Ok(())
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

    /// Closes the handles. Workers keep theirs.
    pub(crate) fn release(&self) {
        self.with(Vec::clear);
    }

    fn with<R>(&self, look: impl FnOnce(&mut Vec<ListeningSocket>) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
