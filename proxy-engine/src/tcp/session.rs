//! A session: one client connection of mode tcp, from its acceptance to its end.
//!
//! ```text
//!  opened ─► routed to a backend ─► reaches a server ─► relays ─► recorded
//!                 │                       │
//!                 └── no backend          └── no server ────────► recorded
//! ```

use std::pin::pin;
use std::sync::Arc;

use proto_core::info::ConnectionInfo;
use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::Context;
use proxy_rules::regex::Failed;
use tokio::time::Instant;

use super::waiting_client::WaitingClient;
use crate::connection::{
    ClientConnection, Doing, Facts, Opened, Registered, Report, RuleTraces, ServerFacts, relay, sampled,
};
use crate::observe::{Cause, ConnectionInfos, Stage, Termination};
use crate::policy::LogMoment;
use crate::upstream::Backend;
use crate::upstream::behalf::Told;
use crate::upstream::connect::{AlwaysNew, ServerFindings};
use crate::upstream::dispatch::Dispatch;

/// Serves a client. What the connection takes of the process's limits is held until both sides are closed.
pub(crate) async fn run(opened: Opened) {
    let Some((connection, stream)) = opened.pass_layers().await else { return };
    connection.status.does(Doing::Busy, Instant::now());
    let mut session = Session {
        connection: &connection,
        activity: Registered::session(&connection, connection.status.established()),
        dispatch: Dispatch::default(),
        traces: RuleTraces::new(&connection.frontend.unique_ids),
        findings: None,
    };
    let backend = match session.route(&*stream) {
        Ok(backend) => backend,
        Err(Failed) => return session.fail(stream),
    };
    if let Some((client, server)) = session.reach(backend, stream).await {
        session.relay(backend, client, server).await;
    }
}

/// A session at work.
struct Session<'a> {
    connection: &'a ClientConnection,
    activity: Registered,
    dispatch: Dispatch,
    traces: RuleTraces,
    /// Of the connection to the server.
    findings: ServerFindings,
}

impl<'a> Session<'a> {
    /// The backend that it is led to.
    fn route(&self, stream: &dyn Stream) -> Result<Option<&'a Arc<Backend>>, Failed> {
        let frontend = &self.connection.frontend;
        let chosen = match &frontend.switching {
            Some(switching) => self.with_context(stream, |context| switching.choose(context))?,
            None => None,
        };
        let backend = chosen.or(frontend.backend.as_ref());
        if let Some(backend) = backend {
            self.activity.meter.borrow_mut().routed(backend.observed());
        }
        Ok(backend)
    }

    /// Resets a connection about which rules could not be evaluated.
    fn fail(&mut self, client: Box<dyn Stream>) {
        let infos = self.infos(|| Some((client.info(), None)));
        self.activity.meter.borrow_mut().ended(Termination::new(Cause::Internal, Stage::Request));
        self.report(&*client, None, None, infos).finish(None);
        client.abort();
    }

    /// Lets something look at the session as it is.
    fn with_context<R>(&self, stream: &dyn Stream, look: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let (connection, worker) = (self.connection, &self.connection.worker);
        let meter = self.activity.meter.borrow();
        let facts = Facts {
            connection,
            stream,
            meter: &meter,
            server: ServerFacts::default(),
            number: self.activity.number(),
        };
        let mut messages = worker.memory.messages();
        let mut buffer = worker.rule_buffer.take();
        let mut session = connection.variables.borrow_mut();
        messages.variables.swap_session(&mut session);
        let mut context = Context::new(&facts, &mut messages.variables, &mut buffer);
        context.unique_id = self.traces.unique_id();
        let result = look(&mut context);
        messages.variables.swap_session(&mut session);
        worker.rule_buffer.replace(buffer);
        worker.memory.give_messages(messages);
        result
    }

    /// Finds a server and connects to it. Without one, that is the end.
    async fn reach(
        &mut self,
        backend: Option<&'a Arc<Backend>>,
        client: Box<dyn Stream>,
    ) -> Option<(Box<dyn Stream>, Box<dyn Stream>)> {
        let mut client = WaitingClient::new(self.connection, client);
        match self.server(backend, &mut client).await {
            Ok(server) => Some((client.into_stream(), server)),
            Err(termination) => {
                let infos = self.infos(|| Some((client.stream().info(), None)));
                let mut meter = self.activity.meter.borrow_mut();
                meter.moved(client.received(), 0);
                meter.ended(termination);
                drop(meter);
                self.report(client.stream(), None, None, infos).finish(None);
                None
            }
        }
    }

    async fn server(
        &mut self,
        backend: Option<&'a Arc<Backend>>,
        client: &mut WaitingClient<'_>,
    ) -> Result<Box<dyn Stream>, Termination> {
        let Some(backend) = backend else { return Err(Termination::new(Cause::Server, Stage::Connect)) };
        let (activity, shortage) = (&self.activity, &self.connection.worker.shortage);
        let behalf = self.connection.behalf(backend, client.stream(), || {
            self.with_context(client.stream(), |context| Told::of(context, backend))
        });
        let mut connections = AlwaysNew { behalf, findings: None };
        let reached = {
            let reached =
                pin!(self.dispatch.reach(backend, client, &mut connections, &activity.meter, shortage));
            activity.kill.guard(reached).await.unwrap_or_else(|| Err(activity.killed()))
        };
        self.findings = connections.findings;
        reached
    }

    #[expect(clippy::manual_async_fn, reason = "an `async fn` keeps the room of its arguments twice")]
    fn relay(
        &mut self,
        backend: Option<&Arc<Backend>>,
        mut client: Box<dyn Stream>,
        mut server: Box<dyn Stream>,
    ) -> impl Future<Output = ()> {
        async move {
            let log = &self.connection.status.ingress.frontend.log;
            if log.own_address {
                self.activity.meter.borrow_mut().comes_from(server.local_addr());
            }
            if log.moment == LogMoment::Connected {
                let infos = self.infos(|| Some((client.info(), Some(server.info()))));
                self.report(&*client, Some(&*server), None, infos).early(None);
            }
            let (outcome, infos) =
                relay(self.connection, &self.activity, backend, &mut *client, &mut *server).await;
            let mut meter = self.activity.meter.borrow_mut();
            meter.moved(outcome.to_server.bytes, outcome.to_client.bytes);
            meter.relayed(&outcome);
            drop(meter);
            self.report(&*client, Some(&*server), Some(&outcome), infos).finish(None);
            outcome.close(client, server);
            // The server's connection is closed: its slot may go to the next.
            self.dispatch.slot = None;
        }
    }

    /// What the connections really are, if a record will want it.
    fn infos(
        &self,
        look: impl FnOnce() -> Option<(ConnectionInfo, Option<ConnectionInfo>)>,
    ) -> ConnectionInfos {
        let log = self.connection.status.ingress.frontend.log;
        let infos = if log.connections && log.wants_sessions() { look() } else { None };
        infos.map_or_else(ConnectionInfos::default, |(client, server)| ConnectionInfos {
            client: Some(client),
            server,
        })
    }

    fn report<'r>(
        &'r self,
        stream: &'r dyn Stream,
        server: Option<&'r dyn Stream>,
        outcome: Option<&'r Outcome>,
        infos: ConnectionInfos,
    ) -> Report<'r> {
        let connection = server.map(|server| sampled(server, &self.findings));
        Report {
            connection: self.connection,
            activity: &self.activity,
            stream,
            infos,
            outcome,
            holds_slot: self.dispatch.slot.is_some(),
            server: ServerFacts { connection, is_reused: None },
            traces: &self.traces,
            failed_early: None,
        }
    }
}
