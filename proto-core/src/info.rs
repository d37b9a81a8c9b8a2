//! The neutral model of a connection and its paths: what views, logs and counters show.
//!
//! Nothing here speaks of one transport. TCP has one path, MPTCP some, an in-memory pipe none.

use std::fmt;
use std::time::Duration;

use crate::address::Address;
use crate::value::Value;

/// A connection as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// The protocol it was made by, such as `mptcpv4`.
    pub transport: &'static str,
    /// Whether logs have no word for the transport, as for TCP: see [`is_plain`](Self::is_plain).
    pub is_ordinary: bool,
    /// Layers that touch its bytes, the outermost first.
    pub layers: Vec<&'static str>,
    /// Whether it is what was asked for.
    pub state: State,
    /// How many paths it may have, where there is such a limit.
    pub path_limit: Option<u32>,
    /// Its paths: those that carry bytes or could, and of a connection that is over those it ended with.
    pub paths: Vec<Path>,
    /// What else the transport tells, in the order it wants it shown.
    pub extra: Vec<(&'static str, Value)>,
}

impl ConnectionInfo {
    /// A native connection about which nothing else is known.
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

    /// The same of a transport that logs have no word for.
    pub fn ordinary(transport: &'static str) -> ConnectionInfo {
        ConnectionInfo { is_ordinary: true, ..ConnectionInfo::new(transport) }
    }

    /// What it is made of, from the outside: `lz over mptcpv4`.
    pub fn carriers(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| {
            self.layers.iter().try_for_each(|layer| write!(f, "{layer} over "))?;
            f.write_str(self.transport)
        })
    }

    /// The same in one word, as an address has it: `lz+mptcpv4`.
    pub fn carriers_word(&self) -> impl fmt::Display + '_ {
        word(&self.layers, self.transport)
    }

    /// Whether it can be nothing but a native connection of an ordinary transport, of one path and without layers: there
    /// is nothing to tell of it that others do not have. Logs have a word for all others.
    pub fn is_plain(&self) -> bool {
        self.is_ordinary
            && self.layers.is_empty()
            && self.state == State::Native
            && self.path_limit.is_none()
            && self.paths.len() <= 1
    }

    /// An extra fact by name.
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Layers and a transport, as an address has them.
pub(crate) fn word<'a>(layers: &'a [&'static str], transport: &'static str) -> impl fmt::Display + 'a {
    fmt::from_fn(move |f| {
        layers.iter().try_for_each(|layer| write!(f, "{layer}+"))?;
        f.write_str(transport)
    })
}

/// Whether a connection is what it was asked to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Native,
    /// It works as a simpler protocol, and this is why.
    Fallback(FallbackReason),
    /// It is, but short of something.
    Degraded(Degradation),
}

/// What a connection is short of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Degradation {
    /// It has no path at the moment, and waits for one.
    NoPath,
}

impl State {
    /// In one word, with the reason behind a colon: for logs and rules.
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

/// Why a connection is not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FallbackReason {
    /// The kernel of this host does not do it or has it switched off.
    Kernel,
    /// The peer, or something between, does not.
    Peer,
    /// It was established and broke later.
    Midway,
}

impl FallbackReason {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            FallbackReason::Kernel => "this kernel does not offer it",
            FallbackReason::Peer => "the peer or a box on the way does not",
            FallbackReason::Midway => "a box on the way broke it after the handshake",
        }
    }
}

/// One path of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Stable while the path lives.
    pub id: u32,
    /// This end.
    pub local: Address,
    /// The other end.
    pub remote: Address,
    /// Smoothed round-trip time; `None` before the first sample.
    pub rtt: Option<Duration>,
    /// Payload bytes sent, retransmissions included.
    pub bytes_sent: u64,
    /// Payload bytes received.
    pub bytes_received: u64,
    /// Segments sent again.
    pub retransmissions: u32,
    /// Whether it only stands by; `None` where the kernel does not say.
    pub backup: Option<bool>,
    /// How it is.
    pub state: PathState,
}

/// How a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathState {
    /// Being set up.
    Connecting,
    /// Can carry bytes.
    Established,
    /// Being closed.
    Closing,
    /// Closed, as the last path of a connection that is over.
    Closed,
}

/// Something that happened to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathEvent {
    /// A new path.
    Up(Path),
    /// One that is gone, with the system's error number if it did not close in order.
    Down {
        /// Which.
        id: u32,
        /// Why.
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
    fn plain_is_native_with_one_path_at_most() {
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
