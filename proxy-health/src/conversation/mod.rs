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

mod evaluate;
mod failure;
mod http;
mod output;
mod place;

pub use failure::describe;
pub use place::CheckPlace;

use std::sync::Arc;

use proto_core::extension::Sampled;
use proxy_rules::{Buffered, Context, ProcessVariables, Sample, Type, Variables, Verdict};

use crate::result::CheckResult;
use crate::rules::{Connect, Port, RuleKind, Ruleset, RulesetKind, Step};
use crate::status::Status;

use self::evaluate::Evaluation;
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
                Next::Connect(Connecting { options, port: self.port, sends_first })
            }
            RuleKind::Send(_) => Next::Write(self.output.as_ref().map_or(&[], Output::rest)),
            RuleKind::Expect(_) | RuleKind::Act(_) | RuleKind::Comment => Next::Read(room),
        }
    }

    /// Returns the bytes of the last response, as far as they were kept: those of an agent are its answer.
    pub fn response(&self) -> &[u8] {
        &self.input.bytes
    }

    /// Tells that the connection is established, and that a security layer is being established on it.
    pub fn handshaking(&mut self) {
        self.link = Link::Handshaking;
    }

    /// Tells that the connection can be used; `secured` is whether it has a security layer.
    pub fn connected(&mut self, secured: bool) {
        if matches!(self.link, Link::Connecting | Link::Handshaking) {
            self.link = Link::Established { secured };
            self.input.needs_more = true;
            self.at += 1;
        }
    }

    /// Tells that the first of the bytes to write have been written.
    pub fn wrote(&mut self, count: usize) {
        if let Some(output) = &mut self.output {
            output.sent = output.sent.saturating_add(count).min(output.bytes.len());
        }
    }

    /// Tells what has been received: at most as much as was asked for, any more is dropped.
    pub fn received(&mut self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(self.space())];
        let is_connected = matches!(self.link, Link::Established { .. });
        if bytes.is_empty() || !is_connected || self.result.is_some() {
            return;
        }
        self.input.bytes.extend_from_slice(bytes);
        self.input.needs_more = false;
        let is_invalid = self.input.http.as_mut().is_some_and(|http| !http.read(&mut self.input.bytes));
        if is_invalid {
            // HAProxy takes a response that it cannot read for a failure of the connection.
            self.end(Status::SocketError, "");
        }
    }

    /// Tells that the server has ended the connection in order.
    pub fn ended(&mut self) {
        let Link::Established { .. } = self.link else {
            return self.failed("");
        };
        self.input.has_ended = true;
        if self.input.http.as_mut().is_some_and(|http| !http.end()) {
            self.end(Status::SocketError, "");
        }
    }

    /// Tells that the connection could not be opened, or that it has failed. See [`describe`] for the text.
    pub fn failed(&mut self, text: &str) {
        let status = match self.link {
            Link::Connecting => Status::Layer4Failed,
            Link::Handshaking => Status::Layer6Invalid,
            // What has arrived is compared nevertheless: servers often reset a connection after their response.
            Link::Established { .. } if self.has_input() && self.is_expecting() => return self.ended(),
            Link::None | Link::Established { .. } => Status::SocketError,
        };
        self.end(status, text);
    }

    /// Tells that the time for the connection, or for the check, has expired.
    pub fn timed_out(&mut self) {
        let status = match self.link {
            Link::None => Status::SocketError,
            Link::Connecting => Status::Layer4Timeout,
            Link::Handshaking => Status::Layer6Timeout,
            Link::Established { .. } => match self.current_step().map(|step| &step.rule.kind) {
                Some(RuleKind::Expect(expect)) => expect.timeout_status.unwrap_or(Status::Layer7Timeout),
                _ => Status::Layer7Timeout,
            },
        };
        self.end(status, "");
    }

    /// Ends the check because of its connection, unless it has ended already.
    fn end(&mut self, status: Status, text: &str) {
        if self.result.is_none() {
            let place = failure::place(self.rules.kind, self.current_step());
            self.result = Some(CheckResult::new(status).with_info(format!("{text}{place}").as_bytes()));
        }
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

    /// Evaluates the current step, and returns whether the next one can be evaluated at once.
    fn evaluate(&mut self, rules: &Ruleset, connection: Option<Sampled<'_>>) -> bool {
        let Some(step) = rules.steps.get(self.at) else {
            self.result = Some(self.passed(rules, connection));
            return false;
        };
        match &step.rule.kind {
            RuleKind::Comment => {}
            RuleKind::Act(action) => {
                self.code = 0;
                let verdict = self.look(connection, |context| action.run(context));
                if !matches!(verdict, Verdict::Continue) {
                    let text = format!("TCPCHK ACTION unexpected result at step {}", step.number);
                    self.result = Some(CheckResult::new(Status::Layer7Invalid).with_info(text.as_bytes()));
                    return false;
                }
            }
            RuleKind::Connect(options) => {
                if self.current == Some(self.at) {
                    return false;
                }
                (self.current, self.code) = (Some(self.at), 0);
                self.reset_input(rules);
                self.input.has_ended = false;
                self.port = self.port_of(options, connection);
                self.link = Link::Connecting;
                return false;
            }
            RuleKind::Send(send) => {
                if self.output.as_ref().is_some_and(|output| !output.rest().is_empty()) {
                    return false;
                }
                if self.output.take().is_none() {
                    (self.current, self.code) = (Some(self.at), 0);
                    self.reset_input(rules);
                    match self.output_of(send, step, connection) {
                        Ok(bytes) if bytes.is_empty() => {}
                        Ok(bytes) => {
                            self.output = Some(Output { bytes, sent: 0 });
                            return false;
                        }
                        Err(result) => {
                            self.result = Some(result);
                            return false;
                        }
                    }
                }
            }
            RuleKind::Expect(expect) => {
                (self.current, self.code) = (Some(self.at), 0);
                if self.input.needs_more && !self.input.has_ended {
                    return false;
                }
                match self.compare(rules, expect, step, connection) {
                    Evaluation::Continue => {}
                    Evaluation::Wait => {
                        self.at = step.head;
                        self.input.needs_more = true;
                        return false;
                    }
                    Evaluation::Stop(result) => {
                        self.result = Some(result);
                        return false;
                    }
                }
            }
        }
        self.at += 1;
        true
    }

    /// Drops the response so far: the next one begins.
    fn reset_input(&mut self, rules: &Ruleset) {
        let http = (rules.kind == RulesetKind::Http).then(|| Box::new(Responding::new(self.run.buffer)));
        self.input = Input { http, needs_more: true, has_ended: self.input.has_ended, ..Input::default() };
    }

    /// Returns the port that a step says.
    fn port_of(&mut self, options: &Connect, connection: Option<Sampled<'_>>) -> Option<u16> {
        match options.port.as_ref()? {
            Port::Number(port) => Some(*port),
            Port::Expression(expression) => {
                self.look(connection, |context| match expression.get(context)?.cast(Type::Integer)? {
                    Sample::Integer(port) => u16::try_from(port).ok().filter(|port| *port > 0),
                    _ => None,
                })
            }
        }
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

    /// Returns the result after the last step.
    fn passed(&mut self, rules: &Ruleset, connection: Option<Sampled<'_>>) -> CheckResult {
        const TCP: &[u8] = b"(tcp-check)";
        let kind = self.current.and_then(|current| rules.steps.get(current)).map(|step| &step.rule.kind);
        match kind {
            Some(RuleKind::Expect(expect)) => {
                if rules.disable_on_404 && self.run.is_up && self.code == 404 {
                    return CheckResult::new(Status::Layer7Conditional).with_code(self.code);
                }
                let mut info = std::mem::take(&mut self.told);
                match &expect.on_success {
                    Some(note) => self.look(connection, |context| note.write(context, &mut info)),
                    None if rules.kind == RulesetKind::Tcp => info.extend_from_slice(TCP),
                    None => {}
                }
                let code = expect.code.as_ref();
                let code = code.and_then(|code| self.look(connection, |context| code.get(context)));
                let status = expect.ok_status.unwrap_or(Status::Layer7Ok);
                CheckResult::new(status).with_info(&info).with_code(code.unwrap_or(self.code))
            }
            Some(RuleKind::Connect(connect)) => {
                let is_secured = matches!(self.link, Link::Established { secured: true });
                let status = if is_secured { Status::Layer6Ok } else { Status::Layer4Ok };
                CheckResult::new(status).with_info(if connect.implicit { b"" } else { TCP })
            }
            _ => CheckResult::new(Status::Layer7Ok).with_info(TCP),
        }
    }
}

impl Output {
    /// Returns what has not been sent yet.
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }
}
