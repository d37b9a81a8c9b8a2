//! What this host's kernel says about MPTCP outside of a connection: switches (`net.mptcp.*`) and counters
//! (`MPTcpExt` of `/proc/net/netstat`).
//!
//! A connection that has fallen back does not say why; counters that moved while it was made do. They count for the
//! whole network namespace, so on a busy host another connection may have moved them.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

const NETSTAT: &str = "/proc/net/netstat";
const GROUP: &str = "MPTcpExt:";

/// The counters at one moment, by the kernel's names. Empty where there are none to read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters(BTreeMap<String, u64>);

impl Counters {
    pub(crate) fn read() -> Counters {
        fs::read_to_string(NETSTAT).map(|text| Counters::parse(&text)).unwrap_or_default()
    }

    /// A group is two lines with the same first word: names, then values.
    pub(crate) fn parse(text: &str) -> Counters {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(GROUP));
        let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let values = values.split_ascii_whitespace().map(|value| value.parse().unwrap_or(0));
        Counters(names.split_ascii_whitespace().map(str::to_owned).zip(values).collect())
    }

    fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// What has happened in the namespace since `before`.
    pub(crate) fn since(&self, before: &Counters) -> Happened {
        let moved = |name| self.get(name) > before.get(name);
        Happened {
            plain_answer: moved("MPCapableFallbackSYNACK"),
            mptcp_answer: moved("MPCapableSYNACKRX"),
            gave_up_on_syn: moved("MPCapableSYNTXDrop"),
            not_tried: moved("MPCapableSYNTXDisabled"),
        }
    }
}

/// What happened to connections that this namespace made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Happened {
    /// A SYN with MPTCP was answered without.
    pub(crate) plain_answer: bool,
    /// A SYN with MPTCP was answered with it.
    pub(crate) mptcp_answer: bool,
    /// SYNs with MPTCP were not answered, so one without was sent.
    pub(crate) gave_up_on_syn: bool,
    /// MPTCP was not even tried, because SYNs with it had been lost before (black-hole detection, since Linux 6.12).
    pub(crate) not_tried: bool,
}

/// For how long the kernel tries no MPTCP after it has lost SYNs with it, when that happens the first time. `None` if
/// it does not do that.
pub(crate) fn pause() -> Option<Duration> {
    let text = fs::read_to_string("/proc/sys/net/mptcp/blackhole_timeout").ok()?;
    text.trim().parse().ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_has_happened() {
        let before = Counters::parse("TcpExt: A\nTcpExt: 1\nMPTcpExt: MPCapableSYNTXDrop X\nMPTcpExt: 4 1\n");
        let after = Counters::parse("MPTcpExt: MPCapableSYNTXDrop MPCapableSYNACKRX\nMPTcpExt: 5 0\n");
        assert_eq!(after.since(&before), Happened { gave_up_on_syn: true, ..Happened::default() });
        assert_eq!(Counters::parse("nonsense").since(&before), Happened::default());
    }
}
