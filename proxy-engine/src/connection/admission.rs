//! `tcp-request connection`: whether an accepted connection is served, and which layers it passes besides those of its
//! listener. Nothing has been read from it, so its peer counts as the client.
//!
//! `tcp-request session`: whether a connection is served whose handshakes are done. By then its layers have identified
//! the client.
//!
//! As in HAProxy a rejected connection is counted but not logged, except by `tcp-request session` after handshakes.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::SystemTime;

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::layer::Layer;
use proto_core::stream::Stream;
use proxy_rules::{Changes, RuleSet, SessionFacts, Verdict};

use super::client::ClientConnection;
use super::rule_run::RuleRun;
use crate::observe::Count;

/// The facts that the rules may use.
struct Arrival<'a> {
    connection: &'a ClientConnection,
    stream: &'a dyn Stream,
    destination: Destination<'a>,
    /// The destination of the connection itself, whatever layers or rules say.
    connection_destination: Destination<'a>,
}

/// An address that a client connected to, asked for when it is first needed. Not cached in the connection: before its
/// layers are passed, one of them may give another address.
struct Destination<'a> {
    stream: &'a dyn Stream,
    address: OnceCell<Address>,
}

impl<'a> Destination<'a> {
    fn of(stream: &'a dyn Stream) -> Destination<'a> {
        Destination { stream, address: OnceCell::new() }
    }

    fn known(stream: &'a dyn Stream, address: &Address) -> Destination<'a> {
        Destination { stream, address: OnceCell::from(address.clone()) }
    }

    fn get(&self) -> &Address {
        self.address.get_or_init(|| self.stream.original_dst().unwrap_or_else(|| self.stream.local_addr()))
    }
}

impl SessionFacts for Arrival<'_> {
    fn source(&self) -> &Address {
        self.connection.status.source()
    }

    fn destination(&self) -> &Address {
        self.destination.get()
    }

    fn connection_source(&self) -> &Address {
        self.connection.status.connection_source()
    }

    fn connection_destination(&self) -> &Address {
        self.connection_destination.get()
    }

    fn listener_name(&self) -> Option<&str> {
        self.connection.status.ingress.listener.name()
    }

    fn listener_number(&self) -> u32 {
        self.connection.status.ingress.listener.id()
    }

    fn frontend_name(&self) -> &str {
        self.connection.status.ingress.frontend.name()
    }

    fn backend_name(&self) -> Option<&str> {
        None
    }

    fn client(&self) -> Sampled<'_> {
        Sampled { stream: self.stream, findings: self.connection.status.findings() }
    }

    fn accepted(&self) -> Option<SystemTime> {
        Some(self.connection.status.established().at)
    }
}

/// Runs `tcp-request connection`. Returns the layers that the rules add, or `None` if they reject the connection,
/// which is counted.
pub(super) fn admit(connection: &ClientConnection, stream: &dyn Stream) -> Option<Vec<Arc<dyn Layer>>> {
    let (destination, connection_destination) = (Destination::of(stream), Destination::of(stream));
    let facts = Arrival { connection, stream, destination, connection_destination };
    let admitted = run(&facts, &connection.frontend.policy.connection_rules);
    if admitted.is_err() {
        let ingress = &connection.status.ingress;
        ingress.frontend.counters().denied_one();
        ingress.listener.counters().denied_one();
    }
    let Admitted { layers, changes } = admitted.ok()?;
    connection.status.changed_by_connection_rules(changes);
    Some(layers)
}

/// Runs `tcp-request session`. Fails with the verdict if the rules do not admit the connection, which is counted.
pub(super) fn admit_session(connection: &ClientConnection, stream: &dyn Stream) -> Result<(), Verdict> {
    let destination = Destination::known(stream, connection.destination(stream));
    let connection_destination = Destination::known(stream, connection.connection_destination(stream));
    let facts = Arrival { connection, stream, destination, connection_destination };
    let admitted = run(&facts, &connection.frontend.policy.session_rules);
    if admitted.is_err() {
        let ingress = &connection.status.ingress;
        let tallies = [&ingress.frontend.tallies, &ingress.listener.tallies];
        let own = tallies.into_iter().filter_map(|tallies| connection.worker.view.tally(tallies));
        own.for_each(|tally| tally.add(Count::DeniedSessions));
    }
    let Admitted { changes, .. } = admitted?;
    connection.status.changed_by_session_rules(changes);
    Ok(())
}

/// What rules have set for a connection that they admit.
struct Admitted {
    layers: Vec<Arc<dyn Layer>>,
    changes: Option<Box<Changes>>,
}

fn run(facts: &Arrival<'_>, rules: &RuleSet) -> Result<Admitted, Verdict> {
    let connection = facts.connection;
    let worker = &connection.worker;
    let mut messages = worker.memory.messages();
    let run = RuleRun::new(connection, facts, &mut messages.variables);
    let (verdict, left) = run.run(|context| rules.run(context));
    worker.memory.give_messages(messages);
    if let Verdict::Continue | Verdict::Accept = verdict {
        return Ok(Admitted { layers: left.layers, changes: left.changes });
    }
    Err(verdict)
}
