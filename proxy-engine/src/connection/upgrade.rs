//! A connection of mode tcp that continues as one of HTTP, because of its backend or of a rule (`switch-mode`).

use std::rc::Rc;
use std::sync::Arc;

use proto_core::stream::Stream;

use super::client::ClientConnection;
use super::rule_traces::RuleTraces;
use crate::exchange::memory::Messages;
use crate::upstream::Backend;

/// A connection that becomes one of HTTP.
pub(crate) struct Upgrade {
    pub(crate) connection: Rc<ClientConnection>,
    /// The client's stream, with the bytes that were read put back.
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) begun: Begun,
    /// Whether the client may speak only HTTP/1.
    pub(crate) only_http1: bool,
}

/// What mode tcp has prepared for the first exchange: the results of the frontend's content rules, and perhaps a
/// backend.
pub(crate) struct Begun {
    pub(crate) backend: Option<Arc<Backend>>,
    pub(crate) traces: RuleTraces,
    /// The memory with the variables that rules have set, if any rule ran.
    pub(crate) messages: Option<Box<Messages>>,
}
