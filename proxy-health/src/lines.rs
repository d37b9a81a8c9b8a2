//! Log lines about checks and servers, to the letter as HAProxy writes them: people and tools search for them.
//!
//! ```text
//! Health check for server b/s failed, reason: Layer4 timeout, check duration: 2001ms, status: 2/3 UP.
//! Server b/s is DOWN, reason: Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 0ms. 0 active and 0 backup servers left. 2 sessions active, 0 requeued, 0 remaining in queue.
//! backend b has no server available!
//! ```

use std::fmt::{self, Display, Write};

use crate::result::CheckResult;
use crate::state::{CheckSource, Tracked};
use crate::status::Outcome;

/// A server as lines name it.
#[derive(Clone, Copy, Debug)]
pub struct ServerName<'a> {
    /// The name of its backend.
    pub backend: &'a str,
    /// Its name.
    pub server: &'a str,
    /// Whether it is a backup server.
    pub backup: bool,
}

/// Returns the line about the result of a check (`option log-health-checks`). `has_weight` is whether the server may get
/// clients at all.
pub fn check_line(source: CheckSource, name: ServerName<'_>, check: &Tracked, has_weight: bool) -> String {
    let source = match source {
        CheckSource::Health => "Health",
        CheckSource::Agent => "Agent",
    };
    let backup = if name.backup { "backup " } else { "" };
    let outcome = check.last.status.outcome();
    let conditionally = if outcome == Outcome::Conditional { "conditionally " } else { "" };
    let verb = if outcome.is_success() { "succeeded" } else { "failed" };
    let (passed, of) = check.tally.shown();
    let state = match (check.tally.is_up(), has_weight) {
        (true, true) => "UP",
        (true, false) => "DRAIN",
        (false, _) => "DOWN",
    };
    format!(
        "{source} check for {backup}server {}/{} {conditionally}{verb}{}, status: {passed}/{of} {state}.",
        name.backend,
        name.server,
        Reason(&check.last),
    )
}

/// The reason of a result: `, reason: Layer7 wrong status, code: 503, info: "..", check duration: 2ms`.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a>(pub &'a CheckResult);

impl Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CheckResult { status, code, info, duration } = self.0;
        write!(f, ", reason: {}", status.text())?;
        if status.has_code() {
            write!(f, ", code: {code}")?;
        }
        if !info.is_empty() {
            write!(f, ", info: \"{}\"", Printable(info))?;
        }
        match duration {
            Some(duration) => write!(f, ", check duration: {}ms", duration.as_millis()),
            None => Ok(()),
        }
    }
}

/// Bytes in which all but printable ASCII characters are written as `<0A>`, as are quotes and angle brackets.
struct Printable<'a>(&'a [u8]);

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'<' | b'>' | b'"' => write!(f, "<{byte:02X}>")?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "<{byte:02X}>")?,
            }
        }
        Ok(())
    }
}

/// What has changed about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The server is down.
    Down,
    /// The server gets no new clients.
    Stopping,
    /// The server is up.
    Up,
}

/// Why it has changed.
#[derive(Clone, Copy, Debug)]
pub enum Cause<'a> {
    /// Nothing is said: the check has had a line of its own, or the server tracks another one.
    Untold,
    /// The result of a check.
    Check(&'a CheckResult),
    /// Something else, such as `changed from CLI`.
    Other(&'a str),
}

/// The servers and sessions of a backend after a change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Left {
    /// The active servers that are up.
    pub active: usize,
    /// The backup servers that are up.
    pub backup: usize,
    /// The sessions of the server.
    pub sessions: u64,
    /// The requests that the change has moved from one queue to another.
    pub requeued: usize,
    /// The requests that remain in the queue of the server.
    pub queued: usize,
}

/// The line about a server whose condition has changed.
#[derive(Clone, Copy, Debug)]
pub struct ServerLine<'a> {
    /// The server.
    pub name: ServerName<'a>,
    /// The change.
    pub change: Change,
    /// The reason for it.
    pub cause: Cause<'a>,
    /// The backend and the name of the server that it tracks.
    pub via: Option<(&'a str, &'a str)>,
    /// What remains.
    pub left: Left,
}

