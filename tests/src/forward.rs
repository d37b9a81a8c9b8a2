//! `braid forward` in tests: how it is started, where it listens, what it logs, how it refuses to start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;
use std::time::Duration;

use crate::binary::braid_binary;
use crate::error::Error;
use crate::ns::Namespace;
use crate::process::{Process, WaitError};
use crate::sys;

/// The longest wait for a step on loopback. It takes milliseconds; on a busy machine it can take seconds.
pub const LIMIT: Duration = Duration::from_secs(20);
/// The beginning of each line of the log, and of no other line.
const SESSION: &str = "time=";
const LISTENING: &str = "braid: listening on ";

/// The program did not do what was waited for.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] Error),
    /// It was started, and then did not print what it should.
    #[error(transparent)]
    Wait(#[from] WaitError),
}

/// A command line to start.
#[derive(Debug)]
pub struct Forward {
    command: Command,
    inside: Option<Namespace>,
}

impl Forward {
    /// Makes the command `braid forward BIND SERVER --log`.
    pub fn new(bind: impl AsRef<str>, server: impl AsRef<str>) -> Result<Self, ForwardError> {
        Ok(Self::quiet(bind, server)?.args(["--log"]))
    }

    /// Makes the command `braid forward BIND SERVER`.
    pub fn quiet(bind: impl AsRef<str>, server: impl AsRef<str>) -> Result<Self, ForwardError> {
        Ok(Self::command()?.args(["forward", bind.as_ref(), server.as_ref()]))
    }

    /// Makes the command `braid`, without arguments.
    pub fn command() -> Result<Self, ForwardError> {
        Ok(Self { command: Command::new(braid_binary()?), inside: None })
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.command.env(name, value.as_ref());
        self
    }

    /// Makes any other change to the command.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }

    /// Lets the program inherit a descriptor under the number that it has here.
    #[must_use]
    pub fn pass(mut self, fd: impl Into<OwnedFd>) -> Self {
        sys::inherit(&mut self.command, fd.into());
        self
    }

    /// Limits the number of open files.
    #[must_use]
    pub fn open_files(mut self, count: u32) -> Self {
        sys::limit_open_files(&mut self.command, count);
        self
    }

    /// Starts the program inside a namespace.
    #[must_use]
    pub fn inside(mut self, namespace: &Namespace) -> Self {
        self.inside = Some(namespace.clone());
        self
    }

    /// Starts it and waits until it serves.
    pub fn start(self) -> Result<Braid, ForwardError> {
        let process = self.spawn()?;
        process.wait_for_line("braid: ready, ", LIMIT)?;
        Ok(Braid { process })
    }

    /// Starts it and waits until it ends. Returns its exit code, if it has one, and its output.
    pub fn run(self) -> Result<(Option<i32>, String), ForwardError> {
        let process = self.spawn()?;
        let code = process.wait_for_exit(LIMIT)?.code();
        // Its last lines may arrive after its end; that there are no more is known when waiting for more fails.
        let last = process.wait_for_line("\0", LIMIT);
        debug_assert!(last.is_err(), "no line has a zero byte");
        Ok((code, process.output()))
    }

    fn spawn(self) -> Result<Process, Error> {
        match self.inside {
            Some(namespace) => namespace.spawn(self.command),
            None => Process::start(self.command),
        }
    }
}

/// Returns the address of a descriptor that a program inherits.
pub fn inherited(fd: &impl AsRawFd) -> String {
    format!("fd@{}", fd.as_raw_fd())
}

/// A running relay.
#[derive(Debug)]
pub struct Braid {
    /// The process.
    pub process: Process,
}

impl Braid {
    /// Returns the addresses that it prints, in order.
    pub fn listening(&self) -> Vec<String> {
        let output = self.process.output();
        output.lines().filter_map(|line| line.strip_prefix(LISTENING)).map(str::to_owned).collect()
    }

    /// Returns its Internet addresses, in order.
    pub fn addrs(&self) -> Vec<SocketAddr> {
        self.listening().iter().filter_map(|address| address.parse().ok()).collect()
    }

    /// Returns its only address; `None` if it is not an Internet address, or there are more.
    pub fn addr(&self) -> Option<SocketAddr> {
        let [addr] = self.addrs().try_into().ok()?;
        Some(addr)
    }

    /// Returns its warnings so far: about its configuration or command line, and while it serves.
    pub fn warnings(&self) -> Vec<String> {
        self.process.output().lines().filter_map(warning).map(str::to_owned).collect()
    }

    /// Waits until it has logged `count` sessions, and returns all that it has logged.
    pub fn sessions(&self, count: usize) -> Result<Vec<Session>, ForwardError> {
        let lines = self.process.wait_for_lines(SESSION, count, LIMIT)?;
        Ok(lines.iter().map(|line| Session::parse(line)).collect())
    }
}

/// Reads `braid: warning: TEXT`, or the form of diagnostics for scripts, `[WARNING]  (PID) : TEXT`.
fn warning(line: &str) -> Option<&str> {
    let diagnostic = || line.strip_prefix("[WARNING]")?.split_once(" : ");
    line.strip_prefix("braid: warning: ").or_else(|| diagnostic().map(|(_, text)| text))
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session(BTreeMap<String, String>);

impl Session {
    /// Returns the value of a key; empty if it is missing.
    pub fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    fn parse(line: &str) -> Self {
        let words = line.split(' ').filter_map(|word| word.split_once('='));
        Self(words.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }
}
