//! The settings of a frontend that its connections use.

use std::sync::Arc;
use std::time::Duration;

use proto_core::options::SocketOption;
use proxy_http::h1::Limits;
use proxy_relay::SideTimeouts;
use proxy_rules::RuleSet;
use proxy_rules::captures::CapturePolicy;
use proxy_rules::log::UniqueIds;

use super::{HttpPolicy, Inspection};

/// The settings of a frontend. By default there are no limits and no rules.
#[derive(Clone, Debug, Default)]
pub struct FrontendPolicy {
    /// The most concurrent connections of all listeners together.
    pub maxconn: Option<usize>,
    /// The most new sessions in a second; 0 for no limit.
    pub session_rate: u32,
    /// The longest silence of a client, and of one whose connection is half-closed.
    pub client: SideTimeouts,
    /// The longest time that the handshakes of the layers may take.
    pub handshake: Option<Duration>,
    /// The rules on accepted connections from which nothing has been read.
    pub connection_rules: RuleSet,
    /// The rules on connections whose handshakes are done.
    pub session_rules: RuleSet,
    /// The content rules, in mode tcp.
    pub inspection: Option<Arc<Inspection>>,
    /// The settings of HTTP, in mode http.
    pub http: Option<Arc<HttpPolicy>>,
    /// The settings of HTTP for sessions of mode tcp that become connections of HTTP, if any may.
    pub upgrade: Option<Arc<HttpPolicy>>,
    /// The limits of requests, for rules of mode tcp that look at one. Those of [`upgrade`](Self::upgrade) are the same.
    pub request_limits: Limits,
    /// The captures of messages, for log lines and rules.
    pub captures: Option<Arc<CapturePolicy>>,
    /// The format of unique identifiers of sessions and exchanges.
    pub unique_ids: UniqueIds,
    /// The options set on each accepted connection that supports them, besides those inherited from the listener.
    pub options: Vec<SocketOption>,
    /// Whether statistics show its listeners.
    pub shows_listeners: bool,
}
