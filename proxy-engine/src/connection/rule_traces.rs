//! What the rules of a session or exchange leave for later ones.

use proto_core::address::Address;
use proto_core::options::SocketOption;
use proto_core::stream::Stream;
use proxy_rules::log::UniqueIds;
use proxy_rules::{Changes, Priority, RulePlace, UniqueId, UniqueIdSource};

use super::client::ClientConnection;

/// What rules leave for later rules, for connecting to the server, and for the log line.
#[derive(Debug, Default)]
pub(crate) struct RuleTraces {
    /// The last rule with a final decision.
    pub(crate) last_rule: Option<RulePlace>,
    /// The changes that actions have made, except to messages and variables. Boxed: most change nothing.
    pub(crate) changes: Option<Box<Changes>>,
    unique_id: Option<UniqueId>,
}

impl RuleTraces {
    /// Creates the traces of a new session or exchange.
    pub(crate) fn new(unique_ids: &UniqueIds) -> RuleTraces {
        RuleTraces { last_rule: None, changes: None, unique_id: unique_ids.next() }
    }

    /// Returns the address of the client, as rules see it.
    pub(crate) fn source<'s>(&'s self, connection: &'s ClientConnection) -> &'s Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.source.as_ref());
        changed.unwrap_or_else(|| connection.status.source())
    }

    /// Returns the address that the client connected to, as rules see it. May make a system call.
    pub(crate) fn destination<'s>(
        &'s self,
        connection: &'s ClientConnection,
        stream: &dyn Stream,
    ) -> &'s Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.destination.as_ref());
        changed.unwrap_or_else(|| connection.destination(stream))
    }

    /// Returns the options to set on the socket to the server before it connects.
    pub(crate) fn server_options(&self) -> &[SocketOption] {
        self.changes.as_ref().map_or(&[], |changes| &changes.server_options)
    }

    /// Returns the place in queues that rules have set.
    pub(crate) fn priority(&self) -> Priority {
        self.changes.as_ref().map(|changes| changes.priority).unwrap_or_default()
    }

    /// Returns the unique identifier, if the frontend has a format for it.
    pub(crate) fn unique_id(&self) -> Option<&dyn UniqueIdSource> {
        self.unique_id.as_ref().map(|unique_id| unique_id as &dyn UniqueIdSource)
    }

    /// Keeps what a run has left.
    pub(crate) fn keep(&mut self, last_rule: Option<RulePlace>, changes: Option<Box<Changes>>) {
        (self.last_rule, self.changes) = (last_rule, changes);
    }
}
