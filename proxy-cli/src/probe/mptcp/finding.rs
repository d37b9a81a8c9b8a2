//! Whether a connection is MPTCP, and why.
//!
//! ```text
//!  SYN with MPTCP ──► answered plain ──────────────────────► no: peer
//!        │ ╰───────► not answered, plain SYN is ───────────► no: black-hole
//!        ▼
//!  SYN/ACK with MPTCP ──► first data come plain ───────────► no: stripped
//!        │ ╰────────────► our data are never acknowledged ─► no: unacknowledged
//!        ▼
//!  data acknowledged with MPTCP ───────────────────────────► yes: proven
//! ```
//!
//! The handshake alone proves little: a middlebox that removes the option from all segments but SYNs breaks the
//! connection at the first data. So data are sent where possible; without a request it is the end of the sending
//! direction, which MPTCP acknowledges as data and which no application reads.

use proto_core::extension::Value;
use proto_core::info::{ConnectionInfo, FallbackReason, State};

use super::observed::Happened;

/// The reason why a connection is MPTCP, or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Data were acknowledged with MPTCP.
    Proven,
    /// The handshake was MPTCP's, and no data were sent.
    Handshake,
    /// This host does not support it; with the reason that it gives.
    Kernel(Option<String>),
    /// The answer to the SYN was plain TCP.
    Peer,
    /// Data of the peer came without MPTCP after a handshake with it.
    Stripped,
    /// The peer acknowledged no data with MPTCP after a handshake with it.
    Unacknowledged,
    /// SYNs with MPTCP were lost, and one without was answered.
    BlackHole,
    /// This host does not try it for now.
    Paused,
}

/// What a finding is based on.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) info: &'a ConnectionInfo,
    pub(crate) happened: Happened,
    /// The warnings of the protocol about this machine.
    pub(crate) warnings: &'a [String],
    /// Whether this end has sent data, or the end of its direction.
    pub(crate) sent: bool,
}

impl Evidence<'_> {
    pub(crate) fn judge(&self) -> Finding {
        match self.info.state {
            State::Fallback(FallbackReason::Kernel) => Finding::Kernel(self.warnings.first().cloned()),
            State::Fallback(FallbackReason::Midway) => Finding::Stripped,
            State::Fallback(FallbackReason::Peer) => self.plain(),
            State::Native | State::Degraded(_) => match (proven(self.info, self.sent), self.sent) {
                (Some(true), _) => Finding::Proven,
                (Some(false), true) => Finding::Unacknowledged,
                _ => Finding::Handshake,
            },
        }
    }

    /// Returns why a connection was plain from its beginning.
    fn plain(&self) -> Finding {
        let happened = self.happened;
        let resent = self.info.paths.iter().any(|path| path.retransmissions > 0);
        if happened.gave_up_on_syn && resent {
            Finding::BlackHole
        } else if happened.plain_answer {
            Finding::Peer
        } else if happened.not_tried {
            Finding::Paused
        } else if happened.mptcp_answer {
            // It had fallen back before the connection was looked at.
            Finding::Stripped
        } else {
            Finding::Peer
        }
    }
}

/// Returns whether data of either direction prove MPTCP: some that came, some of ours that were acknowledged, or the
/// end of what was `sent`. `None` if the transport does not know.
pub(crate) fn proven(info: &ConnectionInfo, sent: bool) -> Option<bool> {
    let count = |name| match info.extra(name) {
        Some(Value::Integer(count)) => Some(*count),
        _ => None,
    };
    let some = |name| count(name).is_some_and(|count| count > 0);
    let waiting = count("unacknowledged")?;
    Some(some("bytes_acked") || some("bytes_received") || (sent && waiting == 0))
}

impl Finding {
    pub(crate) fn is_yes(&self) -> bool {
        matches!(self, Finding::Proven | Finding::Handshake)
    }

