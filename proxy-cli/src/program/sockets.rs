//! The sockets of a program once they are bound, with what they are for.

use std::collections::HashMap;
use std::sync::Arc;

use proxy_admin::AdminSocket;
use proxy_engine::{Backend, FrontendConfig, ResolverSection};

use crate::assemble::{PlannedLogs, ProxyLog};

/// All bound sockets.
pub(super) struct Sockets {
    pub(super) frontends: Vec<FrontendConfig>,
    /// The backends by name.
    pub(super) backends: Arc<HashMap<String, Arc<Backend>>>,
    /// The `resolvers` sections.
    pub(super) resolvers: Vec<Arc<ResolverSection>>,
    /// The logs of each frontend, in the order of the frontends.
    pub(super) logs: Vec<PlannedLogs>,
    /// The logs of all proxies for lines about themselves, in their order.
    pub(super) proxies: Vec<ProxyLog>,
    /// The bound runtime sockets.
    pub(super) commands: Vec<AdminSocket>,
    /// The addresses really bound.
    pub(super) addresses: Vec<String>,
}