impl Display for ServerLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServerLine { name, change, cause, via, left } = self;
        let backup = if name.backup { "Backup " } else { "" };
        let state = match change {
            Change::Down => "DOWN",
            Change::Stopping => "stopping",
            Change::Up => "UP",
        };
        write!(f, "{backup}Server {}/{} is {state}", name.backend, name.server)?;
        match cause {
            Cause::Untold => {}
            Cause::Check(result) => Reason(result).fmt(f)?,
            Cause::Other(text) => write!(f, ", {text}")?,
        }
        if let Some((backend, server)) = via {
            write!(f, " via {backend}/{server}")?;
        }
        let Left { active, backup, sessions, requeued, queued } = left;
        let on_backup = if *backup > 0 && *active == 0 { " Running on backup." } else { "" };
        match change {
            Change::Down => write!(
                f,
                ". {active} active and {backup} backup servers left.{on_backup} {sessions} sessions active, \
                 {requeued} requeued, {queued} remaining in queue."
            ),
            Change::Stopping | Change::Up => write!(
                f,
                ". {active} active and {backup} backup servers online.{on_backup} {requeued} sessions requeued, \
                 {queued} total in queue."
            ),
        }
    }
}

/// Returns the line about a section none of whose servers is up. `kind` is `backend` or `proxy`.
pub fn no_server(kind: &str, name: &str) -> String {
    format!("{kind} {name} has no server available!")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::state::Tally;
    use crate::status::Status;

    const NAME: ServerName<'_> = ServerName { backend: "b", server: "s", backup: false };

    fn checked(tally: Tally, last: CheckResult) -> Tracked {
        Tracked { tally, last: last.took(Duration::from_micros(1999)) }
    }

    #[test]
    fn lines_of_checks() {
        let mut tally = Tally::default();
        tally.fill();
        let line = |source, name, check: &Tracked, has_weight| check_line(source, name, check, has_weight);
        let passed = checked(tally, CheckResult::new(Status::Layer4Ok));
        assert_eq!(
            line(CheckSource::Health, NAME, &passed, true),
            "Health check for server b/s succeeded, reason: Layer4 check passed, check duration: 1ms, status: 3/3 UP."
        );
        assert!(line(CheckSource::Health, NAME, &passed, false).ends_with("status: 3/3 DRAIN."));
        tally.empty();
        let failed = CheckResult::new(Status::Layer7Status).with_code(503).with_info(b"a \"<\xe4>\"\r\n");
        assert_eq!(
            line(CheckSource::Agent, ServerName { backup: true, ..NAME }, &checked(tally, failed), true),
            "Agent check for backup server b/s failed, reason: Layer7 wrong status, code: 503, \
             info: \"a <22><3C><E4><3E><22><0D><0A>\", check duration: 1ms, status: 0/2 DOWN."
        );
        let conditional = checked(tally, CheckResult::new(Status::Layer7Conditional).with_code(404));
        assert!(line(CheckSource::Health, NAME, &conditional, true).starts_with(
            "Health check for server b/s conditionally succeeded, reason: Layer7 check conditionally passed, code: 404, "
        ));
    }

    #[test]
    fn lines_of_servers() {
        let result =
            CheckResult::new(Status::Layer4Failed).with_info(b"Connection refused").took(Duration::ZERO);
        let down = ServerLine {
            name: NAME,
            change: Change::Down,
            cause: Cause::Check(&result),
            via: None,
            left: Left::default(),
        };
        assert_eq!(
            down.to_string(),
            "Server b/s is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: \
             0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."
        );
        let tracking = ServerLine {
            name: ServerName { backup: true, ..NAME },
            change: Change::Up,
            cause: Cause::Untold,
            via: Some(("a", "t")),
            left: Left { backup: 1, queued: 2, ..Left::default() },
        };
        assert_eq!(
            tracking.to_string(),
            "Backup Server b/s is UP via a/t. 0 active and 1 backup servers online. Running on backup. 0 sessions \
             requeued, 2 total in queue."
        );
        let told = ServerLine { change: Change::Stopping, cause: Cause::Other("changed from CLI"), ..down };
        assert!(told.to_string().starts_with("Server b/s is stopping, changed from CLI. 0 active"));
        assert_eq!(no_server("backend", "b"), "backend b has no server available!");
    }

    #[test]
    fn errors_of_traffic_have_no_duration() {
        let result = CheckResult::new(Status::Observed).with_info(b"Detected 10 consecutive errors");
        assert_eq!(
            Reason(&result).to_string(),
            ", reason: Health analyze, info: \"Detected 10 consecutive errors\""
        );
    }
}
