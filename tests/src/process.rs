//! The program under test as a child process that cannot outlive its test.
//!
//! A thread of its own starts the child and waits for it. The kernel kills the child when that thread ends, so also
//! when the test process dies; and only that thread collects the child, while signals are sent by a descriptor that
//! cannot refer to another process. Lines of output wake all waiting threads.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Context, Result};
use crate::sys;

/// A signal a test sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP
    Hangup,
    /// SIGINT
    Interrupt,
    /// SIGKILL
    Kill,
    /// SIGTERM
    Terminate,
    /// SIGTTIN
    TerminalInput,
    /// SIGTTOU
    TerminalOutput,
    /// SIGUSR1
    User1,
    /// SIGUSR2
    User2,
}

impl Signal {
    fn number(self) -> libc::c_int {
        match self {
            Self::Hangup => libc::SIGHUP,
            Self::Interrupt => libc::SIGINT,
            Self::Kill => libc::SIGKILL,
            Self::Terminate => libc::SIGTERM,
            Self::TerminalInput => libc::SIGTTIN,
            Self::TerminalOutput => libc::SIGTTOU,
            Self::User1 => libc::SIGUSR1,
            Self::User2 => libc::SIGUSR2,
        }
    }
}

/// What a test waited for did not happen. Shows the output so far.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// The limit has expired.
    #[error("no {awaited} of process {pid} within {limit:?}; its output:\n{output}")]
    Timeout {
        /// What was waited for.
        awaited: String,
        /// The process id.
        pid: u32,
        /// The limit.
        limit: Duration,
        /// All lines so far.
        output: String,
    },
    /// The process has ended, and there will be no more output.
    #[error("no {awaited} of process {pid}, which ended with {status}; its output:\n{output}")]
    Ended {
        /// What was waited for.
        awaited: String,
        /// The process id.
        pid: u32,
        /// Its exit status.
        status: ExitStatus,
        /// All lines.
        output: String,
    },
}

/// A place in the output of a process; see [`Process::mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(usize);

impl Mark {
    /// The position before the first line.
    pub const START: Self = Self(0);
}

