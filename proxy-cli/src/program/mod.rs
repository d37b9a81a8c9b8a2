//! From a configuration to a program that serves, in stages. Each is a value, and one method of it makes the next.
//!
//! ```text
//!  Program    read, checked, planned: no socket is open
//!     │ daemonize
//!     │ bind        sockets, with the rights that the process was started with
//!  Bound
//!     │ confine     limits, file with the process number, time zone; then rights are given up
//!  Confined
//!     │ start       signals, logs, workers, runtime sockets
//!  Started
//!     │ announce    whoever waits is told: terminal, service manager, launcher
//!  Running ─ until_stopped ─► exit code
//! ```
//!
//! `process` says why the order is this one.

mod bound;
mod confined;
mod context;
mod logging;
mod planned;
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
    /// Serves until a signal ends it. `listening` hears all addresses once they listen.
    ///
    /// # Errors
    /// When it cannot be started, or no listener is left.
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

/// What the launcher of a daemon has to say, and its exit code.
fn launcher(launched: &Launched) -> ExitCode {
    if let Launched::Ended { pid, status, why } = launched {
        if !why.is_empty() {
            stdio::error(why);
        }
        stdio::error(&format!("the daemon ({pid}) ended before it was ready: {status}"));
    }
    ExitCode::from(launched.code())
}

/// Checks configurations and says nothing more than that.
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
