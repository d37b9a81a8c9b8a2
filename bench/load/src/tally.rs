//! Counting: the results of connections, added up.

use std::time::Duration;

use crate::failure::{ErrorKind, Failure, chain};
use crate::link::PathState;

/// Failed connections, or requests, by kind; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorCounts {
    pub refused: u64,
    pub reset: u64,
    pub timeout: u64,
    pub mismatch: u64,
    pub short: u64,
    pub excess: u64,
    pub status: u64,
    pub protocol: u64,
    pub other: u64,
}

impl ErrorCounts {
    /// Returns each kind with its name, in the order of the report.
    pub fn named(&self) -> [(&'static str, u64); 9] {
        [
            ("refused", self.refused),
            ("reset", self.reset),
            ("timeout", self.timeout),
            ("mismatch", self.mismatch),
            ("short", self.short),
            ("excess", self.excess),
            ("status", self.status),
            ("protocol", self.protocol),
            ("other", self.other),
        ]
    }

    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, count)| count).sum()
    }

    fn of(&mut self, kind: ErrorKind) -> &mut u64 {
        match kind {
            ErrorKind::Refused => &mut self.refused,
            ErrorKind::Reset => &mut self.reset,
            ErrorKind::Timeout => &mut self.timeout,
            ErrorKind::Mismatch => &mut self.mismatch,
            ErrorKind::Short => &mut self.short,
            ErrorKind::Excess => &mut self.excess,
            ErrorKind::Status => &mut self.status,
            ErrorKind::Protocol => &mut self.protocol,
            ErrorKind::Other => &mut self.other,
        }
    }

    fn add(&mut self, other: &Self) {
        self.refused += other.refused;
        self.reset += other.reset;
        self.timeout += other.timeout;
        self.mismatch += other.mismatch;
        self.short += other.short;
        self.excess += other.excess;
        self.status += other.status;
        self.protocol += other.protocol;
        self.other += other.other;
    }
}

/// The paths of the sockets that were made as MPTCP, near the end of their connections. All zero for TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathCounts {
    /// Connections that were MPTCP.
    pub mptcp: u64,
    /// Connections that were plain TCP in the end.
    pub fallback: u64,
    /// Over the connections that were MPTCP, the first subflow included.
    pub subflows_min: u8,
    pub subflows_max: u8,
}

impl PathCounts {
    pub(crate) fn record(&mut self, state: Option<PathState>) {
        match state {
            None => {}
            Some(PathState::Fallback) => self.fallback += 1,
            Some(PathState::Mptcp { subflows }) => {
                self.add(&Self { mptcp: 1, fallback: 0, subflows_min: subflows, subflows_max: subflows });
            }
        }
    }

    fn add(&mut self, other: &Self) {
        if other.mptcp > 0 {
            self.subflows_min =
                if self.mptcp > 0 { self.subflows_min.min(other.subflows_min) } else { other.subflows_min };
            self.subflows_max = self.subflows_max.max(other.subflows_max);
        }
        self.mptcp += other.mptcp;
        self.fallback += other.fallback;
    }
}

/// The result of one connection.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Bytes known to be right.
    pub(crate) bytes: u64,
    pub(crate) stall: Duration,
    pub(crate) path: Option<PathState>,
    pub(crate) result: Result<(), Failure>,
}

impl Outcome {
    pub(crate) fn failed(failure: Failure) -> Self {
        Self { bytes: 0, stall: Duration::ZERO, path: None, result: Err(failure) }
    }
}

/// The results of many connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) ok: u64,
    pub(crate) bytes: u64,
    pub(crate) stall: Duration,
    pub(crate) errors: ErrorCounts,
    pub(crate) paths: PathCounts,
    pub(crate) first_error: Option<String>,
}

impl Tally {
    pub(crate) fn record(&mut self, outcome: Outcome) {
        self.bytes += outcome.bytes;
        self.stall = self.stall.max(outcome.stall);
        self.paths.record(outcome.path);
        match outcome.result {
            Ok(()) => self.ok += 1,
            Err(failure) => self.fail(&failure),
        }
    }

    /// Counts a failure of a connection that was counted as right before.
    pub(crate) fn revoke(&mut self, failure: &Failure) {
        self.ok -= 1;
        self.fail(failure);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.ok += other.ok;
        self.bytes += other.bytes;
        self.stall = self.stall.max(other.stall);
        self.errors.add(&other.errors);
        self.paths.add(&other.paths);
        self.first_error = self.first_error.take().or(other.first_error);
    }

    fn fail(&mut self, failure: &Failure) {
        *self.errors.of(failure.kind()) += 1;
        self.first_error.get_or_insert_with(|| chain(failure));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(subflows: u8, result: Result<(), Failure>) -> Outcome {
        Outcome {
            bytes: 10,
            stall: Duration::from_millis(subflows.into()),
            path: Some(PathState::Mptcp { subflows }),
            result,
        }
    }

    #[test]
    fn sums_counts_and_extremes_survive_merging() {
        let (mut left, mut right) = (Tally::default(), Tally::default());
        left.record(outcome(2, Ok(())));
        right.record(outcome(1, Err(Failure::Short { got: 1, expected: 2 })));
        right.record(outcome(3, Ok(())));
        right.record(Outcome { path: Some(PathState::Fallback), ..outcome(9, Ok(())) });
        left.merge(right);
        assert_eq!((left.ok, left.bytes, left.errors.short, left.errors.total()), (3, 40, 1, 1));
        assert_eq!(left.paths, PathCounts { mptcp: 3, fallback: 1, subflows_min: 1, subflows_max: 3 });
        assert_eq!(left.stall, Duration::from_millis(9));
        assert!(left.first_error.expect("there was one").contains("1 of 2"));
    }
}
