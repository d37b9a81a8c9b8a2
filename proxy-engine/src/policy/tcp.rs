//! Socket options that are set for all connections of a section.

use std::time::Duration;

/// Socket options of a section.
#[derive(Clone, Debug, Default)]
pub struct TcpTuning {
    /// `option nolinger`: connections are closed with a reset.
    pub no_linger: bool,
    /// `option clitcpka` and its parameters, for clients' connections.
    pub client: KeepAlive,
    /// `option srvtcpka` and its parameters, for servers' connections.
    pub server: KeepAlive,
    /// `option tcp-smart-accept`: the first acknowledgement is sent with the first data.
    pub smart_accept: bool,
    /// `option tcp-smart-connect`: the same towards the server.
    pub smart_connect: bool,
}

/// TCP keep-alive probes of idle connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive {
    /// Whether probes are sent.
    pub on: bool,
    /// The number of unanswered probes after which the connection is dropped. `None` is the system's default, here and
    /// below.
    pub count: Option<u8>,
    /// How long a connection is idle before the first probe.
    pub idle: Option<Duration>,
    /// The time between two probes.
    pub interval: Option<Duration>,
}
