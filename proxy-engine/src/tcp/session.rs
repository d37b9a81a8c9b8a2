//! A session of mode tcp in progress: evaluates rules, connects to a server, relays, and is recorded. `lead` says in which
//! order.

use std::pin::pin;
use std::sync::Arc;

use proto_core::info::ConnectionInfo;
use proto_core::stream::Stream;
use proxy_relay::Outcome;
use proxy_rules::regex::{Failed, TimeLeft};
use proxy_rules::{Context, Persistence};

use super::view::View;
use super::waiting_client::WaitingClient;
use crate::connection::{
    Begun, ClientConnection, Facts, Registered, Report, RuleRun, RuleTraces, ServerFacts, relay, sampled,
};
use crate::exchange::memory::Messages;
use crate::observe::{Began, Cause, ConnectionInfos, Stage, Termination};
use crate::policy::LogMoment;
use crate::upstream::Backend;
use crate::upstream::behalf::Told;
use crate::upstream::connect::{AlwaysNew, ServerFindings};
use crate::upstream::dispatch::Dispatch;

/// The end of a session whose rules could not be evaluated: its client is reset.
pub(super) const RULES_FAILED: Termination = Termination { cause: Cause::Internal, stage: Stage::Request };

/// A session in progress.
pub(super) struct Session<'a> {
    pub(super) connection: &'a ClientConnection,
    pub(super) activity: Registered,
    pub(super) dispatch: Dispatch,
    /// What the rules of the backend say about persistence.
    pub(super) persistence: Option<Persistence>,
    traces: RuleTraces,
    /// The memory with the variables that rules have set, if any.
    messages: Option<Box<Messages>>,
    /// What the handshakes of the server's layers found out.
    findings: ServerFindings,
    /// The time that its content rules have left for regular expressions.
    time_left: TimeLeft,
}

/// The result of content rules.
pub(super) enum Inspected {
    /// The session continues.
    Passes,
    /// The session continues as a connection of HTTP.
    BecomesHttp { only_http1: bool },
}

impl<'a> Session<'a> {
    pub(super) fn new(connection: &'a ClientConnection, began: Began) -> Session<'a> {
        Session {
            connection,
            activity: Registered::session(connection, began),
            dispatch: Dispatch::default(),
            persistence: None,
            traces: RuleTraces::new(&connection.frontend.policy.unique_ids),
            messages: None,
            findings: None,
            time_left: TimeLeft::default(),
        }
    }

    /// Returns what the first exchange of the connection takes over, if it becomes one of HTTP.
    pub(super) fn into_begun(self, backend: Option<Arc<Backend>>) -> Begun {
        Begun { backend, traces: self.traces, messages: self.messages }
    }

    /// Calls `run` with the context of content rules, which run whenever bytes arrive: their regular expressions share
    /// their time over the life of the session.
    pub(super) fn with_content<R>(&mut self, view: View<'_>, run: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let mut left = self.time_left;
        let result = self.with_context(view, |context| context.continue_with(&mut left, run));
        self.time_left = left;
        result
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
        self.traces.keep(left.last_rule, left.changes);
        if messages.variables.is_empty() {
            worker.memory.give_messages(messages);
        } else {
            self.messages = Some(messages);
        }
        result
    }

    /// Ends a session without a server, and logs it. The client is reset if rules could not be evaluated; otherwise, as
    /// in HAProxy, the end is orderly, whatever the client has sent.
    pub(super) async fn end(&mut self, mut client: WaitingClient<'_>, termination: Termination) {
        let infos = self.infos(|| Some((client.stream().info(), None)));
        {
            let mut meter = self.activity.meter.borrow_mut();
            meter.moved(client.received().len() as u64, 0);
            meter.ended(termination);
        }
        self.report_end(client.stream(), None, None, infos);
        if termination == RULES_FAILED {
            client.into_stream().abort();
        } else {
            client.drain().await;
        }
    }

    pub(super) async fn server(
        &mut self,
        backend: &'a Arc<Backend>,
        client: &mut WaitingClient<'_>,
    ) -> Result<Box<dyn Stream>, Termination> {
        let connection = self.connection;
        let told = match backend.tells_by_rules() {
            true => {
                let view = client.view(false, backend.tells_request())?;
                self.with_context(view, |context| Told::of(context, backend))
            }
            false => Ok(Told::default()),
        };
        if let Some(key) = backend.key() {
            let view = client.view(false, key.reads_request())?;
            let key = self.with_context(view, |context| key.value(context));
            client.choose_by(key.map_err(|Failed| RULES_FAILED)?);
        }
        client.forget_request();
        client.abort_on_close(backend.config.aborts);
        let behalf = connection.behalf(backend, client.stream(), || told);
        let mut behalf = behalf.map_err(|Failed| RULES_FAILED)?;
        if let Some(changes) = self.traces.changes.as_deref() {
            client.change(changes);
            if let Some(behalf) = &mut behalf {
                behalf.change(changes);
            }
        }
        self.dispatch.priority = self.traces.priority();
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
    pub(super) fn relay(
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
            meter.relayed(&outcome, self.activity.kill.cause());
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
            is_rejected: false,
        }
    }
}
