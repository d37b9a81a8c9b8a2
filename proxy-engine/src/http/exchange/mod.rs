//! An exchange: a request, the rules that it meets, a server, and what the client gets.
//!
//! ```text
//!  request ─► frontend's rules ─► backend ─► its rules ─► server ─► request sent ─► response ─► rules ─► client
//!                  │                            │            │           │   ▲          │          │
//!                  └── a reply of the proxy ◄───┴────────────┴───────────┘   └─ again ──┘ ◄────────┘
//! ```
//!
//! * `content_rules`: rules that come before those of HTTP, and may wait. `request`: what is read of it before it goes anywhere. `rules`: what rules of sections make of the messages.
//!   `captures`: what is kept of them for log lines. `fields`: which fields their settings add and take away.
//! * `forward`: the way to a server and back. `waiting`: the client while a server is looked for. `retry`: when a request
//!   is sent once more. `response`: waiting for its head. `bodies`: moving both bodies, by `transfer` and `upload`.
//!   `server_connection`: whether the server's connection is kept, and for whom.
//! * `reply`: what the proxy answers itself. `tunnel`: what follows a response that begins one.
//!
//! It knows neither the codecs of the two sides nor whether their connections carry other exchanges.

mod bodies;
mod captures;
mod content_rules;
mod early_body;
mod fields;
mod forward;
mod keep_alive;
mod reply;
mod request;
mod response;
mod retry;
mod rules;
mod server_connection;
mod transfer;
mod tunnel;
mod upload;
mod waiting_request;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use proto_core::extension::Sampled;
use proto_core::stream::Stream;
use proxy_http::{Method, Version};
use proxy_relay::{Outcome, SideTimeouts};
use proxy_rules::record::Origin;
use proxy_rules::{Answer, ErrorMessages};
use tokio::time::Instant;

use super::servers::ServerExchange;
use crate::connection::{
    Begun, ClientConnection, KeptServer, Registered, Report, RuleTraces, ServerFacts, sampled,
};
use crate::exchange::error::ErrorCode;
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::exchange::memory::Messages;
use crate::exchange::timer::Timer;
use crate::observe::{Began, Cause, ConnectionInfos, Stage, Termination};
use crate::policy::HttpPolicy;
use crate::upstream::Backend;
use crate::upstream::dispatch::Dispatch;
use upload::Upload;

pub(crate) use reply::NoRequest;

/// What becomes of the client's connection, as far as the exchange can say.
#[derive(Debug)]
pub(crate) enum Done {
    /// The client has the response: the connection may be kept.
    Answered,
    /// The client does not have a whole response, or none is to be sent: the connection is of no use, or the exchange
    /// is reset if it shares one.
    Broken(ErrorCode),
    /// The connection becomes a tunnel.
    Tunnel(ServerExchange),
}

/// How an exchange went that came to a response.
#[derive(Debug)]
enum Forwarded {
    /// The client has the response, or as much as there is of it.
    Answered,
    /// The connections are a tunnel now.
    Tunnel(ServerExchange),
}

/// Why an exchange did not come to a response of a server.
#[derive(Debug)]
enum Stop {
    /// The client gets this reply of the proxy.
    Reply { reply: Arc<Answer>, termination: Termination },
    /// The client gets an error message, after a while.
    Tarpit { status: u16 },
    /// There is no client to tell, or nothing to be told.
    Close(Termination, ErrorCode),
    /// The connection is closed so that the client tries again, and nothing is said of it anywhere.
    Silent,
}

/// How long each side may be silent.
#[derive(Clone, Copy, Debug)]
struct SilenceLimits {
    client: SideTimeouts,
    server: SideTimeouts,
}

/// An exchange.
pub(crate) struct Exchange<'c> {
    connection: &'c ClientConnection,
    /// Of the frontend.
    policy: &'c HttpPolicy,
    activity: Registered,
    messages: Box<Messages>,
    timer: Timer,
    /// As the client sent it; rules may change the request's.
    method: Method,
    /// The client offers to speak another protocol after the response.
    offers_upgrade: bool,
    backend: Option<&'c Arc<Backend>>,
    dispatch: Dispatch,
    /// Whether the server's connection has carried an exchange before.
    is_reused: Option<bool>,
    /// What is kept of that connection for those who look at it later. Boxed: hardly anybody does.
    kept: Option<Box<KeptServer>>,
    upload: Upload,
    /// Whether a rule that cannot do what it should ends the exchange.
    strict: bool,
    traces: RuleTraces,
    /// There was no request.
    failed_early: Option<Origin>,
    /// The connection was one of mode tcp until now: the content rules of the frontend have run.
    is_upgraded: bool,
}

