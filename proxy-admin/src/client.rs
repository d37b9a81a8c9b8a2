//! A client of the runtime socket: what it has set for itself.

use std::time::Duration;

use crate::level::Level;
use crate::severity::SeverityOutput;

/// What follows a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The end of the connection.
    #[default]
    NonInteractive,
    /// The next line.
    Interactive,
    /// Likewise, and a prompt asks for it.
    Prompt,
}

/// What a client has set for itself.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it may do. It can give up rights, and never gets them back.
    pub level: Level,
    /// What follows a line.
    pub mode: Mode,
    /// Whether the prompt shows for how long the process has been running.
    pub timed: bool,
    /// How severities are shown.
    pub severity: SeverityOutput,
    /// How long it may be silent, and how long it may read nothing of an answer.
    pub timeout: Duration,
    /// Closes the connection after this command, without any answer.
    pub quit: bool,
    /// Leaves out the empty line after this answer.
    pub quiet: bool,
}

impl Client {
    pub(crate) fn new(level: Level, severity: SeverityOutput, timeout: Duration) -> Client {
        let (mode, timed, quit, quiet) = (Mode::default(), false, false, false);
        Client { level, mode, timed, severity, timeout, quit, quiet }
    }

    /// Whether the connection ends when all commands of a line have been executed.
    pub(crate) fn is_finished(&self) -> bool {
        self.quit || self.mode == Mode::NonInteractive
    }
}
