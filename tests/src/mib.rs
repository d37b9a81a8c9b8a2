//! The kernel's MPTCP counters of a namespace (`MPTcpExt` of `/proc/net/netstat`).

use std::collections::BTreeMap;
use std::{fmt, fs};

use crate::error::{Context, Result};
use crate::ns::Namespace;

/// `/proc/net` would show the namespace of the process's first thread.
const NETSTAT: &str = "/proc/thread-self/net/netstat";
const GROUP: &str = "MPTcpExt:";

/// The counters at one moment, by the kernel's names (`MPJoinSynRx`).
#[derive(Clone, PartialEq, Eq)]
pub struct MptcpCounters(BTreeMap<String, u64>);

impl MptcpCounters {
    /// Reads the counters of a namespace.
    pub fn read(namespace: &Namespace) -> Result<Self> {
        let text = namespace.run(|| fs::read_to_string(NETSTAT))?.context("read counters of", namespace)?;
        Ok(Self::parse(&text))
    }

    /// Returns a counter; `None` if this kernel does not have it.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }

    /// Parses the counters. A group is two lines with the same first word: names, then values.
    fn parse(text: &str) -> Self {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(GROUP));
        let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let values = values.split_ascii_whitespace().filter_map(|value| value.parse().ok());
        Self(names.split_ascii_whitespace().map(str::to_owned).zip(values).collect())
    }
}

/// Shows the counters that are not 0: the kernel has about eighty.
impl fmt::Debug for MptcpCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().filter(|(_, value)| **value != 0)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_paired() {
        let counters = MptcpCounters::parse("TcpExt: A B\nTcpExt: 9 9\nMPTcpExt: A C\nMPTcpExt: 1 2\n");
        assert_eq!((counters.get("A"), counters.get("B"), counters.get("C")), (Some(1), None, Some(2)));
    }
}
