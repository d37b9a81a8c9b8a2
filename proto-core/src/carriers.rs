//! What carries a connection, as a small value: without the paths, which only the system knows.

use std::fmt;

use crate::info::{ConnectionInfo, State, word};

/// The transport and the layers of a connection, and whether it works as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carriers {
    /// The name of the protocol that made it, such as `mptcpv4`.
    pub transport: &'static str,
    /// Whether log lines omit the transport, as they do for TCP.
    pub is_ordinary: bool,
    /// The layers that change its bytes, the outermost first.
    pub layers: Vec<&'static str>,
    /// Whether the connection works as configured.
    pub state: State,
}

impl From<ConnectionInfo> for Carriers {
    fn from(info: ConnectionInfo) -> Carriers {
        let ConnectionInfo { transport, is_ordinary, layers, state, .. } = info;
        Carriers { transport, is_ordinary, layers, state }
    }
}

impl Carriers {
    /// Returns whether there is nothing to show except the name of the transport.
    pub fn is_plain(&self) -> bool {
        self.is_ordinary && self.layers.is_empty() && self.state == State::Native
    }
}

/// Formats as one word: `tcpv4` alone if the connection is plain, otherwise with the layers and the state, which is
/// how the word in log lines begins: `lz+mptcpv4/native`, `mptcpv4/fallback:peer`.
impl fmt::Display for Carriers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        word(&self.layers, self.transport).fmt(f)?;
        if self.is_plain() { Ok(()) } else { write!(f, "/{}", self.state.name()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::FallbackReason;

    #[test]
    fn only_a_plain_connection_has_no_state_in_its_word() {
        type Change = fn(&mut ConnectionInfo);
        let cases: [(Change, &str); 5] = [
            (|_| (), "tcpv4"),
            (|info| info.path_limit = Some(1), "tcpv4"),
            (|info| info.is_ordinary = false, "tcpv4/native"),
            (|info| info.layers = vec!["lz", "pack"], "lz+pack+tcpv4/native"),
            (|info| info.state = State::Fallback(FallbackReason::Peer), "tcpv4/fallback:peer"),
        ];
        for (change, expected) in cases {
            let mut info = ConnectionInfo::ordinary("tcpv4");
            change(&mut info);
            let carriers = Carriers::from(info);
            assert_eq!(carriers.to_string(), expected);
            assert_eq!(carriers.is_plain(), !expected.contains('/'), "{expected}");
        }
    }
}
