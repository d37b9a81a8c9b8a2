//! A connection to a server that carries many exchanges, of all clients or of one.

use std::cell::Cell;
use std::rc::Rc;

use proto_core::address::Address;
use proto_core::options::SocketOption;

use super::connect::ServerFindings;
use super::server::Server;
use crate::exchange::back::{BackExchange, MultiplexedBack};

/// The properties that requests must have in common to use the same connection to a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PoolKey {
    /// The address of the connection: one server may have several.
    pub(crate) address: Address,
    /// The client that it serves alone, if it does. Boxed: few connections do, and keys are moved with each exchange.
    pub(crate) personal: Option<Box<Personal>>,
}

/// The properties that tie a connection to a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Personal {
    /// The source address, if it is the client's.
    pub(crate) source: Option<Address>,
    /// What the layers have sent to the server about the client.
    pub(crate) identity: Vec<Vec<u8>>,
    /// The socket options that rules have set.
    pub(crate) options: Vec<SocketOption>,
}

/// A connection to a server that carries many exchanges.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) connection: Rc<dyn MultiplexedBack>,
    pub(crate) key: PoolKey,
    pub(crate) findings: ServerFindings,
    usage: Rc<Usage>,
}

/// The usage of a shared connection.
#[derive(Debug, Default)]
struct Usage {
    /// The number of exchanges so far, including open ones.
    exchanges: Cell<u32>,
    /// The number of exchanges at the last purge.
    at_purge: Cell<u32>,
    /// Whether one client has the connection for itself.
    is_exclusive: Cell<bool>,
}

impl Shared {
    /// Wraps a new connection without exchanges.
    pub(crate) fn new(connection: Rc<dyn MultiplexedBack>, key: PoolKey, findings: ServerFindings) -> Shared {
        Shared { connection, key, findings, usage: Rc::default() }
    }

    /// Opens the first exchange on a new connection.
    pub(crate) fn open_first(&self) -> Box<dyn BackExchange> {
        self.usage.exchanges.set(1);
        self.connection.open_exchange()
    }

    /// Opens an exchange, if the connection takes one. Returns also the number of exchanges before it.
    pub(crate) fn open(&self) -> Option<(Box<dyn BackExchange>, u32)> {
        if self.connection.capacity() == 0 {
            return None;
        }
        let before = self.usage.exchanges.get();
        self.usage.exchanges.set(before.saturating_add(1));
        Some((self.connection.open_exchange(), before))
    }

    /// Reserves the connection for one client.
    pub(crate) fn make_exclusive(&self) {
        self.usage.is_exclusive.set(true);
    }

    /// Returns the number of exchanges so far, including open ones.
    pub(crate) fn exchanges(&self) -> u32 {
        self.usage.exchanges.get()
    }

    /// Returns whether one client has the connection for itself.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.usage.is_exclusive.get()
    }

    /// Retires the connection if it has carried as many exchanges as `max-reuse` allows. Returns whether it has.
    pub(crate) fn retire_used_up(&self, server: &Server) -> bool {
        let most = server.config().pool.most_reuses;
        let is_used_up = most.is_some_and(|most| self.usage.exchanges.get() > most);
        if is_used_up {
            self.connection.stop();
        }
        is_used_up
    }

    /// Retires the connection if it has carried no exchange since the last purge. Returns whether that is so.
    pub(crate) fn retire_unused(&self) -> bool {
        let exchanges = self.usage.exchanges.get();
        let is_unused = self.connection.open() == 0 && self.usage.at_purge.replace(exchanges) == exchanges;
        if is_unused {
            self.connection.stop();
        }
        is_unused
    }
}
