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
use crate::rules::RulePlace;
use crate::server_state::ServerState;
use crate::variables::Variables;

/// What the engine tells of a session. Cheap: nothing here makes a system call but what a stream is asked for.
pub trait SessionFacts {
    /// The client.
    fn source(&self) -> &Address;

    /// The address that the client connected to.
    fn destination(&self) -> &Address;

    /// The client's end of its connection: no rule but those about connections changes it.
    fn connection_source(&self) -> &Address {
        self.source()
    }

    /// The other end of it.
    fn connection_destination(&self) -> &Address {
        self.destination()
    }

    /// The name of the listener, if its line has one.
    fn listener_name(&self) -> Option<&str>;

    /// The number of the listener: `id` of its line, or the one it was given.
    fn listener_number(&self) -> u32;

    /// The frontend it came in through.
    fn frontend_name(&self) -> &str;

    /// The backend it was led to, once it is known.
    fn backend_name(&self) -> Option<&str>;

    /// The server that was chosen, once it is known.
    fn server_name(&self) -> Option<&str> {
        None
    }

    /// The client's connection.
    fn client(&self) -> Sampled<'_>;

    /// The server's connection, while there is one; for the log line, as it was.
    fn server(&self) -> Option<Sampled<'_>> {
        None
    }

    /// How it stands with the connection to the server; `None` while no attempt has come to anything.
    fn server_state(&self) -> Option<ServerState<'_>> {
        None
    }

    /// When the connection was accepted; of the second and later exchanges on it, when it was ready for another request.
    fn accepted(&self) -> Option<SystemTime> {
        None
    }

    /// When the first byte of the request came; of a session, when its handshakes were done.
    fn began(&self) -> Option<SystemTime> {
        None
    }

    /// The number of the request, or of the session, among all of the process.
    fn number(&self) -> Option<u32> {
        None
    }

    /// The request line as it came, if it is kept for the log line.
    fn request_line(&self) -> Option<&[u8]> {
        None
    }

    /// What the frontend captures, if it captures anything.
    fn captures(&self) -> Option<&CapturePolicy> {
        None
    }

    /// Whether the request is the first of the client's connection.
    fn is_first_request(&self) -> bool {
        true
    }

    /// Whether the connection to the server has carried requests before; `None` without one.
    fn is_server_connection_reused(&self) -> Option<bool> {
        None
    }
}

/// The bytes of one direction that were received and not yet passed on.
#[derive(Clone, Copy, Debug)]
pub struct Buffered<'a> {
    /// They, from the first one.
    pub bytes: &'a [u8],
    /// Whether more may follow: the sender has not finished, the buffer has room, and content rules may still wait.
    pub may_grow: bool,
}

/// Where the unique identifier of a session or an exchange comes from.
pub trait UniqueIdSource {
    /// The identifier. It is made of what the context has when it is first asked for, and always the same from then on.
    fn get(&self, context: &Context<'_>) -> &[u8];
}

/// What the rules of one hook point see. It is made for each hook point, of things that live longer.
#[expect(missing_debug_implementations, reason = "a session is whatever the engine brings")]
pub struct Context<'a> {
    /// The session.
    pub session: &'a dyn SessionFacts,
    /// The request; in mode tcp one that the bytes of the client turned out to be.
    pub request: Option<&'a mut Request>,
    /// The response, once there is one.
    pub response: Option<&'a mut Response>,
    /// Whether a request may still come of what the client has sent in mode tcp.
    pub request_is_coming: bool,
    /// What the client has sent, while content rules of mode tcp look at it.
    pub request_bytes: Option<Buffered<'a>>,
    /// What the server has sent, while content rules of mode tcp look at it.
    pub response_bytes: Option<Buffered<'a>>,
    /// The variables of the session and the exchange.
    pub variables: &'a mut Variables,
    /// Memory for values that are being built: [`Context::build`]. A worker needs one for all its sessions.
    pub scratch: &'a mut Vec<u8>,
    /// Whether a change that fails ends the message with an error. `true` at the beginning of a request and of a
    /// response; `strict-mode` changes it, and the engine keeps it from a frontend's rules to its backend's.
    pub strict: bool,
    /// Whether rules take what is there as it is. It is `false` only while content rules may still wait.
    pub is_final: bool,
    /// What a log line tells, where one is written.
    pub record: Option<&'a dyn Record>,
    /// The unique identifier, where the frontend has a format for it.
    pub unique_id: Option<&'a dyn UniqueIdSource>,
    /// What the client's connection is to pass beside the layers of its listener. Only rules about connections add some.
    pub layers: Vec<Arc<dyn Layer>>,
    /// Whether something could not be found out in time: [`Context::fail`].
    failed: Cell<bool>,
    /// The last rule that decided something. The engine keeps it from one hook point to the next, and for the log line.
    pub last_rule: Option<RulePlace>,
    /// What actions have changed beside messages and variables. The engine keeps it likewise.
    pub changes: Option<Box<Changes>>,
}

impl<'a> Context<'a> {
    /// One without messages.
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
            failed: Cell::new(false),
            last_rule: None,
            changes: None,
        }
    }

    /// With a request.
    #[must_use]
    pub fn with_request(self, request: &'a mut Request) -> Context<'a> {
        Context { request: Some(request), ..self }
    }

    /// With a response.
    #[must_use]
    pub fn with_response(self, response: &'a mut Response) -> Context<'a> {
        Context { response: Some(response), ..self }
    }

    /// With the record that a log line tells of.
    #[must_use]
    pub fn with_record(self, record: &'a dyn Record) -> Context<'a> {
        Context { record: Some(record), ..self }
    }

    /// Says that a value is missing because it could not be found out in time. What depends on it is not known then, and
    /// the rule that asked has failed.
    pub(crate) fn fail(&self) {
        self.failed.set(true);
    }

    /// Whether that was said since the last time this was asked.
    pub(crate) fn take_failure(&self) -> bool {
        self.failed.replace(false)
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

    /// Builds a value in the scratch memory, and then does something with it.
    pub fn build<R>(
        &mut self,
        write: impl FnOnce(&Context<'a>, &mut Vec<u8>),
        then: impl FnOnce(&mut Context<'a>, &[u8]) -> R,
    ) -> R {
        let mut value = std::mem::take(self.scratch);
        value.clear();
        write(self, &mut value);
        let result = then(self, &value);
        // Whoever built a value within has put back a smaller one.
        *self.scratch = value;
        result
    }
}
