//! From an accepted connection to one that can be read: registered with its worker, its layers passed.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use proto_core::findings::Findings;
use proto_core::layer::Layer;
use proto_core::protocol::Incoming;
use proto_core::stream::Stream;
use proxy_rules::record::Origin;

use super::admission::admit;
use super::client::ClientConnection;
use super::closed::Closed;
use super::facts::ServerFacts;
use super::frontend::{Frontend, Listener};
use super::layers::establish;
use super::registered::Registered;
use super::report::{Report, RuleTraces};
use super::worker::WorkerContext;
use crate::listener::Permit;
use crate::observe::{self, Arrived, Began, ConnectionInfos, Ingress, Load};
use crate::policy::LogMoment;

/// A connection that was accepted, on its way to its worker.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) arrived: Arrived,
    pub(crate) incoming: Box<dyn Incoming>,
    pub(crate) permit: Permit,
    pub(crate) load: Load,
}

/// A connection of this worker whose layers are yet to be passed.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) connection: Rc<ClientConnection>,
    stream: Box<dyn Stream>,
    listener: Arc<Listener>,
}

/// Registers an accepted connection with this worker. `None` if it was lost meanwhile, which is counted.
pub(crate) fn open(worker: &Rc<WorkerContext>, accepted: Accepted) -> Option<Opened> {
    let Accepted { frontend, listener, arrived, incoming, permit, load } = accepted;
    let began = Began::now();
    let Ok(stream) = incoming.into_stream() else {
        worker.view.counters.accept_error();
        return None;
    };
    for option in &frontend.options {
        // What this kind of socket does not have it goes without.
        let _ = stream.set_option(option);
    }
    let source = stream.peer_addr();
    let connection = ClientConnection::new(worker, frontend, arrived, source, began, (load, permit));
    connection.status.carried_by(stream.carriers());
    Some(Opened { connection, stream, listener })
}

impl Opened {
    /// Passes the layers of its listener and those that rules add. `None` if the rules reject it, or if a handshake
    /// failed, which is logged.
    pub(crate) async fn pass_layers(self) -> Option<(Rc<ClientConnection>, Box<dyn Stream>)> {
        let Opened { connection, stream, listener } = self;
        let mut added = Vec::new();
        if !connection.frontend.connection_rules.is_empty() {
            match admit(&connection, &*stream) {
                Some(layers) => added = layers,
                None => {
                    stream.abort();
                    return None;
                }
            }
        }
        // Boxed: hardly any listener has layers, and every connection would have the room for them.
        let is_plain = listener.layers.all.is_empty() && added.is_empty();
        let stream = match added.is_empty() {
            _ if is_plain => stream,
            true => Box::pin(set_up(&connection, stream, &listener.layers.all)).await?,
            false => {
                let layers = listener.layers.with_preambles(added);
                Box::pin(async { set_up(&connection, stream, &layers).await }).await?
            }
        };
        if !is_plain {
            connection.status.carried_by(stream.carriers());
        }
        tell_accepted(&connection, &*stream);
        Some((connection, stream))
    }
}

/// Tells of the connection, if its frontend tells of that and nothing else. Who it is may be known by its layers alone.
fn tell_accepted(connection: &ClientConnection, stream: &dyn Stream) {
    let Ingress { frontend, listener } = &*connection.status.ingress;
    if frontend.log.moment == LogMoment::Accepted {
        let client = connection.status.source().clone();
        let told = connection.status.findings().destination.clone();
        let destination = told.unwrap_or_else(|| stream.local_addr());
        let accepted = observe::AcceptedRecord { frontend, listener, client, destination };
        connection.worker.view.observer.accepted(&accepted);
        if let Some(log) = &connection.frontend.access_log {
            log.accepted(&accepted);
        }
    }
}

/// Passes the layers. A handshake that fails is logged.
async fn set_up(
    connection: &ClientConnection,
    stream: Box<dyn Stream>,
    layers: &[Arc<dyn Layer>],
) -> Option<Box<dyn Stream>> {
    let session = Registered::session(connection, connection.status.established());
    let closed = Closed::new(connection.status.source().clone(), stream.local_addr());
    let mut findings = Findings::default();
    let established = {
        let established = pin!(establish(stream, layers, connection.frontend.handshake, &mut findings));
        session.kill.guard(established).await.unwrap_or_else(|| Err(session.killed()))
    };
    connection.status.set_up(findings);
    let termination = match established {
        Ok(stream) => return Some(stream),
        Err(termination) => termination,
    };
    session.meter.borrow_mut().ended(termination);
    let report = Report {
        connection,
        activity: &session,
        stream: &closed,
        infos: ConnectionInfos::default(),
        outcome: None,
        holds_slot: false,
        server: ServerFacts::default(),
        traces: &RuleTraces::new(&connection.frontend.unique_ids),
        failed_early: Some(Origin::SessionKilled),
    };
    report.finish(None);
    None
}
