//! The handshakes of an accepted connection's layers: on its worker, under a deadline, before anything else is read.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, until};
use proto_core::stream::Stream;
use proxy_rules::record::Origin;
use tokio::time::Instant;

use super::client::ClientConnection;
use super::closed::Closed;
use super::facts::ServerFacts;
use super::registered::Registered;
use super::report::Report;
use super::rule_traces::RuleTraces;
use crate::observe::{Cause, ConnectionInfos, Stage, Termination};

/// The limit of handshakes in a frontend without timeouts: longer than any of them takes.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Does the handshakes of all layers, the one next to the transport first, within one limit. Returns `None` if one
/// failed, which is logged.
///
/// A handshake that completes at once costs only a call: no timer is made, and nothing is listed.
pub(super) async fn pass(
    connection: &ClientConnection,
    mut stream: Box<dyn Stream>,
    layers: &[Arc<dyn Layer>],
) -> Option<Box<dyn Stream>> {
    let local = stream.local_addr();
    let mut findings = Findings::default();
    let mut session = None;
    for layer in layers {
        let done = {
            let mut handshake = layer.accept(stream, &mut findings);
            match poll_fn(|cx| Poll::Ready(handshake.as_mut().poll(cx))).await {
                Poll::Ready(done) => done.map_err(Failure::Layer),
                Poll::Pending => {
                    let session = session.get_or_insert_with(|| listed(connection));
                    // Boxed: a timer is large, and the task of every connection would have space for it.
                    Box::pin(wait(connection, session, &**layer, handshake)).await
                }
            }
        };
        stream = match done {
            Ok(stream) => stream,
            Err(failure) => {
                let termination = failure.termination();
                if let Failure::Layer(error) = failure {
                    findings.error = Some(Arc::new(error));
                }
                connection.status.set_up(findings, session.is_some());
                let session = session.unwrap_or_else(|| listed(connection));
                report_failure(connection, &session, local, termination);
                return None;
            }
        };
    }
    connection.status.set_up(findings, session.is_some());
    Some(stream)
}

/// Lists waiting handshakes, as a session that began when the connection was accepted.
fn listed(connection: &ClientConnection) -> Registered {
    Registered::session(connection, connection.status.accepted())
}

/// Continues a handshake that waits for the client.
async fn wait(
    connection: &ClientConnection,
    session: &Registered,
    layer: &dyn Layer,
    handshake: impl Future<Output = Result<Box<dyn Stream>, LayerError>> + Unpin,
) -> Result<Box<dyn Stream>, Failure> {
    let limit = connection.frontend.policy.handshake.unwrap_or(LONGEST);
    let deadline: Instant = connection.status.accepted().since + limit;
    let mut handshake = std::pin::pin!(until(deadline, limit, layer, handshake));
    match session.kill.guard(handshake.as_mut()).await {
        Some(done) => done.map_err(Failure::Layer),
        None => Err(Failure::Killed(session.killed())),
    }
}

/// Why the handshakes of a connection failed.
enum Failure {
    Layer(LayerError),
    Killed(Termination),
}

impl Failure {
    fn termination(&self) -> Termination {
        match self {
            Failure::Killed(termination) => *termination,
            // HAProxy attributes failures for which it has a code to the proxy, whatever their cause.
            Failure::Layer(error) if error.code().is_some() => Termination::new(Cause::Proxy, Stage::Request),
            Failure::Layer(LayerError::TimedOut { .. }) => {
                Termination::new(Cause::ClientTimeout, Stage::Setup)
            }
            Failure::Layer(LayerError::Failed { .. }) => Termination::new(Cause::Client, Stage::Setup),
        }
    }
}

fn report_failure(
    connection: &ClientConnection,
    session: &Registered,
    local: Address,
    termination: Termination,
) {
    let stream = Closed::new(connection.status.source().clone(), local);
    report(connection, session, &stream, termination, false);
}

/// Reports a connection that rules have rejected after its handshakes. As in HAProxy one without handshakes is not
/// reported: no session has begun for it.
pub(super) fn report_rejected(connection: &ClientConnection, stream: &dyn Stream) {
    let termination = Termination::new(Cause::Proxy, Stage::Request);
    report(connection, &listed(connection), stream, termination, true);
}

fn report(
    connection: &ClientConnection,
    session: &Registered,
    stream: &dyn Stream,
    termination: Termination,
    is_rejected: bool,
) {
    session.meter.borrow_mut().ended(termination);
    let report = Report {
        connection,
        activity: session,
        stream,
        infos: ConnectionInfos::default(),
        outcome: None,
        holds_slot: false,
        server: ServerFacts::default(),
        traces: &RuleTraces::new(&connection.frontend.policy.unique_ids),
        failed_early: Some(Origin::SessionKilled),
        is_rejected,
    };
    report.finish(None);
}
