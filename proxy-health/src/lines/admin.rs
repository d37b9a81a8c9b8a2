//! Lines about servers that people, agents or name servers put into maintenance or drain, and take out of it.

use std::fmt::{self, Display};

use super::server::{Change, Left, ServerName};

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminChange {
    /// The server is in maintenance now.
    EntersMaintenance {
        /// Whether it was down before.
        was_down: bool,
    },
    /// The server is out of maintenance.
    LeavesMaintenance {
        /// Whether it is up.
        up: bool,
        /// Whether it gets no new clients.
        drain: bool,
        /// Whether it was in maintenance itself, rather than the server that it tracks.
        forced: bool,
    },
    /// The server gets no new clients.
    EntersDrain,
    /// The server may get new clients.
    LeavesDrain {
        /// Whether it is up.
        up: bool,
        /// Whether it was drained itself, rather than the server that it tracks.
        forced: bool,
    },
}

/// The line about such a change.
#[derive(Clone, Copy, Debug)]
pub struct AdminLine<'a> {
    /// The server.
    pub name: ServerName<'a>,
    /// The change.
    pub change: AdminChange,
    /// The reason, such as `'disable' on stats page`.
    pub cause: Option<&'a str>,
    /// The backend and the name of the server that it tracks, if the change comes from there.
    pub via: Option<(&'a str, &'a str)>,
    /// What remains.
    pub left: Left,
}

impl Display for AdminLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AdminLine { name, change, cause, via, left } = self;
        let backup = if name.backup { "Backup " } else { "" };
        write!(f, "{backup}Server {}/{} ", name.backend, name.server)?;
        let condition = |up: bool| if up { "UP" } else { "DOWN" };
        let mut after = None;
        match *change {
            AdminChange::EntersMaintenance { was_down: true } => {
                f.write_str("was DOWN and now enters maintenance")?;
            }
            AdminChange::EntersMaintenance { was_down: false } => {
                f.write_str("is going DOWN for maintenance")?;
                after = Some(Change::Down);
            }
            AdminChange::EntersDrain => {
                f.write_str("enters drain state")?;
                after = Some(Change::Stopping);
            }
            AdminChange::LeavesMaintenance { up, drain, forced } => {
                let state = if drain { "DRAIN" } else { "READY" };
                let forced = if forced { "forced " } else { "" };
                return write!(f, "is {}/{state} (leaving {forced}maintenance).", condition(up));
            }
            AdminChange::LeavesDrain { up, forced } => {
                let forced = if forced { "forced " } else { "" };
                write!(f, "is {} (leaving {forced}drain)", condition(up))?;
            }
        }
        if let Some(cause) = cause {
            write!(f, " ({cause})")?;
        }
        if let Some((backend, server)) = via {
            write!(f, " via {backend}/{server}")?;
        }
        match after {
            Some(change) => left.write(change, f),
            None => f.write_str("."),
        }
    }
}
