//! A session: one client connection of mode tcp, from its acceptance to its end.
//!
//! ```text
//!  opened ─► routed to a backend ─► reaches a server ─► relays ─► recorded
//!                 │                       │
//!                 ├── no backend          └── no server ────────► recorded
//!                 └── becomes a connection of HTTP
//! ```

use std::pin::pin;
use std::sync::Arc;

use proto_core::info::ConnectionInfo;
use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::Context;
use proxy_rules::regex::Failed;

use super::view::View;
use super::waiting_client::WaitingClient;
use crate::connection::{
    Begun, ClientConnection, Doing, Facts, Opened, Registered, Report, RuleRun, RuleTraces, ServerFacts,
    Upgrade, relay, sampled,
};
use crate::exchange::memory::Messages;
use crate::observe::{Cause, ConnectionInfos, Stage, Termination};
use crate::policy::{BindProto, LogMoment};
use crate::upstream::Backend;
use crate::upstream::behalf::Told;
use crate::upstream::connect::{AlwaysNew, ServerFindings};
use crate::upstream::dispatch::Dispatch;

/// Serves a client, whose connection counts towards the limits of the process until both sides are closed. Returns the
/// connection if it becomes one of HTTP.
pub(crate) async fn run(opened: Opened) -> Option<Upgrade> {
    let (connection, stream) = opened.pass_layers().await?;
    let began = connection.status.established();
    connection.status.does(Doing::Busy, began.since);
    let mut session = Session {
        connection: &connection,
        activity: Registered::session(&connection, began),
        dispatch: Dispatch::default(),
        traces: RuleTraces::new(&connection.frontend.unique_ids),
        messages: None,
        findings: None,
    };
    match session.reach(stream).await {
        Reached::Server(backend, client, server) => {
            session.relay(backend, client, server).await;
            None
        }
        Reached::Http { client, backend, only_http1 } => {
            let Session { traces, messages, .. } = session;
            let begun = Begun { backend: backend.cloned(), traces, messages };
            Some(Upgrade { connection, stream: client, begun, only_http1 })
        }
        Reached::Nothing => None,
    }
}

/// The end of a session whose rules could not be evaluated: its client is reset.
pub(super) const RULES_FAILED: Termination = Termination { cause: Cause::Internal, stage: Stage::Request };

/// A session in progress.
pub(super) struct Session<'a> {
    pub(super) connection: &'a ClientConnection,
    pub(super) activity: Registered,
    dispatch: Dispatch,
    traces: RuleTraces,
    /// The memory with the variables that rules have set, if any.
    messages: Option<Box<Messages>>,
    /// What the handshakes of the server's layers found out.
    findings: ServerFindings,
}

/// The result of content rules.
pub(super) enum Inspected {
    /// The session continues.
    Passes,
    /// The session continues as a connection of HTTP.
    BecomesHttp { only_http1: bool },
}

