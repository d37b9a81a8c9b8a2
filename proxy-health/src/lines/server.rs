//! Lines about servers whose condition changes, because of checks or of people.

use std::fmt::{self, Display};

use super::reason::Reason;
use crate::result::CheckResult;

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

impl Left {
    /// Writes what remains after a change, and the end of the line.
    pub(super) fn write(&self, change: Change, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Left { active, backup, sessions, requeued, queued } = self;
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
        left.write(*change, f)
    }
}

/// Returns the line about a section none of whose servers is up. `kind` is `backend` or `proxy`.
pub fn no_server(kind: &str, name: &str) -> String {
    format!("{kind} {name} has no server available!")
}
