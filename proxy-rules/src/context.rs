//! What rules may look at and change.

use std::cell::Cell;
use std::sync::Arc;
use std::time::SystemTime;

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::layer::Layer;
use proxy_http::{Request, Response};

use crate::captures::CapturePolicy;
use crate::changes::Changes;
use crate::record::Record;
use crate::regex::{Budget, TimeLeft};
use crate::rules::RulePlace;
use crate::server_state::ServerState;
use crate::variables::Variables;

/// The facts about a session that rules may use. Cheap: nothing here makes a system call, except what a stream is asked
/// for.
pub trait SessionFacts {
    /// Returns the client's address.
    fn source(&self) -> &Address;

    /// Returns the address that the client connected to.
    fn destination(&self) -> &Address;

    /// Returns the client's end of its connection, which only rules about connections change.
    fn connection_source(&self) -> &Address {
        self.source()
    }

    /// Returns the proxy's end of the client's connection.
    fn connection_destination(&self) -> &Address {
        self.destination()
    }

    /// Returns the name of the listener, if its line has one.
    fn listener_name(&self) -> Option<&str>;

    /// Returns the number of the listener: `id` of its line, or an assigned one.
    fn listener_number(&self) -> u32;

    /// Returns the name of the frontend.
    fn frontend_name(&self) -> &str;

    /// Returns the name of the backend, once it is known.
    fn backend_name(&self) -> Option<&str>;

    /// Returns the name of the server, once one is chosen.
    fn server_name(&self) -> Option<&str> {
        None
    }

    /// Returns the number of the frontend.
    fn frontend_number(&self) -> Option<u32> {
        None
    }

    /// Returns the number of the backend, once it is known.
    fn backend_number(&self) -> Option<u32> {
        None
    }

    /// Returns the number of the server in its backend, once one is chosen.
    fn server_number(&self) -> Option<u32> {
        None
    }

    /// Returns the client's connection.
    fn client(&self) -> Sampled<'_>;

    /// Returns the connection to the server while it exists; for the log line, as it was.
    fn server(&self) -> Option<Sampled<'_>> {
        None
    }

    /// Returns the state of the connection to the server; `None` while no attempt has succeeded or failed.
    fn server_state(&self) -> Option<ServerState<'_>> {
        None
    }

    /// Returns when the connection was accepted; for the second and later exchanges on it, when it was ready for
    /// another request.
    fn accepted(&self) -> Option<SystemTime> {
        None
    }

    /// Returns when the first byte of the request was received; for a session, when its handshakes were done.
    fn began(&self) -> Option<SystemTime> {
        None
    }

    /// Returns the number of the request, or of the session, among all of the process.
    fn number(&self) -> Option<u32> {
        None
    }

    /// Returns the request line as received, if it is kept for the log line.
    fn request_line(&self) -> Option<&[u8]> {
        None
    }

    /// Returns the captures of the frontend, if it has any.
    fn captures(&self) -> Option<&CapturePolicy> {
        None
    }

    /// Returns whether the request is the first of the client's connection.
    fn is_first_request(&self) -> bool {
        true
    }

    /// Returns whether the connection to the server has carried requests before; `None` without a connection.
    fn is_server_connection_reused(&self) -> Option<bool> {
        None
    }
}

/// The bytes of one direction that were received and not yet passed on.
#[derive(Clone, Copy, Debug)]
pub struct Buffered<'a> {
    /// The bytes, from the first one.
    pub bytes: &'a [u8],
    /// Whether more may follow: the sender has not finished, the buffer has room, and content rules may still wait.
    pub may_grow: bool,
}

/// Something that could not be evaluated in time: an expression of it took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unevaluated {
    /// A rule.
    Rule(RulePlace),
    /// A value that no rule needs: for a server or a log line.
    Value,
}

/// The source of the unique identifier of a session or an exchange.
pub trait UniqueIdSource {
    /// Returns the identifier. It is made from the context when it is first used, and does not change afterwards.
    fn get(&self, context: &Context<'_>) -> &[u8];
}

/// What the rules of one hook point see. It is created for each hook point, from things that live longer.
#[expect(missing_debug_implementations, reason = "a session is whatever the engine brings")]
pub struct Context<'a> {
    /// The session.
    pub session: &'a dyn SessionFacts,
    /// The request; in mode tcp, a request that was recognised in the bytes of the client.
    pub request: Option<&'a mut Request>,
    /// The response, once there is one.
    pub response: Option<&'a mut Response>,
    /// Whether the bytes of the client in mode tcp may still turn out to be a request.
    pub request_is_coming: bool,
    /// The bytes from the client, while content rules of mode tcp look at them.
    pub request_bytes: Option<Buffered<'a>>,
    /// The bytes from the server, while content rules of mode tcp look at them.
    pub response_bytes: Option<Buffered<'a>>,
    /// The variables of the session and the exchange.
    pub variables: &'a mut Variables,
    /// Memory for values that are being built: [`Context::build`]. A worker needs one for all its sessions.
    pub scratch: &'a mut Vec<u8>,
    /// Whether a change that fails ends the message with an error. `true` at the beginning of a request and of a
    /// response; `strict-mode` changes it, and the engine keeps it from a frontend's rules to its backend's.
    pub strict: bool,
    /// Whether rules take what has arrived as it is. It is `false` only while content rules may still wait.
    pub is_final: bool,
    /// The record of the session or exchange, where a log line is written.
    pub record: Option<&'a dyn Record>,
    /// The unique identifier, where the frontend has a format for it.
    pub unique_id: Option<&'a dyn UniqueIdSource>,
    /// Layers to add to the client's connection beside those of its listener. Only rules about connections add some.
    pub layers: Vec<Arc<dyn Layer>>,
    /// The time that is left for regular expressions.
    pub(crate) regex: Budget,
    /// Whether a value could not be determined in time: [`Context::fail`].
    failed: Cell<bool>,
    /// What could not be evaluated in time.
    pub(crate) unevaluated: Option<Unevaluated>,
    /// The last rule that decided something. The engine keeps it from one hook point to the next, and for the log line.
    pub last_rule: Option<RulePlace>,
    /// The changes of actions beyond messages and variables. The engine keeps them likewise.
    pub changes: Option<Box<Changes>>,
}