/// What a session continues as after its rules.
enum Led<'a> {
    /// A session with this backend.
    To(&'a Arc<Backend>),
    /// A connection of HTTP, which may have a backend already.
    Http { backend: Option<&'a Arc<Backend>>, only_http1: bool },
}

/// The result of looking for a server.
enum Reached<'a> {
    /// The backend, the client's connection and the server's.
    Server(&'a Arc<Backend>, Box<dyn Stream>, Box<dyn Stream>),
    /// The session becomes a connection of HTTP, which may have a backend already.
    Http { client: Box<dyn Stream>, backend: Option<&'a Arc<Backend>>, only_http1: bool },
    /// The session has ended and was logged.
    Nothing,
}

impl<'a> Session<'a> {
    /// Runs the content rules on the client's bytes, and chooses the backend.
    async fn lead(&mut self, client: &mut WaitingClient<'_>) -> Result<Led<'a>, Termination> {
        let front = self.connection.frontend.inspection.as_ref();
        if let Some(front) = front.filter(|front| !front.request.rules.is_empty()) {
            match self.inspect_request(client, front).await {
                Ok(Inspected::Passes) => {}
                Ok(Inspected::BecomesHttp { only_http1 }) => {
                    self.may_become_http(Cause::Proxy)?;
                    return Ok(Led::Http { backend: None, only_http1 });
                }
                Err(termination) => {
                    // As in HAProxy the session of a client that leaves belongs to its backend.
                    if matches!(termination.cause, Cause::Client | Cause::ClientTimeout)
                        && let Some(backend) = self.route(client).map_err(|Failed| RULES_FAILED)?
                    {
                        self.activity.meter.borrow_mut().routed(backend.observed());
                    }
                    return Err(termination);
                }
            }
        }
        let backend = self.route(client).map_err(|Failed| RULES_FAILED)?;
        let backend = backend.ok_or(Termination::new(Cause::Server, Stage::Connect))?;
        if backend.http().is_some() {
            self.may_become_http(Cause::Resource)?;
            return Ok(Led::Http { backend: Some(backend), only_http1: false });
        }
        self.activity.meter.borrow_mut().routed(backend.observed());
        let back = backend.config.inspection.as_ref().filter(|back| !back.request.rules.is_empty());
        // A `listen` section is both, and its rules run once.
        if let Some(back) = back.filter(|back| !front.is_some_and(|front| Arc::ptr_eq(front, back))) {
            self.inspect_request(client, back).await?;
        }
        Ok(Led::To(backend))
    }

    /// Fails, with the cause that HAProxy logs, if the listener does not allow HTTP.
    fn may_become_http(&self, cause: Cause) -> Result<(), Termination> {
        match self.connection.status.ingress.listener.proto {
            BindProto::Tcp => Err(Termination::new(cause, Stage::Request)),
            BindProto::Any | BindProto::Http1 => Ok(()),
        }
    }

    /// Chooses the backend.
    fn route(&mut self, client: &mut WaitingClient<'_>) -> Result<Option<&'a Arc<Backend>>, Failed> {
        let frontend = &self.connection.frontend;
        let chosen = match &frontend.switching {
            Some(switching) => {
                let view = client.view(false, switching.reads_request);
                self.with_context(view, |context| switching.choose(context))?
            }
            None => None,
        };
        Ok(chosen.or(frontend.backend.as_ref()))
    }

    /// Calls `look` with the rule context of the session.
    pub(super) fn with_context<R>(&mut self, view: View<'_>, look: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let (connection, worker) = (self.connection, &self.connection.worker);
        let meter = self.activity.meter.borrow();
        let server = view.server.map(|server| sampled(server, &self.findings));
        let facts = Facts {
            connection,
            stream: view.client,
            meter: &meter,
            server: ServerFacts { connection: server, is_reused: None },
            number: self.activity.number(),
        };
        let mut messages = self.messages.take().unwrap_or_else(|| worker.memory.messages());
        let changes = self.traces.changes.take();
        let run = RuleRun {
            request: view.http,
            request_is_coming: view.request_is_coming,
            request_bytes: view.request,
            response_bytes: view.response,
            ..RuleRun::new(connection, &facts, &mut messages.variables).after(&self.traces, changes)
        };
        let (result, left) = run.run(look);
        self.traces.keep(left);
        if messages.variables.is_empty() {
            worker.memory.give_messages(messages);
        } else {
            self.messages = Some(messages);
        }
        result
    }

    /// Finds a server and connects to it, unless the session becomes a connection of HTTP. Ends the session if there
    /// is no server.
    async fn reach(&mut self, client: Box<dyn Stream>) -> Reached<'a> {
        let mut client = WaitingClient::new(self.connection, client);
        let reached = match self.lead(&mut client).await {
            Ok(Led::Http { backend, only_http1 }) => {
                return Reached::Http { client: client.into_stream(), backend, only_http1 };
            }
            Ok(Led::To(backend)) => self.server(backend, &mut client).await.map(|server| (backend, server)),
            Err(termination) => Err(termination),
        };
        match reached {
            Ok((backend, server)) => {
                let (client, received) = client.into_parts();
                self.activity.relay.put_back(received);
                Reached::Server(backend, client, server)
            }
            Err(termination) => {
                let infos = self.infos(|| Some((client.stream().info(), None)));
                let mut meter = self.activity.meter.borrow_mut();
                meter.moved(client.received().len() as u64, 0);
                meter.ended(termination);
                drop(meter);
                self.report_end(client.stream(), None, None, infos);
                if termination == RULES_FAILED {
                    client.into_stream().abort();
                }
                Reached::Nothing
            }
        }
    }

    async fn server(
        &mut self,
        backend: &'a Arc<Backend>,
        client: &mut WaitingClient<'_>,
    ) -> Result<Box<dyn Stream>, Termination> {
        let connection = self.connection;
        let told = match backend.tells_by_rules() {
            true => {
                let view = client.view(false, backend.tells_request());
                self.with_context(view, |context| Told::of(context, backend))
            }
            false => Ok(Told::default()),
        };
        client.forget_request();
        let behalf = connection.behalf(backend, client.stream(), || told);
        let mut behalf = behalf.map_err(|Failed| RULES_FAILED)?;
        if let Some(changes) = self.traces.changes.as_deref() {
            client.change(changes);
            if let Some(behalf) = &mut behalf {
                behalf.change(changes);
            }
        }
        let (activity, shortage) = (&self.activity, &connection.worker.shortage);
        let mut connections = AlwaysNew { behalf, findings: None };
        let reached = {
            let reached =
                pin!(self.dispatch.reach(backend, client, &mut connections, &activity.meter, shortage));
            activity.kill.guard(reached).await.unwrap_or_else(|| Err(activity.killed()))
        };
        self.findings = connections.findings;
        reached
    }

    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn relay(
        &mut self,
        backend: &Arc<Backend>,
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
                let mut messages = self.messages.take();
                self.report(&*client, Some(&*server), None, infos).early(messages.as_deref_mut());
                self.messages = messages;
            }
            if self.dispatch.slot.as_ref().is_some_and(|slot| slot.server().config().resets) {
                self.activity.relay.end_with_client();
            }
            let gated = backend.config.inspection.as_ref().filter(|back| !back.response.rules.is_empty());
            let (outcome, infos) = match gated {
                Some(back) => Box::pin(self.relay_inspected(backend, back, &mut *client, &mut *server)).await,
                None => {
                    let (connection, activity) = (self.connection, &self.activity);
                    relay(connection, activity, Some(backend), &mut *client, &mut *server, None).await
                }
            };
            let mut meter = self.activity.meter.borrow_mut();
            meter.moved(outcome.to_server.bytes, outcome.to_client.bytes);
            meter.relayed(&outcome);
            drop(meter);
            self.report_end(&*client, Some(&*server), Some(&outcome), infos);
            outcome.close(client, server);
            // The server's connection is closed, so its slot is free.
            self.dispatch.slot = None;
        }
    }

    /// Returns what is known of the connections and their paths, if the record needs it.
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

    /// Counts the end of the session, and logs it unless that was done before.
    fn report_end(
        &mut self,
        client: &dyn Stream,
        server: Option<&dyn Stream>,
        outcome: Option<&Outcome>,
        infos: ConnectionInfos,
    ) {
        let mut messages = self.messages.take();
        self.report(client, server, outcome, infos).finish(messages.as_deref_mut());
        if let Some(messages) = messages {
            self.connection.worker.memory.give_messages(messages);
        }
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