    /// Returns a word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Finding::Proven => "proven",
            Finding::Handshake => "handshake",
            Finding::Kernel(_) => "kernel",
            Finding::Peer => "peer",
            Finding::Stripped => "stripped",
            Finding::Unacknowledged => "unacknowledged",
            Finding::BlackHole => "black-hole",
            Finding::Paused => "paused",
        }
    }

    /// Returns a sentence for people.
    pub(crate) fn why(&self) -> String {
        match self {
            Finding::Proven => "the peer acknowledged data with MPTCP",
            Finding::Handshake => "the peer answered the handshake with MPTCP; no data have proven it yet",
            Finding::Kernel(Some(why)) => return format!("this host: {why}"),
            Finding::Kernel(None) => "this host does not offer MPTCP",
            Finding::Peer => {
                "the handshake was answered with plain TCP, by the peer or because of a middlebox"
            }
            Finding::Stripped => {
                "the handshake was MPTCP, then the peer's data came plain: a middlebox strips options"
            }
            Finding::Unacknowledged => {
                "the handshake was MPTCP, then no data were acknowledged with it: a middlebox strips options"
            }
            Finding::BlackHole => "SYNs with MPTCP got no answer, one without it did: a middlebox drops them",
            Finding::Paused => "this host does not try MPTCP for now, because SYNs with it were lost before",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proto_core::address::Address;
    use proto_core::info::{Path, PathState};

    use super::*;

    fn connection(state: State, retransmissions: u32, unacknowledged: u64) -> ConnectionInfo {
        let address = Address::Inet(([192, 0, 2, 1], 80).into());
        ConnectionInfo {
            state,
            paths: vec![Path {
                id: 0,
                local: address.clone(),
                remote: address,
                rtt: Some(Duration::from_millis(1)),
                bytes_sent: 0,
                bytes_received: 0,
                retransmissions,
                backup: None,
                state: PathState::Established,
            }],
            extra: vec![("unacknowledged", Value::Integer(unacknowledged))],
            ..ConnectionInfo::new("mptcpv4")
        }
    }

    fn judge(info: &ConnectionInfo, sent: bool, happened: Happened) -> &'static str {
        Evidence { info, happened, warnings: &[], sent }.judge().word()
    }

    #[test]
    fn a_native_connection_is_judged_by_what_was_acknowledged() {
        let nothing = Happened::default();
        assert_eq!(judge(&connection(State::Native, 0, 0), true, nothing), "proven");
        assert_eq!(judge(&connection(State::Native, 0, 1), true, nothing), "unacknowledged");
        assert_eq!(judge(&connection(State::Native, 0, 0), false, nothing), "handshake");
        for (name, sent) in [("bytes_acked", true), ("bytes_received", false)] {
            let mut some = connection(State::Native, 0, 7);
            some.extra.push((name, Value::Integer(100)));
            assert_eq!(judge(&some, sent, nothing), "proven", "{name}: the rest is on its way");
        }
        let silent = ConnectionInfo { extra: Vec::new(), ..connection(State::Native, 0, 0) };
        assert_eq!(judge(&silent, true, nothing), "handshake", "the kernel does not tell more");
    }

    #[test]
    fn a_plain_one_is_judged_by_what_happened() {
        let nothing = Happened::default();
        let plain = |resent| connection(State::Fallback(FallbackReason::Peer), resent, 0);
        let lost = Happened { gave_up_on_syn: true, ..nothing };
        assert_eq!(judge(&plain(0), true, nothing), "peer");
        assert_eq!(judge(&plain(3), true, lost), "black-hole");
        assert_eq!(judge(&plain(0), true, Happened { plain_answer: true, ..lost }), "peer", "another's SYN");
        assert_eq!(judge(&plain(0), true, Happened { not_tried: true, ..nothing }), "paused");
        assert_eq!(judge(&plain(0), true, Happened { mptcp_answer: true, ..nothing }), "stripped");
        let midway = connection(State::Fallback(FallbackReason::Midway), 0, 0);
        assert_eq!(judge(&midway, true, nothing), "stripped");
    }
}
