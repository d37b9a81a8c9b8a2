//! `daemon` and `-D`: the process in the background.
//!
//! ```text
//!  launcher ──fork──► waits ─────────────────────────► exits: 0, or what the daemon exited with
//!                │                                  ▲
//!                └──► daemon: new session, starts ──┴─ READY, or its end ─► serves
//! ```
//!
//! One fork, as in HAProxy: the launcher is the daemon's parent and so learns how a start failed. A second fork would
//! ensure that the daemon never gets a terminal again; that is ensured by opening none.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, PipeWriter, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use super::sys;

/// The process could not become a daemon.
#[derive(Debug, thiserror::Error)]
#[error("cannot go into the background: cannot {operation}")]
pub(crate) struct DaemonError {
    operation: &'static str,
    #[source]
    source: io::Error,
}

fn failed(operation: &'static str) -> impl FnOnce(io::Error) -> DaemonError {
    move |source| DaemonError { operation, source }
}

/// The process after the fork.
#[derive(Debug)]
pub(crate) enum Fork {
    /// The process that was started. It only has to exit.
    Launcher(Launched),
    /// The process that goes on.
    Daemon(Launch),
}

/// The result of starting the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Launched {
    /// It serves.
    Ready,
    /// It ended before it served.
    Ended {
        /// Its process id.
        pid: i32,
        /// Its exit status.
        status: ExitStatus,
        /// The error, if the daemon could no longer report it itself.
        why: String,
    },
}

impl Launched {
    /// Returns the exit code of the launcher. For a daemon that was ended by SIGTERM it is success.
    pub(crate) fn code(&self) -> u8 {
        let Launched::Ended { status, .. } = self else { return 0 };
        match (status.code(), status.signal()) {
            (Some(code), _) => u8::try_from(code).unwrap_or(u8::MAX),
            (None, Some(libc::SIGTERM)) => 0,
            (None, signal) => signal.and_then(|signal| u8::try_from(128 + signal).ok()).unwrap_or(u8::MAX),
        }
    }
}

/// A daemon that does not serve yet.
#[derive(Debug)]
pub(crate) struct Launch {
    launcher: PipeWriter,
    null: File,
    has_left_terminal: Cell<bool>,
}

/// Forks: the daemon goes on, and the launcher returns when the daemon serves or has ended. To be called before any
/// thread is created, and so before any runtime.
///
/// # Errors
/// Returns an error if there is another thread, or no process, pipe, session or `/dev/null` can be had.
pub(crate) fn daemonize() -> Result<Fork, DaemonError> {
    // Opened now, since a jail has none.
    let null =
        OpenOptions::new().read(true).write(true).open("/dev/null").map_err(failed("open /dev/null"))?;
    let (daemon, launcher) = io::pipe().map_err(failed("make a pipe"))?;
    // Both processes would write what is buffered.
    let _ = io::stdout().flush();
    let Some(child) = sys::fork().map_err(failed("fork"))? else {
        drop(daemon);
        sys::new_session().map_err(failed("make a session"))?;
        return Ok(Fork::Daemon(Launch { launcher, null, has_left_terminal: Cell::new(false) }));
    };
    drop(launcher);
    let mut said = Vec::new();
    // The stream ends after READY, or when the daemon ends.
    let _ = daemon.take(LONGEST).read_to_end(&mut said);
    if said == READY {
        return Ok(Fork::Launcher(Launched::Ready));
    }
    let why = String::from_utf8_lossy(&said).into_owned();
    let pid = child.pid();
    let status = child.wait().map_err(failed("wait for the daemon"))?;
    Ok(Fork::Launcher(Launched::Ended { pid, status, why }))
}

/// The message of the daemon to the launcher.
const READY: &[u8] = b"READY\n";
/// The most bytes that are read from the daemon, more than any error has.
const LONGEST: u64 = 4096;

impl Launch {
    /// Detaches from the terminal, and then from the launcher, which exits with success.
    ///
    /// # Errors
    /// Returns an error if a standard stream cannot be replaced, or the launcher is gone.
    pub(crate) fn ready(mut self) -> Result<(), DaemonError> {
        self.leave_terminal()?;
        self.launcher.write_all(READY).map_err(failed("tell the launcher"))
    }

    /// Makes the launcher report why the daemon does not start, if the daemon can no longer report it.
    pub(crate) fn failed(mut self, why: &str) {
        if self.has_left_terminal.get() {
            // Without a launcher there is nothing left to report to.
            let _ = self.launcher.write_all(why.as_bytes());
        }
    }

    /// Redirects the standard streams to `/dev/null`. Until then warnings and errors reach the terminal.
    ///
    /// It is called before anything keeps a duplicate of one of them, as a log to `stdout` does: a reader of the
    /// launcher's output would wait for the end of the daemon. Such a log then goes to `/dev/null`, as in HAProxy.
    ///
    /// # Errors
    /// Returns an error if one cannot be replaced.
    pub(crate) fn leave_terminal(&self) -> Result<(), DaemonError> {
        self.has_left_terminal.set(true);
        (0..=2).try_for_each(|stream| {
            sys::replace_standard_stream(stream, self.null.as_fd()).map_err(failed("leave the terminal"))
        })
    }
}