/// A running child process. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    pid: u32,
    pidfd: OwnedFd,
    shared: Arc<Shared>,
    waiter: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program with its output captured and no input. In a namespace: [`Namespace::spawn`].
    ///
    /// [`Namespace::spawn`]: crate::ns::Namespace::spawn
    pub fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        sys::die_with_thread(&mut command);
        let program = command.get_program().to_string_lossy().into_owned();
        let shared = Arc::new(Shared::default());
        let (started, outcome) = sync_channel(1);
        let waiter = thread::Builder::new().name(format!("wait for {program}")).spawn({
            let shared = Arc::clone(&shared);
            move || attend(command, &shared, &started)
        });
        let waiter = Some(waiter.context("start thread for", &program)?);
        let (pid, pidfd) = outcome.recv().map_err(io::Error::other).flatten().context("start", &program)?;
        Ok(Self { pid, pidfd, shared, waiter })
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let object = format_args!("{signal:?} to process {}", self.pid);
        sys::send_signal(self.pidfd.as_fd(), signal.number()).context("send", object)
    }

    /// Returns the end of the output so far, to wait for what comes after it.
    pub fn mark(&self) -> Mark {
        Mark(self.shared.lock().lines.len())
    }

    /// Returns all lines so far, stdout and stderr in the order of arrival.
    pub fn output(&self) -> String {
        self.shared.lock().lines.join("\n")
    }

    /// Waits for a line, old or new, that contains `text`, and returns it.
    pub fn wait_for_line(&self, text: &str, limit: Duration) -> std::result::Result<String, WaitError> {
        self.wait_for_line_after(Mark::START, text, limit)
    }

    /// Waits for a line after `mark` that contains `text`, and returns it.
    pub fn wait_for_line_after(
        &self,
        mark: Mark,
        text: &str,
        limit: Duration,
    ) -> std::result::Result<String, WaitError> {
        let mut seen = mark.0;
        self.wait(&format!("line with {text:?}"), limit, |state| {
            let new = state.lines.get(seen..).unwrap_or_default();
            seen = seen.max(state.lines.len());
            new.iter().find(|line| line.contains(text)).cloned()
        })
    }

    /// Waits for `count` lines that contain `text`, and returns all such lines.
    pub fn wait_for_lines(
        &self,
        text: &str,
        count: usize,
        limit: Duration,
    ) -> std::result::Result<Vec<String>, WaitError> {
        self.wait(&format!("{count} lines with {text:?}"), limit, |state| {
            let found = || state.lines.iter().filter(|line| line.contains(text));
            (found().count() >= count).then(|| found().cloned().collect())
        })
    }

    /// Waits until the process ends.
    pub fn wait_for_exit(&self, limit: Duration) -> std::result::Result<ExitStatus, WaitError> {
        self.wait("end", limit, |state| state.status)
    }

    /// Returns the memory it holds (resident set), in bytes.
    pub fn resident_memory(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.pid);
        let text = fs::read_to_string(&path).context("read", &path)?;
        let size = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).map(str::trim);
        let kilobytes =
            size.and_then(|size| size.strip_suffix(" kB")).and_then(|size| size.parse::<u64>().ok());
        Ok(kilobytes.ok_or_else(|| io::ErrorKind::InvalidData.into()).context("find VmRSS in", &path)? * 1024)
    }

    /// Returns the processor time that its threads have used, without those that have ended.
    pub fn processor_time(&self) -> Result<Duration> {
        let path = format!("/proc/{}/task", self.pid);
        let mut nanos = 0;
        for task in fs::read_dir(&path).context("list", &path)? {
            let file = task.context("list", &path)?.path().join("schedstat");
            // A thread may end meanwhile.
            let text = fs::read_to_string(file).unwrap_or_default();
            nanos += text.split(' ').next().and_then(|used| used.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Returns the number of its open descriptors.
    pub fn open_files(&self) -> Result<usize> {
        let path = format!("/proc/{}/fd", self.pid);
        Ok(fs::read_dir(&path).context("list", &path)?.count())
    }

    fn wait<T>(
        &self,
        awaited: &str,
        limit: Duration,
        mut ask: impl FnMut(&State) -> Option<T>,
    ) -> std::result::Result<T, WaitError> {
        let end = Instant::now() + limit;
        let mut state = self.shared.lock();
        loop {
            if let Some(answer) = ask(&state) {
                return Ok(answer);
            }
            let (awaited, pid) = (awaited.to_owned(), self.pid);
            if let (Some(status), 0) = (state.status, state.open_streams) {
                return Err(WaitError::Ended { awaited, pid, status, output: state.lines.join("\n") });
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitError::Timeout { awaited, pid, limit, output: state.lines.join("\n") });
            }
            let woken = self.shared.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It fails only when the process has already been collected.
        drop(sys::send_signal(self.pidfd.as_fd(), libc::SIGKILL));
        if let Some(waiter) = self.waiter.take() {
            drop(waiter.join());
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    open_streams: usize,
    status: Option<ExitStatus>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

/// Runs the thread that owns the child: starts it, reports, waits for its end.
fn attend(mut command: Command, shared: &Arc<Shared>, started: &SyncSender<io::Result<(u32, OwnedFd)>>) {
    let (mut child, pidfd) = match start(&mut command) {
        Ok(pair) => pair,
        Err(error) => return drop(started.send(Err(error))),
    };
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for stream in streams.into_iter().flatten() {
        shared.change(|state| state.open_streams += 1);
        let shared = Arc::clone(shared);
        // Not joined: a grandchild may hold the stream open after the child is gone.
        thread::spawn(move || collect(stream, &shared));
    }
    drop(started.send(Ok((child.id(), pidfd))));
    if let Ok(status) = child.wait() {
        shared.change(|state| state.status = Some(status));
    }
}

fn start(command: &mut Command) -> io::Result<(Child, OwnedFd)> {
    let mut child = command.spawn()?;
    match sys::open_pidfd(child.id()) {
        Ok(pidfd) => Ok((child, pidfd)),
        Err(error) => {
            child.kill()?;
            child.wait()?;
            Err(error)
        }
    }
}

fn collect(stream: impl Read, shared: &Shared) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        shared.change(|state| state.lines.push(text));
        line.clear();
    }
    shared.change(|state| state.open_streams -= 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start(command).unwrap()
    }

    #[test]
    fn lines_of_both_streams_are_seen() {
        let process = shell("echo one; echo two >&2; exec sleep 1000");
        assert_eq!(process.wait_for_line("two", LIMIT).unwrap(), "two");
        assert_eq!(process.wait_for_line("one", LIMIT).unwrap(), "one");
        assert!(process.resident_memory().unwrap() > 0);
        assert!(process.open_files().unwrap() >= 3);
    }

    #[test]
    fn the_end_is_an_answer() {
        let process = shell("echo only; exit 3");
        let error = process.wait_for_line("more", LIMIT).unwrap_err();
        assert!(matches!(error, WaitError::Ended { .. }), "{error}");
        assert_eq!(process.wait_for_exit(LIMIT).unwrap().code(), Some(3));
    }

    #[test]
    fn a_mark_hides_what_came_before_it() {
        let process = shell("trap 'echo reloaded' HUP; echo ready; while :; do :; done");
        process.wait_for_line("ready", LIMIT).unwrap();
        for _ in 0..2 {
            let mark = process.mark();
            process.signal(Signal::Hangup).unwrap();
            process.wait_for_line_after(mark, "reloaded", LIMIT).unwrap();
        }
    }

    #[test]
    fn dropping_kills() {
        let process = shell("exec sleep 1000");
        let path = format!("/proc/{}", process.pid());
        drop(process);
        assert!(!fs::exists(path).unwrap());
    }
}
