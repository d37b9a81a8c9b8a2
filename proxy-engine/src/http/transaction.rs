//! An exchange: a request, the rules that it meets, a server, and what the client gets.
//!
//! ```text
//!  request ─► frontend's rules ─► backend ─► its rules ─► server ─► request sent ─► response ─► rules ─► client
//!                  │                            │            │           │   ▲          │          │
//!                  └── an answer of the proxy ◄─┴────────────┴───────────┘   └─ again ──┘ ◄────────┘
//! ```
//!
//! What the codecs of the two sides are it does not know: see [`exchange`](super::exchange).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proto_core::info::ConnectionInfo;
use proxy_http::{BodyLength, Method};
use proxy_rules::{Answer, ErrorMessages};
use tokio::time::Instant;

use super::buffers::Messages;
use super::client::{self, Client, Reason};
use super::exchange::{FrontConnection, Next, RequestFacts};
use super::relaying::{Ending, Stop};
use super::upload::Upload;
use crate::backend::{Backend, Visit};
use crate::frontend::LogMoment;
use crate::policy::Closing;
use crate::policy::HttpPolicy;
use crate::reach::Journey;
use crate::termination::{Cause, Stage, Termination};

/// When a request began to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    pub(crate) at: SystemTime,
    pub(crate) since: Instant,
    /// How long nothing came before.
    pub(crate) idle: Duration,
}

impl Begun {
    /// For a connection on which nothing ever came.
    pub(crate) fn nothing(since: Instant) -> Begun {
        Begun { at: SystemTime::now() - since.elapsed(), since, idle: Duration::ZERO }
    }
}

/// An exchange.
pub(crate) struct Transaction<'c, 'a> {
    pub(crate) client: &'c mut Client<'a>,
    pub(crate) messages: Messages,
    pub(crate) begun: Begun,
    /// The request line as it came, for logs.
    pub(crate) line: Vec<u8>,
    pub(crate) method: Method,
    /// When the head was complete.
    pub(crate) received: Option<Instant>,
    pub(crate) backend: Option<Visit<'a>>,
    pub(crate) journey: Journey,
    pub(crate) connected: Option<Instant>,
    /// Whether the server's connection has carried an exchange before.
    pub(crate) is_reused: Option<bool>,
    /// When the head of the response was complete.
    pub(crate) answered: Option<Instant>,
    pub(crate) status: Option<u16>,
    pub(crate) termination: Termination,
    pub(crate) server_info: Option<ConnectionInfo>,
    pub(crate) upload: Upload,
    /// The client's connection has taken so many bytes before.
    pub(crate) sent_before: u64,
    /// Whether it was logged.
    pub(crate) is_told: bool,
    /// Whether a rule that cannot do what it should ends the exchange.
    pub(crate) strict: bool,
}

impl<'c, 'a> Transaction<'c, 'a> {
    pub(crate) fn new(client: &'c mut Client<'a>, begun: Begun, messages: Messages) -> Self {
        let journey = Journey::new(begun.since);
        Transaction {
            client,
            messages,
            begun,
            line: Vec::new(),
            method: Method::Get,
            received: None,
            backend: None,
            journey,
            connected: None,
            is_reused: None,
            answered: None,
            status: None,
            termination: Termination::NORMAL,
            server_info: None,
            upload: Upload::default(),
            sent_before: 0,
            is_told: false,
            strict: true,
        }
    }

    /// Serves a request. Gives the client's connection back if it may carry another one.
    pub(crate) async fn run(
        &mut self,
        mut front: Box<dyn FrontConnection>,
        asked: RequestFacts,
    ) -> Option<Box<dyn FrontConnection>> {
        let now = Instant::now();
        self.received = Some(now);
        self.journey.begin(now);
        self.sent_before = front.sent();
        self.remember_line();
        match self.carry(&mut *front, &asked).await {
            Ok(Ending::Answered) => {
                self.log(&*front);
                self.end(front).await
            }
            Ok(Ending::Tunnel(link)) => {
                self.tunnel(front, link).await;
                None
            }
            Err(Stop::Answer { answer, termination }) => {
                self.termination = termination;
                // The server has nothing to do with it any more.
                self.journey.slot = None;
                let is_sent = self.answer(&mut *front, &answer).await;
                self.log(&*front);
                if is_sent { self.end(front).await } else { None }
            }
            Err(Stop::Close(termination)) => {
                self.termination = termination;
                self.log(&*front);
                None
            }
            Err(Stop::Silent | Stop::Tarpit { .. }) => None,
        }
    }

