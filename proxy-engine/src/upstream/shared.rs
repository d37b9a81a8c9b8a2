//! A connection to a server that carries many exchanges, of all clients or of one.

use std::cell::Cell;
use std::rc::Rc;

use proto_core::address::Address;
use proto_core::options::SocketOption;

use super::connect::ServerFindings;
use super::server::Server;
use crate::exchange::back::{BackExchange, MultiplexedBack};

/// What two requests must have in common to use one connection of a server, beside the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PoolKey {
    /// Where it leads: clients of one server may be led to several addresses.
    pub(crate) address: Address,
    /// Whom it serves alone, if it does. Boxed: hardly any does, and keys are moved about with each exchange.
    pub(crate) personal: Option<Box<Personal>>,
}

/// Whom a connection serves alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Personal {
    /// The client in whose name it was made, if it was.
    pub(crate) source: Option<Address>,
    /// What the layers of the server have told it of the client.
    pub(crate) identity: Vec<Vec<u8>>,
    /// What rules have had set on it.
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

/// How a shared connection is used.
#[derive(Debug, Default)]
struct Usage {
    /// Exchanges that it has carried, the open ones included.
    exchanges: Cell<u32>,
    /// How many those were at the last purge.
    at_purge: Cell<u32>,
    /// One client has it for itself.
    is_exclusive: Cell<bool>,
}

impl Shared {
    /// A new connection, which has carried nothing.
    pub(crate) fn new(connection: Rc<dyn MultiplexedBack>, key: PoolKey, findings: ServerFindings) -> Shared {
        Shared { connection, key, findings, usage: Rc::default() }
    }

    /// The first exchange on a new connection.
    pub(crate) fn open_first(&self) -> Box<dyn BackExchange> {
        self.usage.exchanges.set(1);
        self.connection.open_exchange()
    }

    /// An exchange on it, if it takes one, and how many there were before.
    pub(crate) fn open(&self) -> Option<(Box<dyn BackExchange>, u32)> {
        if self.connection.capacity() == 0 {
            return None;
        }
        let before = self.usage.exchanges.get();
        self.usage.exchanges.set(before.saturating_add(1));
        Some((self.connection.open_exchange(), before))
    }

    /// No client but one uses it from now on.
    pub(crate) fn make_exclusive(&self) {
        self.usage.is_exclusive.set(true);
    }

    /// Exchanges that it has carried, the open ones included.
    pub(crate) fn exchanges(&self) -> u32 {
        self.usage.exchanges.get()
    }

    /// Whether one client has it for itself.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.usage.is_exclusive.get()
    }

    /// Lets it end once it has carried as many exchanges as `max-reuse` allows. Whether it has.
    pub(crate) fn retire_used_up(&self, server: &Server) -> bool {
        let most = server.config().pool.most_reuses;
        let is_used_up = most.is_some_and(|most| self.usage.exchanges.get() > most);
        if is_used_up {
            self.connection.stop();
        }
        is_used_up
    }

    /// Lets it end if it has carried nothing since the last purge. Whether it has not.
    pub(crate) fn retire_unused(&self) -> bool {
        let exchanges = self.usage.exchanges.get();
        let is_unused = self.connection.open() == 0 && self.usage.at_purge.replace(exchanges) == exchanges;
        if is_unused {
            self.connection.stop();
        }
        is_unused
    }
}
