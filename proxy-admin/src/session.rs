//! What a client has set for itself, and its commands carried out. No I/O here.

use std::time::Duration;

use crate::answer::{self, Answer, Outcome, Refusal};
use crate::command::{Call, Command};
use crate::guide;
use crate::level::Level;
use crate::request::Request;
use crate::server::Shared;
use crate::severity::SeverityOutput;
use crate::words;

/// How a session goes on behind a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It ends.
    #[default]
    NonInteractive,
    /// With the next line.
    Interactive,
    /// Likewise, and a prompt asks for it.
    Prompt,
}

/// What a client has set for itself.
#[derive(Clone, Debug)]
pub struct Session {
    /// What it may do. It can give up rights, and never gets them back.
    pub level: Level,
    /// How it goes on behind a line.
    pub mode: Mode,
    /// Whether the prompt shows for how long the process runs.
    pub timed: bool,
    /// How severities are shown.
    pub severity: SeverityOutput,
    /// How long it may be silent.
    pub timeout: Duration,
    /// Ends at once, with no further byte.
    pub quit: bool,
    /// Leaves out the empty line behind this answer.
    pub quiet: bool,
}

/// What to do behind a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Read,
    Close,
}

impl Session {
    pub(crate) fn new(level: Level, severity: SeverityOutput, timeout: Duration) -> Session {
        let (mode, timed, quit, quiet) = (Mode::default(), false, false, false);
        Session { level, mode, timed, severity, timeout, quit, quiet }
    }

    /// Carries out one command of a line: what to send, with what ends it.
    pub(crate) fn answer(&mut self, request: &Request, index: usize, shared: &Shared) -> Vec<u8> {
        let last = index + 1 == request.commands.len();
        let payload = request.payload.as_deref().filter(|_| last);
        self.quiet = false;
        let outcome = self.run(&request.commands[index], payload, shared);
        if self.quit {
            return Vec::new();
        }
        let mut text = answer::render(outcome, self.severity);
        match self.mode {
            Mode::Prompt if last => text.push_str(&self.prompt(shared)),
            Mode::Prompt => text.push('\n'),
            Mode::NonInteractive | Mode::Interactive if self.quiet => {}
            Mode::NonInteractive | Mode::Interactive => text.push('\n'),
        }
        text.into_bytes()
    }

    /// What to do when all commands of a line have been carried out.
    pub(crate) fn next(&self) -> Next {
        if self.quit || self.mode == Mode::NonInteractive { Next::Close } else { Next::Read }
    }

    fn prompt(&self, shared: &Shared) -> String {
        if !self.timed {
            return "\n> ".to_owned();
        }
        let up = shared.state.info().uptime.as_secs();
        let (days, hours, minutes, seconds) = (up / 86_400, up / 3_600 % 24, up / 60 % 60, up % 60);
        format!("\n[{days}:{hours:02}:{minutes:02}:{seconds:02}]> ")
    }

    fn run(&mut self, command: &[u8], payload: Option<&[u8]>, shared: &Shared) -> Outcome {
        let words = words::split(command).map_err(|words::TooMany| {
            Refusal::new(format!("Too many words: a command has at most {}.", words::MOST))
        })?;
        if words.first().is_none_or(String::is_empty) {
            return Ok(Answer::Nothing);
        }
        let Some(Command { words: own, level, run, .. }) = shared.commands.find(&words) else {
            return Ok(Answer::info(guide::unknown(&shared.commands, &words)));
        };
        if self.level < *level {
            return Err(Refusal::new("Permission denied"));
        }
        run(&mut Call {
            arguments: &words[own.len()..],
            payload,
            session: self,
            state: &*shared.state,
            commands: &shared.commands,
            sockets: &shared.sockets,
        })
    }
}
