//! Opens an accepted connection: registers it with its worker, and passes its layers.

use std::rc::Rc;
use std::sync::Arc;

use proto_core::protocol::Incoming;
use proto_core::stream::Stream;
use proxy_rules::Verdict;

use super::admission::{admit, admit_session};
use super::client::ClientConnection;
use super::frontend::{Frontend, Listener};
use super::layers::{pass, report_rejected};
use super::worker::WorkerContext;
use crate::listener::Permit;
use crate::observe::{self, Arrived, Began, Ingress, Load};
use crate::policy::LogMoment;

/// An accepted connection that its worker has not opened yet.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) arrived: Arrived,
    pub(crate) incoming: Box<dyn Incoming>,
    pub(crate) permit: Permit,
    pub(crate) load: Load,
}

/// A connection of this worker whose layers are still to be passed.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) connection: Rc<ClientConnection>,
    stream: Box<dyn Stream>,
    listener: Arc<Listener>,
}

/// Registers an accepted connection with this worker. Returns `None` if that fails, which is counted.
pub(crate) fn open(worker: &Rc<WorkerContext>, accepted: Accepted) -> Option<Opened> {
    let Accepted { frontend, listener, arrived, incoming, permit, load } = accepted;
    let began = Began::now();
    let Ok(stream) = incoming.into_stream() else {
        worker.view.counters.accept_error();
        return None;
    };
    for option in &frontend.policy.options {
        // Options that this kind of socket does not support are skipped.
        let _ = stream.set_option(option);
    }
    let source = stream.peer_addr();
    let connection = ClientConnection::new(worker, frontend, arrived, source, began, (load, permit));
    connection.status.carried_by(stream.carriers());
    Some(Opened { connection, stream, listener })
}

impl Opened {
    /// Passes the layers of the listener and those that rules add. Returns `None` if the rules reject the connection,
    /// or if a handshake failed, which is logged.
    pub(crate) async fn pass_layers(self) -> Option<(Rc<ClientConnection>, Box<dyn Stream>)> {
        let Opened { connection, stream, listener } = self;
        let mut added = Vec::new();
        if !connection.frontend.policy.connection_rules.is_empty() {
            match admit(&connection, &*stream) {
                Some(layers) => added = layers,
                None => {
                    connection.permit.session_refused();
                    stream.abort();
                    return None;
                }
            }
        }
        let with_added = (!added.is_empty()).then(|| listener.layers.with_preambles(added));
        let layers = with_added.as_ref().unwrap_or(&listener.layers.all);
        let stream = match layers.is_empty() {
            true => stream,
            false => {
                let below = &raw const *stream;
                let stream = pass(&connection, stream, layers).await?;
                // Layers that return the stream they were given carry nothing.
                if !std::ptr::addr_eq(below, &raw const *stream) {
                    connection.status.carried_by(stream.carriers());
                }
                stream
            }
        };
        if !connection.frontend.policy.session_rules.is_empty()
            && let Err(verdict) = admit_session(&connection, &*stream)
        {
            // As in HAProxy the end of a rejected connection is orderly.
            if let Verdict::Failed = verdict {
                stream.abort();
            } else if !layers.is_empty() {
                report_rejected(&connection, &*stream);
            }
            return None;
        }
        tell_accepted(&connection, &*stream);
        Some((connection, stream))
    }
}

/// Logs the connection if its frontend logs accepted connections. Only its layers may know who the client is.
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
