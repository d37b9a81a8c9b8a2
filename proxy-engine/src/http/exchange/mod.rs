//! An exchange: a request, the rules that run on it, a server, and the response to the client.
//!
//! ```text
//!  request ─► frontend's rules ─► backend ─► its rules ─► server ─► request sent ─► response ─► rules ─► client
//!                  │                            │            │           │   ▲          │          │
//!                  └── a reply of the proxy ◄───┴────────────┴───────────┘   └─ again ──┘ ◄────────┘
//! ```
//!
//! * `content_rules`: rules that run before those of HTTP, and may wait for more of a body, which `early_body` holds
//!   if it is the response's. `request`: the part of a request that is read in advance. `rules`: the rules of
//!   sections. `captures`: what log lines keep of messages. `fields`: header fields that settings add and remove.
//! * `persistence`: cookies that lead a client to the same server again.
//! * `forward`: from the request to the response. `waiting_request`: a client that waits for a server. `retry`:
//!   whether a request is sent again. `response`: waits for the head. `bodies`: moves both bodies, by `transfer` and
//!   `upload`. `keep_alive`, `server_connection`: whether the connections are kept.
//! * `reply`: the replies of the proxy. `service`: those of services. `tunnel`: the relay after a response that begins a tunnel.
//!
//! It knows neither the codecs of the two sides nor whether their connections carry other exchanges.

mod bodies;
mod captures;
mod content_rules;
mod early_body;
mod fields;
mod forward;
mod keep_alive;
mod persistence;
mod reply;
mod request;
mod resolve;
mod response;
mod retry;
mod rules;
mod server_connection;
mod service;
mod transfer;
mod tunnel;
mod upload;
mod waiting_request;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use proto_core::extension::Sampled;
use proto_core::stream::Stream;
use proxy_http::{Method, Version};
use proxy_relay::Outcome;
use proxy_rules::record::Origin;
use proxy_rules::{Answer, ErrorMessages, NameLookup, Service};
use tokio::time::Instant;

use super::servers::ServerExchange;
use crate::connection::{
    Begun, ClientConnection, KeptServer, Registered, Report, RuleTraces, ServerFacts, sampled,
};
use crate::exchange::error::ErrorCode;
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::exchange::memory::Messages;
use crate::exchange::timer::Timer;
use crate::observe::{Cause, ConnectionInfos, Stage, Termination};
use crate::policy::HttpPolicy;
use crate::upstream::Backend;
use crate::upstream::dispatch::Dispatch;
use persistence::Persistence;
use resolve::Resolved;
use upload::Upload;

pub(crate) use reply::NoRequest;

/// The length of what a request line has beside method and target, in bytes.
const SPACES_AND_VERSION: usize = " HTTP/1.1 ".len();

/// How an exchange ended, as far as the client's connection is concerned.
#[derive(Debug)]
pub(crate) enum Done {
    /// The client has the response: the connection may be kept.
    Answered,
    /// The client has no complete response, or is to get none: the connection is closed, or the exchange is reset if
    /// it shares one.
    Broken(ErrorCode),
    /// The connection becomes a tunnel.
    Tunnel(Box<ServerExchange>),
}

/// The outcome of an exchange that a server responded to.
#[derive(Debug)]
enum Forwarded {
    /// The client has the response, or as much as there is of it.
    Answered,
    /// The connections have become a tunnel. Boxed: few responses begin one.
    Tunnel(Box<ServerExchange>),
}

/// Why an exchange ends without a complete response of a server.
#[derive(Debug)]
enum Stop {
    /// The client gets this reply of the proxy.
    Reply { reply: Arc<Answer>, termination: Termination },
    /// A service answers the request.
    Serve(Arc<dyn Service>),
    /// The client gets an error message after a delay.
    Tarpit { status: u16 },
    /// A rule has a name resolved; then the rules continue.
    Resolve(Box<NameLookup>),
    /// The client gets no reply: it is gone, is rejected without one, or has part of a response.
    Close(Termination, ErrorCode),
    /// The connection is closed without a reply or a log line, so that the client tries again.
    Silent,
}

/// The longest silence of each side.
#[derive(Clone, Copy, Debug)]
struct SilenceLimits {
    client: Option<Duration>,
    server: Option<Duration>,
}

/// An exchange in progress.
pub(crate) struct Exchange<'c> {
    connection: &'c ClientConnection,
    /// The policy of the frontend.
    policy: &'c HttpPolicy,
    activity: Registered,
    messages: Box<Messages>,
    timer: Timer,
    /// The method that the client sent; rules may change that of the request.
    method: Method,
    /// Whether the client offers to speak another protocol after the response.
    offers_upgrade: bool,
    backend: Option<&'c Arc<Backend>>,
    dispatch: Dispatch,
    persistence: Persistence,
    /// Whether the server's connection has carried an exchange before.
    is_reused: Option<bool>,
    /// The facts of that connection for log lines and later rules. Boxed: few exchanges keep them.
    kept: Option<Box<KeptServer>>,
    upload: Upload,
    /// Whether an action that fails ends the exchange.
    strict: bool,
    traces: RuleTraces,
    /// Set if the exchange failed before there was a request.
    failed_early: Option<Origin>,
    /// The answer to a rule that had a name resolved. Boxed: few have.
    resolved: Option<Box<Resolved>>,
    /// Whether the connection began in mode tcp: the content rules of the frontend have run then.
    is_upgraded: bool,
}

