//! A client of the runtime socket, with its settings.

use std::time::Duration;

use crate::level::Level;
use crate::pass::Passing;
use crate::settings::ClientSettings;
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
#[derive(Debug)]
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
    /// Whether the client may be passed the sockets that the program listens on.
    pub exposes_listeners: bool,
    /// The descriptors to pass to the client in place of an answer.
    pub(crate) passing: Option<Passing>,
}

impl Client {
    pub(crate) fn new(settings: ClientSettings, timeout: Duration) -> Client {
        let ClientSettings { level, severity, exposes_listeners } = settings;
        let (mode, timed, quit, quiet) = (Mode::default(), false, false, false);
        Client { level, mode, timed, severity, timeout, quit, quiet, exposes_listeners, passing: None }
    }

    /// Returns whether the connection ends once all commands of a line have been executed.
    pub(crate) fn is_finished(&self) -> bool {
        self.quit || self.mode == Mode::NonInteractive
    }
}
