//! The fourth stage: all sockets listen and workers serve, but this has not been reported yet.

use proxy_engine::Config;

use super::context::ProgramContext;
use super::running::Running;
use crate::process::Launch;
use crate::stdio;

/// A program that serves.
pub(super) struct Started<'s> {
    pub(super) context: ProgramContext<'s>,
    pub(super) config: Config,
    pub(super) addresses: Vec<String>,
    pub(super) running: Running,
}

impl Started<'_> {
    /// Notifies those that wait for the start: the terminal, the service manager, and last the launcher of a daemon.
    ///
    /// # Errors
    /// Returns an error if the launcher is gone.
    pub(super) fn announce(
        self,
        listening: impl Fn(&[String]),
        launch: Option<Launch>,
    ) -> anyhow::Result<Running> {
        let Started { context, config: Config { workers, maxconn, .. }, addresses, running } = self;
        listening(&addresses);
        if !context.is_quiet() {
            stdio::notice(&format!("ready, {workers} workers, at most {maxconn} connections"));
        }
        if let Err(error) = running.notifier.ready() {
            stdio::warning(&format!("the service manager does not take READY=1: {error}"));
        }
        launch.map(Launch::ready).transpose()?;
        Ok(running)
    }
}