    /// Answers a client that has sent no request.
    pub(crate) async fn reject(&mut self, mut front: Box<dyn FrontConnection>, reason: Reason) {
        self.sent_before = front.sent();
        self.termination = reason.termination();
        let has_begun = !front.begun().is_empty();
        let status = reason.status();
        let ignores = self.client.config.switches.ignore_probes;
        match reason {
            // Who said nothing is told nothing where that is asked for.
            Reason::Late | Reason::Left if !has_begun && ignores => self.status = Some(status),
            Reason::Late | Reason::Left | Reason::Malformed(_) => {
                let answer = Arc::clone(self.error(status));
                if !self.answer(&mut *front, &answer).await {
                    self.log(&*front);
                    return;
                }
            }
            Reason::Broke => self.status = Some(status),
        }
        if has_begun || !ignores {
            self.log(&*front);
        }
        if !matches!(reason, Reason::Broke) {
            let is_sending = matches!(reason, Reason::Malformed(_));
            client::close(self.client, front, is_sending).await;
        }
    }

    /// What the section of the frontend says.
    pub(crate) fn front_config(&self) -> &'a HttpPolicy {
        self.client.config
    }

    /// The backend, once it is known.
    pub(crate) fn backend(&self) -> Option<&'a Arc<Backend>> {
        self.backend.as_ref().map(|visit| visit.0)
    }

    /// What the section of the backend says; the frontend's until there is one.
    pub(crate) fn back_config(&self) -> &'a HttpPolicy {
        self.backend().and_then(|backend| backend.http()).map_or(self.client.config, |http| http)
    }

    /// The error message for a status.
    pub(crate) fn error(&self, status: u16) -> &Arc<Answer> {
        let backend = self.backend().and_then(|backend| backend.http());
        ErrorMessages::lookup(backend.map(|http| &http.errors), &self.front_config().errors, status)
    }

    /// An error message as the end of the exchange.
    pub(crate) fn failed(&self, status: u16, cause: Cause, stage: Stage) -> Stop {
        let answer = Arc::clone(self.error(status));
        Stop::Answer { answer, termination: Termination::new(cause, stage) }
    }

    /// Whether the client's connection ends with the exchange.
    pub(crate) fn closes_client(&self) -> bool {
        Closing::closes_client(self.front_config().closing) || self.client.worker.http.is_stopping()
    }

    /// Whether the server's does.
    pub(crate) fn closes_server(&self) -> bool {
        Closing::closes_server(self.front_config().closing, self.back_config().closing)
    }

    fn remember_line(&mut self) {
        let request = &self.messages.request;
        self.method = request.method();
        if self.client.door.frontend.log.moment == LogMoment::Never {
            return;
        }
        self.client.worker.http.buffers.fill(&mut self.line);
        self.line.extend_from_slice(request.method_name());
        self.line.push(b' ');
        self.line.extend_from_slice(request.target());
        self.line.extend_from_slice(if request.version().minor == 0 { b" HTTP/1.0" } else { b" HTTP/1.1" });
    }

    /// After the last byte: the connection goes on, or is closed.
    async fn end(&mut self, front: Box<dyn FrontConnection>) -> Option<Box<dyn FrontConnection>> {
        self.journey.slot = None;
        if front.is_kept_alive() {
            return Some(front);
        }
        let is_sending = !front.is_complete();
        client::close(self.client, front, is_sending).await;
        None
    }

    /// Sends an answer of the proxy. Whether the client has it: the connection is of no use otherwise.
    async fn answer(&mut self, front: &mut dyn FrontConnection, answer: &Answer) -> bool {
        self.status = Some(answer.status);
        let Some(message) = &answer.message else { return false };
        self.messages.response.clone_from(&message.head);
        self.rewrite_answer(front);
        let has_body = self.method != Method::Head && !message.body.is_empty();
        let length = if self.method == Method::Head {
            BodyLength::Empty
        } else {
            BodyLength::Known(message.body.len() as u64)
        };
        let is_last = message.close || self.closes_client() || !front.is_complete();
        let next = if is_last { Next::Close } else { Next::Exchange };
        front.send_head(&self.messages.response, length, next);
        let body = if has_body { &*message.body } else { &[] };
        match self.send_answer(front, body).await {
            Ok(()) => true,
            Err(cause) => {
                self.termination = Termination::new(cause, self.termination.stage);
                false
            }
        }
    }
}

impl Drop for Transaction<'_, '_> {
    fn drop(&mut self) {
        let buffers = &self.client.worker.http.buffers;
        buffers.give(std::mem::take(&mut self.line));
        self.upload.empty(buffers);
        buffers.give_messages(std::mem::take(&mut self.messages));
    }
}
