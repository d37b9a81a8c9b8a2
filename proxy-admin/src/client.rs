//! A client of the runtime socket, with its settings.

use std::time::Duration;

use crate::level::Level;
use crate::severity::SeverityOutput;

/// What happens after a line of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The connection is closed.
    #[default]
    NonInteractive,
    /// The next line is read.
    Interactive,
    /// The next line is read, after a prompt.
    Prompt,
}

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct Client {
    /// What the client may do. It can give up rights, and never regains them.
    pub level: Level,
    /// What happens after a line.
    pub mode: Mode,
    /// Whether the prompt shows the uptime of the process.
    pub timed: bool,
    /// How severities are shown.
    pub severity: SeverityOutput,
    /// How long the client may be silent, and how long it may read nothing of an answer.
    pub timeout: Duration,
    /// Whether to close the connection after this command, without an answer.
    pub quit: bool,
    /// Whether to leave out the empty line after this answer.
    pub quiet: bool,
}

impl Client {
    pub(crate) fn new(level: Level, severity: SeverityOutput, timeout: Duration) -> Client {
        let (mode, timed, quit, quiet) = (Mode::default(), false, false, false);
        Client { level, mode, timed, severity, timeout, quit, quiet }
    }

    /// Returns whether the connection ends once all commands of a line have been executed.
    pub(crate) fn is_finished(&self) -> bool {
        self.quit || self.mode == Mode::NonInteractive
    }
}