impl<'a> Context<'a> {
    /// Creates a context without messages.
    pub fn new(
        session: &'a dyn SessionFacts,
        variables: &'a mut Variables,
        scratch: &'a mut Vec<u8>,
    ) -> Context<'a> {
        Context {
            session,
            request: None,
            response: None,
            request_is_coming: false,
            request_bytes: None,
            response_bytes: None,
            variables,
            scratch,
            strict: true,
            is_final: true,
            record: None,
            unique_id: None,
            layers: Vec::new(),
            regex: Budget::default(),
            failed: Cell::new(false),
            unevaluated: None,
            last_rule: None,
            changes: None,
        }
    }

    /// Calls a function that runs content rules again, whose regular expressions have the time that earlier runs have
    /// left, and updates that.
    pub fn continue_with<R>(&mut self, left: &mut TimeLeft, run: impl FnOnce(&mut Context<'a>) -> R) -> R {
        self.regex = Budget::after(*left);
        let result = run(self);
        *left = self.regex.left();
        result
    }

    /// Adds a request.
    #[must_use]
    pub fn with_request(self, request: &'a mut Request) -> Context<'a> {
        Context { request: Some(request), ..self }
    }

    /// Adds a response.
    #[must_use]
    pub fn with_response(self, response: &'a mut Response) -> Context<'a> {
        Context { response: Some(response), ..self }
    }

    /// Adds the record for a log line.
    #[must_use]
    pub fn with_record(self, record: &'a dyn Record) -> Context<'a> {
        Context { record: Some(record), ..self }
    }

    /// Records that a value is missing because it could not be determined in time. What depends on it is unknown then,
    /// and the rule that uses it has failed.
    pub(crate) fn fail(&self) {
        self.failed.set(true);
    }

    /// Calls a function, and returns its result and whether a value has failed in it. A failure from before is kept:
    /// what is evaluated here may be part of something that has failed already.
    pub(crate) fn watched<R>(&self, evaluate: impl FnOnce() -> R) -> (R, bool) {
        let before = self.failed.replace(false);
        let result = evaluate();
        (result, self.failed.replace(before))
    }

    /// Returns whether a value has failed since the last call of this method.
    pub(crate) fn take_failure(&self) -> bool {
        self.failed.replace(false)
    }

    /// Returns whether a value has failed that no rule needs, since the last call of this method.
    pub fn has_failed(&mut self) -> bool {
        let failed = self.take_failure();
        if failed {
            self.unevaluated.get_or_insert(Unevaluated::Value);
        }
        failed
    }

    /// Returns what could not be evaluated in time, if anything, and the regular expression that has exceeded it.
    pub fn unevaluated(&self) -> Option<(Unevaluated, Box<str>)> {
        let what = self.unevaluated.or_else(|| self.failed.get().then_some(Unevaluated::Value));
        Some((what?, self.regex.slow().unwrap_or_default()))
    }

    /// Returns the client's address, as rules have changed it so far.
    pub fn source(&self) -> &Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.source.as_ref());
        changed.unwrap_or_else(|| self.session.source())
    }

    /// Returns the address that the client connected to, as rules have changed it so far.
    pub fn destination(&self) -> &Address {
        let changed = self.changes.as_ref().and_then(|changes| changes.destination.as_ref());
        changed.unwrap_or_else(|| self.session.destination())
    }

    /// Returns the changes that actions make, to add one.
    pub fn changes(&mut self) -> &mut Changes {
        self.changes.get_or_insert_default()
    }

    /// Builds a value in the scratch memory, and calls a function with it.
    pub fn build<R>(
        &mut self,
        write: impl FnOnce(&Context<'a>, &mut Vec<u8>),
        then: impl FnOnce(&mut Context<'a>, &[u8]) -> R,
    ) -> R {
        let mut value = std::mem::take(self.scratch);
        value.clear();
        write(self, &mut value);
        let result = then(self, &value);
        // A nested call has put back a smaller buffer.
        *self.scratch = value;
        result
    }
}
