//! One run of a check, without I/O: it says what to do next, and is told what came of it.
//!
//! ```text
//!            next()                        input
//!  ─► Connect ───────► the caller connects ─► handshaking, connected ─┐
//!  ─► Write ─────────► it writes ───────────► wrote ──────────────────┤
//!  ─► Read ──────────► it reads ────────────► received, ended ────────┼─► next() again
//!                                             failed, timed_out ──────┘
//!  ─► Done: the result
//! ```
//!
//! A step is a connection, something to send, or something to expect. What is expected is compared with all bytes of the
//! response so far; they are dropped when the next request is sent or the next connection is opened. Memory is bounded:
//! a response is read up to the size of a buffer, and compared for good then.

mod compare;
mod compare_bytes;
mod compare_http;
mod failure;
mod http;
mod inputs;
mod output;
mod place;
mod steps;

pub use failure::describe;
pub use place::CheckPlace;

use std::sync::Arc;

use proto_core::extension::Sampled;
use proxy_rules::{Buffered, Context, ProcessVariables, Variables};

use crate::result::CheckResult;
use crate::rules::{Connect, RuleKind, Ruleset, Step};

use self::http::Responding;
use self::place::Facts;

/// What a run of a check depends on besides its rules.
#[derive(Clone, Debug)]
pub struct Run {
    /// The server and its backend.
    pub place: Arc<CheckPlace>,
    /// The largest response, and the largest request: the size of a buffer, at least 1.
    pub buffer: usize,
    /// Whether the server is up: only then does a 404 stop new clients (`disable-on-404`).
    pub is_up: bool,
    /// The state of the server, for the field that tells it (`send-state`).
    pub state: Option<Box<str>>,
    /// The variables of the process.
    pub variables: ProcessVariables,
}

/// What to do next.
#[derive(Debug)]
pub enum Next<'a> {
    /// Close the connection if there is one, and open another one.
    Connect(Connecting<'a>),
    /// Write these bytes, or some of them.
    Write(&'a [u8]),
    /// Read at most this many bytes, which is at least one.
    Read(usize),
    /// Close the connection if there is one: the check has ended. The duration is not part of the result yet.
    Done(CheckResult),
}

/// A connection to open.
#[derive(Clone, Copy, Debug)]
pub struct Connecting<'a> {
    /// How to connect.
    pub options: &'a Connect,
    /// The port, if the rules say one.
    pub port: Option<u16>,
    /// Whether the check sends something first, rather than waiting for the server.
    pub sends_first: bool,
    /// Whether the check ends, or opens another connection, once this one is established.
    pub only_connects: bool,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// There was no attempt.
    None,
    /// It is being established.
    Connecting,
    /// It is established, and a security layer is not yet.
    Handshaking,
    /// It can be used; with a security layer or without.
    Established { secured: bool },
}

/// A run of a check.
#[derive(Debug)]
pub struct Conversation {
    rules: Arc<Ruleset>,
    run: Run,
    variables: Variables,
    scratch: Vec<u8>,
    /// The step that is evaluated.
    at: usize,
    /// The last step that is not about variables.
    current: Option<usize>,
    link: Link,
    /// The port that the rules say for the connection.
    port: Option<u16>,
    /// What is being sent.
    output: Option<Output>,
    input: Input,
    /// The code of the last step.
    code: i32,
    /// What a function has said about the last response.
    told: Vec<u8>,
    result: Option<CheckResult>,
}

/// What is being sent.
#[derive(Debug)]
struct Output {
    bytes: Vec<u8>,
    sent: usize,
}

/// What has been received.
#[derive(Debug, Default)]
struct Input {
    /// The bytes of the response so far; in HTTP those that were not decoded yet.
    bytes: Vec<u8>,
    /// The response, if it is one of HTTP.
    http: Option<Box<Responding>>,
    /// Whether something has to arrive before anything is compared.
    needs_more: bool,
    /// Whether the server has ended the connection.
    has_ended: bool,
}

impl Conversation {
    /// Begins a run.
    pub fn new(rules: Arc<Ruleset>, run: Run) -> Conversation {
        let variables = Variables::for_check(run.variables.clone());
        Conversation {
            rules,
            run,
            variables,
            scratch: Vec::new(),
            at: 0,
            current: None,
            link: Link::None,
            port: None,
            output: None,
            input: Input::default(),
            code: 0,
            told: Vec::new(),
            result: None,
        }
    }

    /// Returns what to do next. `connection` is the connection of the check while there is one, for samples of it.
    pub fn next(&mut self, connection: Option<Sampled<'_>>) -> Next<'_> {
        let rules = Arc::clone(&self.rules);
        while self.result.is_none() && self.evaluate(&rules, connection) {}
        if let Some(result) = &self.result {
            return Next::Done(result.clone());
        }
        // A response that fills the space is compared for good, so that nothing is read without any.
        let room = self.space().max(1);
        let Some(step) = self.rules.steps.get(self.at) else { return Next::Read(room) };
        match &step.rule.kind {
            RuleKind::Connect(options) => {
                let after = self.rules.steps.get(self.at + 1..).unwrap_or_default();
                let next = after.iter().find(|step| step.rule.kind.is_exchange());
                let sends_first = next.is_some_and(|next| matches!(next.rule.kind, RuleKind::Send(_)));
                let only_connects = next.is_none_or(|next| matches!(next.rule.kind, RuleKind::Connect(_)));
                Next::Connect(Connecting { options, port: self.port, sends_first, only_connects })
            }
            RuleKind::Send(_) => Next::Write(self.output.as_ref().map_or(&[], Output::rest)),
            RuleKind::Expect(_) | RuleKind::Act(_) | RuleKind::Comment => Next::Read(room),
        }
    }

    /// Returns the bytes of the last response, as far as they were kept: those of an agent are its answer.
    pub fn response(&self) -> &[u8] {
        &self.input.bytes
    }

    /// Returns how many more bytes of a response there is space for.
    fn space(&self) -> usize {
        let kept = self.input.http.as_ref().map_or(0, |http| http.kept());
        self.run.buffer.saturating_sub(self.input.bytes.len().max(kept))
    }

    /// Returns whether as much of a response of bytes has arrived as is ever read.
    fn is_full(&self) -> bool {
        self.input.bytes.len() >= self.run.buffer
    }

    fn has_input(&self) -> bool {
        !self.input.bytes.is_empty() || self.input.http.as_ref().is_some_and(|http| http.has_head())
    }

    fn is_expecting(&self) -> bool {
        matches!(self.rules.steps.get(self.at).map(|step| &step.rule.kind), Some(RuleKind::Expect(_)))
    }

    fn current_step(&self) -> Option<&Step> {
        self.rules.steps.get(self.current?)
    }

    /// Calls a function with what rules see of the check.
    fn look<R>(&mut self, connection: Option<Sampled<'_>>, then: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let Conversation { run, variables, scratch, input, .. } = self;
        let facts = Facts::new(&run.place, connection);
        let mut context = Context::new(&facts, variables, scratch);
        match &mut input.http {
            Some(http) => context.response = http.head_mut(),
            None => {
                context.response_bytes = Some(Buffered { bytes: &input.bytes, may_grow: false });
            }
        }
        then(&mut context)
    }
}

impl Output {
    /// Returns what has not been sent yet.
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }
}
