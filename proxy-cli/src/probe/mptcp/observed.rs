//! The kernel's settings (`net.mptcp.*`) and counters (`MPTcpExt` of `/proc/net/netstat`) of MPTCP.
//!
//! A connection that has fallen back does not say why; counters that were incremented while it was made do. They count
//! for the whole network namespace, so on a busy host another connection may have incremented them.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

const NETSTAT: &str = "/proc/net/netstat";
const GROUP: &str = "MPTcpExt:";

/// The counters at one moment, by the kernel's names. Empty if there are none to read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters(BTreeMap<String, u64>);

impl Counters {
    pub(crate) fn read() -> Counters {
        fs::read_to_string(NETSTAT).map(|text| Counters::parse(&text)).unwrap_or_default()
    }

    /// Parses the counters. A group is two lines with the same first word: names, then values.
    pub(crate) fn parse(text: &str) -> Counters {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(GROUP));
        let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let values = values.split_ascii_whitespace().map(|value| value.parse().unwrap_or(0));
        Counters(names.split_ascii_whitespace().map(str::to_owned).zip(values).collect())
    }

    fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Returns what has happened in the namespace since `before`.
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

/// Events of connections that this namespace made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Happened {
    /// A SYN with MPTCP was answered without it.
    pub(crate) plain_answer: bool,
    /// A SYN with MPTCP was answered with it.
    pub(crate) mptcp_answer: bool,
    /// SYNs with MPTCP were not answered, so one without was sent.
    pub(crate) gave_up_on_syn: bool,
    /// MPTCP was not even tried, because SYNs with it had been lost before (black-hole detection, since Linux 6.12).
    pub(crate) not_tried: bool,
}

/// Returns for how long the kernel does not try MPTCP after it has lost SYNs with it, when that happens the first time.
/// `None` if it does not do that.
pub(crate) fn pause() -> Option<Duration> {
    let text = fs::read_to_string("/proc/sys/net/mptcp/blackhole_timeout").ok()?;
    text.trim().parse().ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_that_were_incremented_are_events() {
        let before = Counters::parse("TcpExt: A\nTcpExt: 1\nMPTcpExt: MPCapableSYNTXDrop X\nMPTcpExt: 4 1\n");
        let after = Counters::parse("MPTcpExt: MPCapableSYNTXDrop MPCapableSYNACKRX\nMPTcpExt: 5 0\n");
        assert_eq!(after.since(&before), Happened { gave_up_on_syn: true, ..Happened::default() });
        assert_eq!(Counters::parse("nonsense").since(&before), Happened::default());
    }
}
