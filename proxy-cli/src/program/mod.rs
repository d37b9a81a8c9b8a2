//! From a configuration to a program that serves, in stages. Each is a value with a method that makes the next one.
//!
//! ```text
//!  Program    read, checked, planned: no socket is open
//!     │ daemonize
//!     │ bind        sockets, with the rights that the process was started with
//!  Bound
//!     │ confine     limits, pidfile, time zone; then rights are given up
//!  Confined
//!     │ start       signals, logs, workers, runtime sockets
//!  Started
//!     │ announce    terminal, service manager and launcher are notified
//!  Running ─ until_stopped ─► exit code
//! ```
//!
//! The reasons for this order are in `process`.

mod bound;
mod confined;
mod context;
mod logging;
mod planned;
mod proxies;
mod running;
mod sockets;
mod started;
mod variables;

use std::process::ExitCode;

pub(crate) use logging::Logging;
pub(crate) use planned::Program;

use proxy_config::Sources;

use crate::commandline::Life;
use crate::describe;
use crate::process::{Fork, Launch, Launched, daemonize};
use crate::setup::{Setup, Unusable};
use crate::stdio;

impl Program<'_> {
    /// Serves until a signal ends it. `listening` is called with all addresses once they listen.
    ///
    /// # Errors
    /// Returns an error if it cannot be started, or no listener is left.
    pub(crate) fn run(
        self,
        logging: Option<Logging>,
        listening: impl Fn(&[String]),
    ) -> anyhow::Result<ExitCode> {
        let mut launch = match (self.life() == Life::Daemon).then(daemonize).transpose()? {
            Some(Fork::Launcher(launched)) => return Ok(launcher(&launched)),
            Some(Fork::Daemon(launch)) => Some(launch),
            None => None,
        };
        let ended = self.serve(logging, listening, &mut launch);
        if let (Err(error), Some(launch)) = (&ended, launch) {
            launch.failed(&describe(error));
        }
        ended
    }

    /// Goes through the stages. `launch` is taken when the daemon, if it is one, is ready.
    fn serve(
        self,
        logging: Option<Logging>,
        listening: impl Fn(&[String]),
        launch: &mut Option<Launch>,
    ) -> anyhow::Result<ExitCode> {
        let bound = self.bind()?;
        let confined = bound.confine(launch.is_some())?;
        let started = confined.start(logging, launch.as_ref())?;
        let running = started.announce(listening, launch.take())?;
        running.until_stopped()
    }
}

/// Reports the result of a daemon's start in its launcher, and returns the exit code.
fn launcher(launched: &Launched) -> ExitCode {
    if let Launched::Ended { pid, status, why } = launched {
        if !why.is_empty() {
            stdio::error(why);
        }
        stdio::error(&format!("the daemon ({pid}) ended before it was ready: {status}"));
    }
    ExitCode::from(launched.code())
}

/// Checks a configuration, and prints nothing else.
pub(crate) fn check(setup: &Setup<'_>, sources: &Sources) -> ExitCode {
    match Program::read(setup, sources) {
        Err(Unusable) => ExitCode::FAILURE,
        Ok(_) if setup.options.verbose => match stdio::out("Configuration file is valid") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Ok(_) => ExitCode::SUCCESS,
    }
}
