//! Socket options that are set for all connections of a section.

use std::time::Duration;

/// Socket options of a section.
#[derive(Clone, Debug, Default)]
pub struct TcpTuning {
    /// `option nolinger`.
    pub no_linger: bool,
    /// `option clitcpka` and its numbers: of clients' connections.
    pub client: KeepAlive,
    /// `option srvtcpka` and its numbers: of servers' connections.
    pub server: KeepAlive,
    /// `option tcp-smart-accept`: the first acknowledgement is sent with the first data.
    pub smart_accept: bool,
    /// `option tcp-smart-connect`: the same towards the server.
    pub smart_connect: bool,
}

/// TCP keep-alive probes of idle connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive {
    /// Whether they are sent.
    pub on: bool,
    /// Unanswered probes after which the connection is dropped. `None` is the system's default, here and below.
    pub count: Option<u8>,
    /// How long a connection is idle before the first probe.
    pub idle: Option<Duration>,
    /// Time between two probes.
    pub interval: Option<Duration>,
}
