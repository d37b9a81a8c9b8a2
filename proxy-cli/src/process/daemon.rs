//! `daemon` and `-D`: the process in the background.
//!
//! ```text
//!  launcher ──fork──► waits ─────────────────────────► exits: 0, or what the daemon exited with
//!                │                                  ▲
//!                └──► daemon: new session, starts ──┴─ READY, or its end ─► serves
//! ```
//!
//! One fork, as HAProxy does it: the launcher is the daemon's parent and so learns how a start failed. What a second
//! fork would add, that the daemon never gets a terminal back, is had by opening none.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, PipeWriter, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use super::sys;

/// The process did not become a daemon.
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

/// Which of the two processes this is.
#[derive(Debug)]
pub(crate) enum Fork {
    /// The one that was started by somebody. It has nothing to do but to exit.
    Launcher(Launched),
    /// The one that goes on.
    Daemon(Launch),
}

/// What became of the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Launched {
    /// It serves.
    Ready,
    /// It ended before that.
    Ended {
        /// Its number.
        pid: i32,
        /// How.
        status: ExitStatus,
        /// Why, as far as it could not say so itself any more.
        why: String,
    },
}

impl Launched {
    /// What the launcher exits with. A daemon that was told to end by SIGTERM did as it was told.
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

/// Divides the process: the daemon goes on, the launcher comes back when the daemon serves or has ended. Before any
/// thread is made, and so before any runtime.
///
/// # Errors
/// When there is another thread, or the system has no process, pipe, session or `/dev/null`.
pub(crate) fn daemonize() -> Result<Fork, DaemonError> {
    // Opened now, since a jail has none.
    let null =
        OpenOptions::new().read(true).write(true).open("/dev/null").map_err(failed("open /dev/null"))?;
    let (daemon, launcher) = io::pipe().map_err(failed("make a pipe"))?;
    // What is buffered would be written by both.
    let _ = io::stdout().flush();
    let Some(child) = sys::fork().map_err(failed("fork"))? else {
        drop(daemon);
        sys::new_session().map_err(failed("make a session"))?;
        return Ok(Fork::Daemon(Launch { launcher, null, has_left_terminal: Cell::new(false) }));
    };
    drop(launcher);
    let mut said = Vec::new();
    // Its end comes with READY, or with that of the daemon.
    let _ = daemon.take(LONGEST).read_to_end(&mut said);
    if said == READY {
        return Ok(Fork::Launcher(Launched::Ready));
    }
    let why = String::from_utf8_lossy(&said).into_owned();
    let pid = child.pid();
    let status = child.wait().map_err(failed("wait for the daemon"))?;
    Ok(Fork::Launcher(Launched::Ended { pid, status, why }))
}

/// What the daemon says to the launcher.
const READY: &[u8] = b"READY\n";
/// More than an error is long, in bytes.
const LONGEST: u64 = 4096;

impl Launch {
    /// Lets go of the terminal, and then of the launcher, who exits with success.
    ///
    /// # Errors
    /// When a standard stream cannot be replaced, or the launcher is gone.
    pub(crate) fn ready(mut self) -> Result<(), DaemonError> {
        self.leave_terminal()?;
        self.launcher.write_all(READY).map_err(failed("tell the launcher"))
    }

    /// Has the launcher say why the daemon does not come up, if that cannot be said here any more.
    pub(crate) fn failed(mut self, why: &str) {
        if self.has_left_terminal.get() {
            // Without a launcher there is nobody left to tell.
            let _ = self.launcher.write_all(why.as_bytes());
        }
    }

    /// Has the standard streams lead nowhere. Until then warnings and mistakes reach whoever started the process.
    ///
    /// Due before anything keeps a duplicate of one of them, as a log to `stdout` does: who reads what the launcher
    /// says would wait for the end of the daemon. Such a log then leads nowhere, as with HAProxy.
    ///
    /// # Errors
    /// When one cannot be replaced.
    pub(crate) fn leave_terminal(&self) -> Result<(), DaemonError> {
        self.has_left_terminal.set(true);
        (0..=2).try_for_each(|stream| {
            sys::replace_standard_stream(stream, self.null.as_fd()).map_err(failed("leave the terminal"))
        })
    }
}
