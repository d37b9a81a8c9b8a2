//! Signals, as HAProxy understands them.
//!
//! | signal | what it does |
//! | --- | --- |
//! | SIGINT, SIGTERM | the process ends at once |
//! | SIGUSR1 | soft stop: no new connections; it ends with the last one |
//! | SIGHUP | the state of proxies and servers is logged |
//! | SIGQUIT | a line is logged; HAProxy gives unused memory back, which here the allocator does by itself |
//! | SIGTTOU, SIGTTIN | nothing yet; HAProxy pauses and resumes its listeners |
//! | SIGUSR2, SIGPIPE | nothing |

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::sys;

/// The end that a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    StopNow,
    StopSoftly,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The process shall end.
    Stop(Request),
    /// How things stand shall be logged.
    State,
    /// Memory that nobody uses shall be given back.
    Memory,
}

/// The signals that the program understands. From when it is made none of them ends or stops the process by itself.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user1: Signal,
    hangup: Signal,
    quit: Signal,
}

impl Signals {
    /// Listens for them, on the runtime of this thread.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn listen() -> io::Result<Signals> {
        // A process that writes to a terminal from the background gets SIGTTOU: unless ignored it would halt.
        for nothing in [libc::SIGTTOU, libc::SIGTTIN, libc::SIGUSR2, libc::SIGPIPE] {
            sys::ignore(nothing)?;
        }
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user1: signal(SignalKind::user_defined1())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// What is asked for next. Cancel-safe.
    pub(crate) async fn asked(&mut self) -> Asked {
        tokio::select! {
            // Of several that wait the one comes first that leaves the least to do.
            biased;
            _ = self.interrupt.recv() => Asked::Stop(Request::StopNow),
            _ = self.terminate.recv() => Asked::Stop(Request::StopNow),
            _ = self.user1.recv() => Asked::Stop(Request::StopSoftly),
            _ = self.hangup.recv() => Asked::State,
            _ = self.quit.recv() => Asked::Memory,
        }
    }

    /// The next end that is asked for, for a program that has nothing else to say. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Request {
        loop {
            if let Asked::Stop(request) = self.asked().await {
                return request;
            }
        }
    }
}
