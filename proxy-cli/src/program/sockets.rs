//! The sockets of a program, once they are bound, and what is to happen on them.

use std::collections::HashMap;
use std::sync::Arc;

use proxy_admin::AdminSocket;
use proxy_engine::{Backend, FrontendConfig};

use crate::assemble::PlannedLogs;

/// All that is bound.
pub(super) struct Sockets {
    pub(super) frontends: Vec<FrontendConfig>,
    /// The backends by name.
    pub(super) backends: Arc<HashMap<String, Arc<Backend>>>,
    /// The logs of each frontend, in their order.
    pub(super) logs: Vec<PlannedLogs>,
    /// Where commands are accepted.
    pub(super) commands: Vec<AdminSocket>,
    /// The addresses really bound.
    pub(super) addresses: Vec<String>,
}
