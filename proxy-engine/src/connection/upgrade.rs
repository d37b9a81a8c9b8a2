//! A connection of mode tcp that goes on as one of HTTP: because of its backend, or of a rule (`switch-mode`).

use std::rc::Rc;
use std::sync::Arc;

use proto_core::stream::Stream;

use super::client::ClientConnection;
use super::report::RuleTraces;
use crate::exchange::memory::Messages;
use crate::upstream::Backend;

/// A connection that becomes one of HTTP.
pub(crate) struct Upgrade {
    pub(crate) connection: Rc<ClientConnection>,
    /// With what was read of it put back.
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) begun: Begun,
    /// No other HTTP than HTTP/1 may come.
    pub(crate) only_http1: bool,
}

/// What was done in mode tcp for the first exchange: the content rules of the frontend have run, and perhaps it has a
/// backend.
pub(crate) struct Begun {
    pub(crate) backend: Option<Arc<Backend>>,
    pub(crate) traces: RuleTraces,
    /// With the variables that rules have set.
    pub(crate) messages: Option<Box<Messages>>,
}
