//! The part of a log line about paths: `option httplog`, and a word at its end for each side.

use std::net::SocketAddr;

/// Contained in each line about a request, and in no other.
pub(crate) const REQUEST: &str = " HTTP/1.1\"";

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) client: SocketAddr,
    pub(crate) status: u16,
    /// The termination state: `----` on success.
    pub(crate) termination: String,
    /// The method and the target.
    pub(crate) request: String,
    line: String,
}

impl Logged {
    pub(crate) fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let request = line.split('"').nth(1).unwrap().trim_end_matches(REQUEST.trim_end_matches('"'));
        Self {
            client: words[0].parse().unwrap(),
            status: words[5].parse().unwrap(),
            termination: words[9].to_owned(),
            request: request.to_owned(),
            line: line.to_owned(),
        }
    }

    /// Returns the number of paths of a side, which must have been real MPTCP: `client=mptcpv4/native/2`.
    pub(crate) fn paths(&self, side: &str) -> u32 {
        let word = self.side(side).unwrap_or_else(|| panic!("nothing about {side}: {}", self.line));
        let paths = word.strip_prefix("mptcpv4/native/").unwrap_or_else(|| panic!("{}", self.line));
        paths.parse().unwrap()
    }

    /// Returns what is logged of a side; nothing for plain TCP.
    pub(crate) fn side(&self, side: &str) -> Option<&str> {
        self.line.split(' ').find_map(|word| word.strip_prefix(side)?.strip_prefix('='))
    }
}