impl<'c> Exchange<'c> {
    /// Creates an exchange that has just begun. The timer is the connection's, or its own.
    pub(crate) fn new(
        connection: &'c ClientConnection,
        policy: &'c HttpPolicy,
        activity: Registered,
        messages: Box<Messages>,
        timer: Timer,
    ) -> Exchange<'c> {
        Exchange {
            connection,
            policy,
            activity,
            messages,
            timer,
            method: Method::Get,
            offers_upgrade: false,
            backend: None,
            dispatch: Dispatch::default(),
            persistence: Persistence::default(),
            is_reused: None,
            kept: None,
            upload: Upload::new(policy.tuning.bufsize, &connection.worker.memory),
            strict: true,
            traces: RuleTraces::new(&connection.frontend.policy.unique_ids),
            failed_early: None,
            resolved: None,
            is_upgraded: false,
        }
    }

    /// Takes over what mode tcp has prepared, with the variables that its rules have set.
    pub(crate) fn goes_on(&mut self, begun: Option<Box<Begun>>) {
        let Some(begun) = begun else { return };
        let Begun { backend, traces, messages } = *begun;
        if let Some(mut messages) = messages {
            std::mem::swap(&mut self.messages.variables, &mut messages.variables);
            self.connection.worker.memory.give_messages(messages);
        }
        let is_chosen = |own: &&Arc<Backend>| backend.as_ref().is_some_and(|chosen| Arc::ptr_eq(own, chosen));
        self.backend = self.connection.frontend.backends().find(is_chosen);
        (self.traces, self.is_upgraded) = (traces, true);
    }

    /// Returns when the exchange ended, if the clock was read then.
    pub(crate) fn ended_at(&self) -> Option<Instant> {
        self.activity.meter.borrow().ended_at()
    }

    /// Ends the exchange and releases its memory for later ones. Returns the timer.
    pub(crate) fn end(self) -> Timer {
        let Exchange { connection, mut upload, messages, timer, .. } = self;
        let memory = &connection.worker.memory;
        upload.release();
        memory.give_messages(messages);
        timer
    }

    /// Serves a request whose head has arrived, until it is answered or killed.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    pub(crate) fn run(
        &mut self,
        front: &mut dyn FrontExchange,
        facts: RequestFacts,
    ) -> impl Future<Output = Done> {
        async move {
            self.begin();
            self.offers_upgrade = facts.upgrade;
            let activity = self.activity.activity();
            let result = {
                let serving = pin!(self.serve(front, &facts));
                activity.kill.guard(serving).await
            };
            result.unwrap_or_else(|| {
                self.killed(front);
                Done::Broken(ErrorCode::CANCEL)
            })
        }
    }

    /// Records the end of an exchange that was killed.
    fn killed(&mut self, front: &dyn FrontExchange) {
        let termination = self.activity.killed();
        self.activity.meter.borrow_mut().ended(termination);
        self.dispatch.slot = None;
        self.finish(front);
    }

    /// Records the request line for logs, before rules change it.
    fn begin(&mut self) {
        let request = &self.messages.request;
        self.method = request.method();
        let worker = &self.connection.worker;
        self.activity.meter.borrow_mut().request_received(Instant::now(), |line| {
            let length = request.method_name().len() + request.target().len() + SPACES_AND_VERSION;
            worker.memory.fill(line, length);
            line.extend_from_slice(request.method_name());
            line.push(b' ');
            line.extend_from_slice(request.target());
            match request.version() {
                Version::HTTP_11 => line.extend_from_slice(b" HTTP/1.1"),
                other => line.extend_from_slice(format!(" {other}").as_bytes()),
            }
        });
    }

    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn serve(&mut self, front: &mut dyn FrontExchange, facts: &RequestFacts) -> impl Future<Output = Done> {
        async move {
            let mut result = self.forward(front, facts).await;
            if let Err(Stop::Serve(service)) = result {
                // Boxed: few requests are for a service.
                result = Box::pin(self.serve_by(front, facts, service)).await;
            }
            if let Err(Stop::Tarpit { status }) = result {
                result = self.tarpit(front, status).await;
            }
            match result {
                Ok(Forwarded::Answered) => {
                    self.finish(front);
                    self.dispatch.slot = None;
                    Done::Answered
                }
                Ok(Forwarded::Tunnel(server)) => {
                    self.measure(front);
                    Done::Tunnel(server)
                }
                Err(Stop::Reply { reply, termination }) => {
                    self.activity.meter.borrow_mut().ended(termination);
                    // The server is no longer involved.
                    self.dispatch.slot = None;
                    let is_sent = self.reply(front, &reply).await;
                    self.finish(front);
                    if is_sent { Done::Answered } else { Done::Broken(ErrorCode::CANCEL) }
                }
                Err(Stop::Close(termination, code)) => {
                    self.activity.meter.borrow_mut().ended(termination);
                    self.finish(front);
                    Done::Broken(code)
                }
                Err(Stop::Silent | Stop::Serve(_) | Stop::Tarpit { .. } | Stop::Resolve(_)) => {
                    Done::Broken(ErrorCode::REFUSED)
                }
            }
        }
    }

    /// Returns the policy of the backend, or of the frontend until there is a backend.
    fn back_policy(&self) -> &'c HttpPolicy {
        self.backend.and_then(|backend| backend.http()).map_or(self.policy, |http| http)
    }

    /// Returns the error message for a status.
    fn error(&self, status: u16) -> &Arc<Answer> {
        let backend = self.backend.and_then(|backend| backend.http());
        ErrorMessages::lookup(backend.map(|http| &http.errors), &self.policy.errors, status)
    }

    /// Returns an error message as the end of the exchange.
    fn failed(&self, status: u16, cause: Cause, stage: Stage) -> Stop {
        let reply = Arc::clone(self.error(status));
        Stop::Reply { reply, termination: Termination::new(cause, stage) }
    }

    fn silence_limits(&self) -> SilenceLimits {
        let server = self.backend.and_then(|backend| backend.timeouts().server.inactivity);
        SilenceLimits { client: self.connection.inactivity(), server }
    }

    /// Flushes the output to the client. Fails if the client takes none of it for longer than its timeout.
    async fn flush(&mut self, front: &mut dyn FrontExchange) -> Result<(), Cause> {
        let limit = self.connection.inactivity();
        let timer = &mut self.timer;
        let (mut since, mut sent) = (Instant::now(), front.sent());
        poll_fn(|cx| match front.poll_flush(cx) {
            Poll::Ready(flushed) => Poll::Ready(flushed.map_err(|_| Cause::Client)),
            Poll::Pending => {
                if front.sent() != sent {
                    (since, sent) = (Instant::now(), front.sent());
                }
                let deadline = limit.and_then(|limit| since.checked_add(limit));
                timer.poll(cx, deadline).map(|()| Err(Cause::ClientTimeout))
            }
        })
        .await
    }

    /// Counts the end of the exchange, and logs it unless that was done before.
    fn finish(&mut self, front: &dyn FrontExchange) {
        self.measure(front);
        let stream = front.stream();
        let infos = self.infos(&*stream);
        self.report(&*stream, None, None, infos).finish();
    }

    /// Logs the exchange at the head of the response. It is counted at its end.
    fn report_early(&mut self, front: &dyn FrontExchange, server: &ServerExchange) {
        self.measure(front);
        let (stream, connection) = (front.stream(), server.look().stream());
        let infos = self.infos(&*stream);
        self.report(&*stream, Some(sampled(&*connection, server.findings())), None, infos).early();
    }

    /// Updates what the meter knows of bytes and cookies.
    fn measure(&self, front: &dyn FrontExchange) {
        self.trace_cookies();
        let mut meter = self.activity.meter.borrow_mut();
        // Without a complete request, all bytes that have arrived count.
        let unread = if meter.has_request() { 0 } else { front.unread() };
        meter.moved(front.received() + unread, front.sent());
    }

    /// Returns what is known of the client's connection and its paths, if the record needs it.
    fn infos(&self, stream: &dyn Stream) -> ConnectionInfos {
        let wants_info = self.activity.meter.borrow().wants_record();
        let client = if wants_info { self.connection.info(stream) } else { None };
        ConnectionInfos { client, server: None }
    }

    fn report<'r>(
        &'r mut self,
        stream: &'r dyn Stream,
        server: Option<Sampled<'r>>,
        outcome: Option<&'r Outcome>,
        infos: ConnectionInfos,
    ) -> ExchangeReport<'r> {
        let connection = server.or_else(|| self.kept.as_ref().map(|kept| kept.sampled()));
        let report = Report {
            connection: self.connection,
            activity: &self.activity,
            stream,
            infos,
            outcome,
            holds_slot: self.dispatch.slot.is_some(),
            server: ServerFacts { connection, is_reused: self.is_reused },
            traces: &self.traces,
            failed_early: self.failed_early,
            is_rejected: false,
        };
        ExchangeReport { report, messages: &mut self.messages }
    }
}

/// A report with the messages of the exchange.
struct ExchangeReport<'r> {
    report: Report<'r>,
    messages: &'r mut Messages,
}

impl ExchangeReport<'_> {
    fn early(self) {
        self.report.early(Some(self.messages));
    }

    fn finish(self) {
        self.report.finish(Some(self.messages));
    }
}