impl<'c> Exchange<'c> {
    /// One that has just begun. The timer is the connection's, or one of its own.
    pub(crate) fn new(
        connection: &'c ClientConnection,
        policy: &'c HttpPolicy,
        began: Began,
        messages: Box<Messages>,
        timer: Timer,
    ) -> Exchange<'c> {
        Exchange {
            connection,
            policy,
            activity: Registered::exchange(connection, began),
            messages,
            timer,
            method: Method::Get,
            offers_upgrade: false,
            backend: None,
            dispatch: Dispatch::default(),
            is_reused: None,
            kept: None,
            upload: Upload::default(),
            strict: true,
            traces: RuleTraces::new(&connection.frontend.unique_ids),
            failed_early: None,
            is_upgraded: false,
        }
    }

    /// Goes on with what was begun in mode tcp.
    pub(crate) fn goes_on(&mut self, begun: Option<Box<Begun>>) {
        let Some(begun) = begun else { return };
        let Begun { backend, traces, messages: _ } = *begun;
        let is_chosen = |own: &&Arc<Backend>| backend.as_ref().is_some_and(|chosen| Arc::ptr_eq(own, chosen));
        self.backend = self.connection.frontend.backends().find(is_chosen);
        (self.traces, self.is_upgraded) = (traces, true);
    }

    /// Ends it: later ones use its memory. Returns the timer.
    pub(crate) fn end(self) -> Timer {
        let Exchange { connection, mut upload, messages, timer, .. } = self;
        let memory = &connection.worker.memory;
        upload.release(memory);
        memory.give_messages(messages);
        timer
    }

    /// Serves a request whose head has come, until it has a response or is killed.
    pub(crate) async fn run(&mut self, front: &mut dyn FrontExchange, facts: RequestFacts) -> Done {
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

    /// The end of an exchange that was killed.
    fn killed(&mut self, front: &dyn FrontExchange) {
        let termination = self.activity.killed();
        self.activity.meter.borrow_mut().ended(termination);
        self.dispatch.slot = None;
        self.finish(front);
    }

    /// Remembers what logs will want of the request as it came.
    fn begin(&mut self) {
        let request = &self.messages.request;
        self.method = request.method();
        let worker = &self.connection.worker;
        self.activity.meter.borrow_mut().request_received(Instant::now(), |line| {
            worker.memory.fill(line);
            line.extend_from_slice(request.method_name());
            line.push(b' ');
            line.extend_from_slice(request.target());
            match request.version() {
                Version::HTTP_11 => line.extend_from_slice(b" HTTP/1.1"),
                other => line.extend_from_slice(format!(" {other}").as_bytes()),
            }
        });
    }

    async fn serve(&mut self, front: &mut dyn FrontExchange, facts: &RequestFacts) -> Done {
        let mut result = self.forward(front, facts).await;
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
                // The server has no more to do with it.
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
            Err(Stop::Silent | Stop::Tarpit { .. }) => Done::Broken(ErrorCode::REFUSED),
        }
    }

    /// What the section of the backend says; the frontend's until there is one.
    fn back_policy(&self) -> &'c HttpPolicy {
        self.backend.and_then(|backend| backend.http()).map_or(self.policy, |http| http)
    }

    /// The error message for a status.
    fn error(&self, status: u16) -> &Arc<Answer> {
        let backend = self.backend.and_then(|backend| backend.http());
        ErrorMessages::lookup(backend.map(|http| &http.errors), &self.policy.errors, status)
    }

    /// An error message as the end of the exchange.
    fn failed(&self, status: u16, cause: Cause, stage: Stage) -> Stop {
        let reply = Arc::clone(self.error(status));
        Stop::Reply { reply, termination: Termination::new(cause, stage) }
    }

    fn silence_limits(&self) -> SilenceLimits {
        let server = self.backend.map(|backend| backend.timeouts().server);
        SilenceLimits { client: self.connection.frontend.client, server: server.unwrap_or_default() }
    }

    /// Waits until the client has taken what was sent, as long as it takes any of it in time.
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

    /// The end: it is counted, and told of if it was not told of before.
    fn finish(&mut self, front: &dyn FrontExchange) {
        self.measure(front);
        let stream = front.stream();
        let infos = self.infos(&*stream);
        self.report(&*stream, None, None, infos).finish();
    }

    /// Tells of it as soon as there is a response: what is counted comes later.
    fn report_early(&mut self, front: &dyn FrontExchange, server: &ServerExchange) {
        self.measure(front);
        let (stream, connection) = (front.stream(), server.look().stream());
        let infos = self.infos(&*stream);
        self.report(&*stream, Some(sampled(&*connection, server.findings())), None, infos).early();
    }

    /// Takes down the bytes so far.
    fn measure(&self, front: &dyn FrontExchange) {
        let mut meter = self.activity.meter.borrow_mut();
        // Of what is no request yet everything counts.
        let unread = if meter.has_request() { 0 } else { front.unread() };
        meter.moved(front.received() + unread, front.sent());
    }

    /// What the client's connection really is, if a record will want it.
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
