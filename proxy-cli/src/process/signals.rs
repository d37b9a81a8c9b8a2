//! Signals, as HAProxy understands them.
//!
//! | signal | what it does |
//! | --- | --- |
//! | SIGINT, SIGTERM | the process ends at once, by the signal |
//! | SIGUSR1 | soft stop: no new connections; it ends with the last one |
//! | SIGHUP | the state of proxies and servers is logged, and printed |
//! | SIGQUIT | a line is logged; HAProxy frees unused memory, which here the allocator does by itself |
//! | SIGTTOU | all listeners pause; sessions go on |
//! | SIGTTIN | they resume |
//! | SIGALRM, SIGUSR2, SIGPIPE | nothing |

use std::io;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::sys;

/// A signal that requests the end of the process at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fatal {
    Interrupt,
    Terminate,
}

impl Fatal {
    /// Ends the process by the signal, so that its parent sees it as killed: a shell reports 143 for SIGTERM, 130 for
    /// SIGINT. HAProxy does not catch these signals. Returns that status if the signal has no effect, as in the first
    /// process of a container.
    pub(crate) fn end_process(self) -> ExitCode {
        let signal = match self {
            Fatal::Interrupt => libc::SIGINT,
            Fatal::Terminate => libc::SIGTERM,
        };
        sys::raise_uncaught(signal);
        u8::try_from(128 + signal).map_or(ExitCode::FAILURE, ExitCode::from)
    }
}

/// The kind of stop that a signal requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    StopNow(Fatal),
    StopSoftly,
}

/// What a signal requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The end of the process.
    Stop(Request),
    /// A log of the current state.
    State,
    /// The release of unused memory.
    Memory,
    /// That nothing listens any more.
    Pause,
    /// That everything listens again.
    Resume,
}

/// The signals that the program understands. Once this exists none of them ends or stops the process by itself.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user1: Signal,
    hangup: Signal,
    quit: Signal,
    pause: Signal,
    resume: Signal,
}

impl Signals {
    /// Starts listening for them, on the runtime of this thread.
    ///
    /// # Errors
    /// Returns the system's error.
    pub(crate) fn listen() -> io::Result<Signals> {
        for nothing in [libc::SIGALRM, libc::SIGUSR2, libc::SIGPIPE] {
            sys::ignore(nothing)?;
        }
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user1: signal(SignalKind::user_defined1())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            pause: signal(SignalKind::from_raw(libc::SIGTTOU))?,
            resume: signal(SignalKind::from_raw(libc::SIGTTIN))?,
        })
    }

    /// Waits for the next request. Cancel-safe.
    pub(crate) async fn asked(&mut self) -> Asked {
        tokio::select! {
            // Of several pending signals the one comes first that leaves the least to do.
            biased;
            _ = self.interrupt.recv() => Asked::Stop(Request::StopNow(Fatal::Interrupt)),
            _ = self.terminate.recv() => Asked::Stop(Request::StopNow(Fatal::Terminate)),
            _ = self.user1.recv() => Asked::Stop(Request::StopSoftly),
            _ = self.hangup.recv() => Asked::State,
            _ = self.quit.recv() => Asked::Memory,
            _ = self.pause.recv() => Asked::Pause,
            _ = self.resume.recv() => Asked::Resume,
        }
    }

    /// Waits for the next request to stop, for a program that ignores the others. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Request {
        loop {
            if let Asked::Stop(request) = self.asked().await {
                return request;
            }
        }
    }
}
