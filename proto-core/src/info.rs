//! The neutral model of a connection and its paths, which views, logs and counters show.
//!
//! Nothing here is specific to one transport. TCP has one path, MPTCP has several, an in-memory pipe none.

use std::fmt;
use std::time::Duration;

use crate::address::Address;
use crate::value::Value;

/// A snapshot of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// The name of the protocol that made it, such as `mptcpv4`.
    pub transport: &'static str,
    /// Whether log lines omit the transport, as they do for TCP: see [`is_plain`](Self::is_plain).
    pub is_ordinary: bool,
    /// The layers that change its bytes, the outermost first.
    pub layers: Vec<&'static str>,
    /// Whether the connection works as configured.
    pub state: State,
    /// The highest number of paths it may have, if there is such a limit.
    pub path_limit: Option<u32>,
    /// The paths that carry bytes or could; for a connection that has ended, the paths that it had at the end.
    pub paths: Vec<Path>,
    /// Further facts from the transport, in the order in which to show them.
    pub extra: Vec<(&'static str, Value)>,
}

impl ConnectionInfo {
    /// Returns a native connection about which nothing else is known.
    pub fn new(transport: &'static str) -> ConnectionInfo {
        ConnectionInfo {
            transport,
            is_ordinary: false,
            layers: Vec::new(),
            state: State::Native,
            path_limit: None,
            paths: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// Returns the same for a transport that log lines omit.
    pub fn ordinary(transport: &'static str) -> ConnectionInfo {
        ConnectionInfo { is_ordinary: true, ..ConnectionInfo::new(transport) }
    }

    /// Returns the layers and the transport, from the outside in: `lz over mptcpv4`.
    pub fn carriers(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| {
            self.layers.iter().try_for_each(|layer| write!(f, "{layer} over "))?;
            f.write_str(self.transport)
        })
    }

    /// Returns the same as one word, as in an address: `lz+mptcpv4`.
    pub fn carriers_word(&self) -> impl fmt::Display + '_ {
        word(&self.layers, self.transport)
    }

    /// Returns whether this is a native connection of an ordinary transport, with at most one path and no layers, and
    /// cannot become anything else. Log lines describe only connections that are not plain.
    pub fn is_plain(&self) -> bool {
        self.is_ordinary
            && self.layers.is_empty()
            && self.state == State::Native
            && self.path_limit.is_none()
            && self.paths.len() <= 1
    }

    /// Returns the further fact with this name.
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Formats layers and a transport as an address has them.
pub(crate) fn word<'a>(layers: &'a [&'static str], transport: &'static str) -> impl fmt::Display + 'a {
    fmt::from_fn(move |f| {
        layers.iter().try_for_each(|layer| write!(f, "{layer}+"))?;
        f.write_str(transport)
    })
}

/// Whether a connection works as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It works as configured.
    Native,
    /// It works as a simpler protocol, for this reason.
    Fallback(FallbackReason),
    /// It works as configured, but lacks something.
    Degraded(Degradation),
}

/// What a connection lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Degradation {
    /// It has no path at the moment, and waits for one.
    NoPath,
}

impl State {
    /// Returns the state as one word, with the reason after a colon, for logs and rules.
    pub fn name(&self) -> &'static str {
        match self {
            State::Native => "native",
            State::Fallback(FallbackReason::Kernel) => "fallback:kernel",
            State::Fallback(FallbackReason::Peer) => "fallback:peer",
            State::Fallback(FallbackReason::Midway) => "fallback:midway",
            State::Degraded(Degradation::NoPath) => "degraded:no-path",
        }
    }
}

/// The reason why a connection does not work as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FallbackReason {
    /// The kernel of this host does not support the protocol or has it disabled.
    Kernel,
    /// The peer, or a device between, does not support it.
    Peer,
    /// It was established and broke later.
    Midway,
}

impl FallbackReason {
    /// Returns the reason in words.
    pub fn as_str(self) -> &'static str {
        match self {
            FallbackReason::Kernel => "this kernel does not offer it",
            FallbackReason::Peer => "the peer or a middlebox does not support it",
            FallbackReason::Midway => "a middlebox broke it after the handshake",
        }
    }
}

/// One path of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The id, stable for the life of the path.
    pub id: u32,
    /// The address of this end.
    pub local: Address,
    /// The address of the other end.
    pub remote: Address,
    /// Smoothed round-trip time; `None` before the first sample.
    pub rtt: Option<Duration>,
    /// Payload bytes sent, retransmissions included.
    pub bytes_sent: u64,
    /// Payload bytes received.
    pub bytes_received: u64,
    /// Segments retransmitted.
    pub retransmissions: u32,
    /// Whether it is only a backup; `None` if the kernel does not report it.
    pub backup: Option<bool>,
    /// The current state.
    pub state: PathState,
}

/// The state of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathState {
    /// Being set up.
    Connecting,
    /// Can carry bytes.
    Established,
    /// Being closed.
    Closing,
    /// Closed, as the last path of a connection that has ended.
    Closed,
}

/// A change of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathEvent {
    /// A new path.
    Up(Path),
    /// A path that has ended.
    Down {
        /// The id of the path.
        id: u32,
        /// The system's error number, if the path did not close in order.
        error: Option<i32>,
    },
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn path(id: u32) -> Path {
        let address = Address::from(SocketAddr::from(([127, 0, 0, 1], 80)));
        Path {
            id,
            local: address.clone(),
            remote: address,
            rtt: None,
            bytes_sent: 0,
            bytes_received: 0,
            retransmissions: 0,
            backup: None,
            state: PathState::Established,
        }
    }

    #[test]
    fn plain_is_native_with_at_most_one_path() {
        let plain = ConnectionInfo::ordinary("tcpv4");
        let with = |change: fn(&mut ConnectionInfo)| {
            let mut info = plain.clone();
            change(&mut info);
            info.is_plain()
        };
        assert!(plain.is_plain());
        assert!(with(|info| info.paths = vec![path(1)]));
        assert!(with(|info| info.extra = vec![("token", Value::Integer(1))]));
        assert!(!with(|info| info.is_ordinary = false));
        assert!(!with(|info| info.layers = vec!["lz"]));
        assert!(!with(|info| info.paths = vec![path(1), path(2)]));
        assert!(!with(|info| info.path_limit = Some(0)));
        assert!(!with(|info| info.state = State::Fallback(FallbackReason::Peer)));
        assert!(!with(|info| info.state = State::Degraded(Degradation::NoPath)));
    }
}
