//! The statuses of checks, with the names and texts of HAProxy: statistics, log lines and tools that read them depend on
//! both.

use std::fmt;

/// The status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// There are no checks.
    Unknown,
    /// No check has ended yet.
    Initializing,
    /// A check that says nothing about the server: an agent that reports no health.
    Checked,
    /// Errors of ordinary traffic have counted like a failed check.
    Observed,
    /// The check could not be carried out, or its connection failed once it was established.
    SocketError,
    /// A connection was established.
    Layer4Ok,
    /// No connection was established in time.
    Layer4Timeout,
    /// The connection was refused, or its target cannot be reached.
    Layer4Failed,
    /// The handshake of a security layer was completed.
    Layer6Ok,
    /// The handshake of a security layer was not completed in time.
    Layer6Timeout,
    /// The handshake of a security layer failed.
    Layer6Invalid,
    /// No complete response arrived in time.
    Layer7Timeout,
    /// The response was not as expected.
    Layer7Invalid,
    /// The response was as expected.
    Layer7Ok,
    /// The response was as expected, and the server asks for no new clients.
    Layer7Conditional,
    /// The response has a status of failure.
    Layer7Status,
    /// A command failed, or could not be run.
    ProcessError,
    /// A command did not end in time.
    ProcessTimeout,
    /// A command succeeded.
    ProcessOk,
}

/// The effect of a status on the health of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no result.
    Unknown,
    /// The result does not count.
    Neutral,
    /// The check has failed.
    Failed,
    /// The check has passed.
    Passed,
    /// The check has passed, and the server asks for no new clients.
    Conditional,
}

impl Outcome {
    /// Returns whether the server is healthy.
    pub fn is_success(self) -> bool {
        matches!(self, Outcome::Passed | Outcome::Conditional)
    }

    /// Returns whether the server is not healthy.
    pub fn is_failure(self) -> bool {
        self == Outcome::Failed
    }
}

impl Status {
    /// All statuses, in the order of HAProxy.
    pub const ALL: [Status; 19] = [
        Status::Unknown,
        Status::Initializing,
        Status::Checked,
        Status::Observed,
        Status::SocketError,
        Status::Layer4Ok,
        Status::Layer4Timeout,
        Status::Layer4Failed,
        Status::Layer6Ok,
        Status::Layer6Timeout,
        Status::Layer6Invalid,
        Status::Layer7Timeout,
        Status::Layer7Invalid,
        Status::Layer7Ok,
        Status::Layer7Conditional,
        Status::Layer7Status,
        Status::ProcessError,
        Status::ProcessTimeout,
        Status::ProcessOk,
    ];

    /// Returns the number that HAProxy writes into state files.
    pub fn number(self) -> u8 {
        match self {
            Status::Unknown => 0,
            Status::Initializing => 1,
            Status::Checked => 3,
            Status::Observed => 4,
            Status::SocketError => 5,
            Status::Layer4Ok => 6,
            Status::Layer4Timeout => 7,
            Status::Layer4Failed => 8,
            Status::Layer6Ok => 9,
            Status::Layer6Timeout => 10,
            Status::Layer6Invalid => 11,
            Status::Layer7Timeout => 12,
            Status::Layer7Invalid => 13,
            Status::Layer7Ok => 15,
            Status::Layer7Conditional => 16,
            Status::Layer7Status => 17,
            Status::ProcessError => 18,
            Status::ProcessTimeout => 19,
            Status::ProcessOk => 20,
        }
    }

    /// Returns the status with this number, if it is one of those that a check can have.
    pub fn of_number(number: u8) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.number() == number)
    }

    /// Returns the name in statistics.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Unknown => "UNK",
            Status::Initializing => "INI",
            Status::Checked => "CHECKED",
            Status::Observed => "HANA",
            Status::SocketError => "SOCKERR",
            Status::Layer4Ok => "L4OK",
            Status::Layer4Timeout => "L4TOUT",
            Status::Layer4Failed => "L4CON",
            Status::Layer6Ok => "L6OK",
            Status::Layer6Timeout => "L6TOUT",
            Status::Layer6Invalid => "L6RSP",
            Status::Layer7Timeout => "L7TOUT",
            Status::Layer7Invalid => "L7RSP",
            Status::Layer7Ok => "L7OK",
            Status::Layer7Conditional => "L7OKC",
            Status::Layer7Status => "L7STS",
            Status::ProcessError => "PROCERR",
            Status::ProcessTimeout => "PROCTOUT",
            Status::ProcessOk => "PROCOK",
        }
    }

    /// Returns the text in log lines.
    pub const fn text(self) -> &'static str {
        match self {
            Status::Unknown => "Unknown",
            Status::Initializing => "Initializing",
            Status::Checked => "No status change",
            Status::Observed => "Health analyze",
            Status::SocketError => "Socket error",
            Status::Layer4Ok => "Layer4 check passed",
            Status::Layer4Timeout => "Layer4 timeout",
            Status::Layer4Failed => "Layer4 connection problem",
            Status::Layer6Ok => "Layer6 check passed",
            Status::Layer6Timeout => "Layer6 timeout",
            Status::Layer6Invalid => "Layer6 invalid response",
            Status::Layer7Timeout => "Layer7 timeout",
            Status::Layer7Invalid => "Layer7 invalid response",
            Status::Layer7Ok => "Layer7 check passed",
            Status::Layer7Conditional => "Layer7 check conditionally passed",
            Status::Layer7Status => "Layer7 wrong status",
            Status::ProcessError => "External check error",
            Status::ProcessTimeout => "External check timeout",
            Status::ProcessOk => "External check passed",
        }
    }

    /// Returns the effect on the health of a server.
    pub const fn outcome(self) -> Outcome {
        match self {
            Status::Unknown | Status::Initializing => Outcome::Unknown,
            Status::Checked => Outcome::Neutral,
            Status::Layer4Ok | Status::Layer6Ok | Status::Layer7Ok | Status::ProcessOk => Outcome::Passed,
            Status::Layer7Conditional => Outcome::Conditional,
            Status::Observed
            | Status::SocketError
            | Status::Layer4Timeout
            | Status::Layer4Failed
            | Status::Layer6Timeout
            | Status::Layer6Invalid
            | Status::Layer7Timeout
            | Status::Layer7Invalid
            | Status::Layer7Status
            | Status::ProcessError
            | Status::ProcessTimeout => Outcome::Failed,
        }
    }

    /// Returns whether there is a code with it: the status of a response, or the exit code of a command.
    pub fn has_code(self) -> bool {
        self >= Status::Layer7Ok
    }
}

/// `L7OK`
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statuses_with_codes_are_those_of_responses_and_commands() {
        let with_code: Vec<_> =
            Status::ALL.iter().filter(|status| status.has_code()).map(|status| status.name()).collect();
        assert_eq!(with_code, ["L7OK", "L7OKC", "L7STS", "PROCERR", "PROCTOUT", "PROCOK"]);
        assert!(Status::ALL.is_sorted());
    }

    #[test]
    fn names_are_unique_and_tell_the_outcome() {
        for status in Status::ALL {
            let same = Status::ALL.iter().filter(|other| other.name() == status.name()).count();
            assert_eq!(same, 1, "{status}");
            let is_success = status.name().contains("OK");
            assert_eq!(status.outcome().is_success(), is_success, "{status}");
        }
    }
}
