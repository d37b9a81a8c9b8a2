//! The last stage: the program serves until a signal or the loss of its listeners ends it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use proxy_admin::Admin;
use proxy_engine::Engine;
use proxy_log::Sink;
use tokio::runtime::Runtime;

use super::proxies::Proxies;
use crate::notify::Notifier;
use crate::process::{Asked, Fatal, HardStop, Request, Signals};
use crate::stdio;

/// How long the end of the program waits until the last log lines are written.
const LAST_LINES: Duration = Duration::from_secs(2);

/// A running program. Its fields are dropped in this order, if it does not run to its end.
pub(super) struct Running {
    pub(super) admin: Option<Admin>,
    pub(super) engine: Engine,
    pub(super) proxies: Proxies,
    pub(super) sink: Sink,
    pub(super) notifier: Notifier,
    pub(super) hard_stop: HardStop,
    pub(super) signals: Signals,
    pub(super) runtime: Runtime,
}

impl Running {
    /// Serves to the end, and has the last log lines written. If a signal has requested the end at once, the process ends
    /// by it.
    ///
    /// # Errors
    /// Returns an error if no listener is left, or if a worker has failed.
    pub(super) fn until_stopped(self) -> anyhow::Result<ExitCode> {
        let Running { mut admin, engine, proxies, sink, notifier, hard_stop, mut signals, runtime } = self;
        let end = runtime.block_on(until_end(
            &engine,
            admin.as_mut(),
            &proxies,
            &mut signals,
            hard_stop,
            &notifier,
        ));
        // The manager may be gone by now, and nothing depends on it.
        let _ = notifier.stopping();
        let has_failed = engine.has_failed();
        drop((admin, engine, proxies));
        sink.finish(LAST_LINES);
        if has_failed {
            bail!("a worker has failed");
        }
        match end {
            End::Signal(signal) => Ok(signal.end_process()),
            End::Stopped => Ok(ExitCode::SUCCESS),
            End::NoListeners => bail!("no listener is left"),
        }
    }
}

/// What ended the program.
enum End {
    Signal(Fatal),
    /// A soft stop is complete, or has taken too long.
    Stopped,
    NoListeners,
}

async fn until_end(
    engine: &Engine,
    mut admin: Option<&mut Admin>,
    proxies: &Proxies,
    signals: &mut Signals,
    mut hard_stop: HardStop,
    notifier: &Notifier,
) -> End {
    let mut over = std::pin::pin!(engine.over());
    let (mut is_stopping, mut is_paused) = (false, false);
    loop {
        tokio::select! {
            () = &mut over => return if is_stopping { End::Stopped } else { End::NoListeners },
            () = hard_stop.over() => return End::Stopped,
            request = signals.asked() => match request {
                Asked::Stop(Request::StopNow(signal)) => return End::Signal(signal),
                Asked::Stop(Request::StopSoftly) => {
                    engine.stop_softly();
                    if let Some(admin) = &mut admin {
                        admin.close();
                    }
                    if !std::mem::replace(&mut is_stopping, true) {
                        proxies.stopped();
                    }
                    let _ = notifier.status("waiting for the last connections to end");
                    hard_stop.begin();
                }
                Asked::Pause if engine.pause() => {
                    is_paused = true;
                    proxies.paused();
                    stdio::warning("paused: nothing listens until SIGTTIN comes");
                    let _ = notifier.status("paused");
                }
                Asked::Resume if engine.resume() => {
                    if std::mem::take(&mut is_paused) {
                        proxies.resumed();
                    }
                    stdio::warning("resumed");
                    let _ = notifier.status("");
                }
                Asked::Pause | Asked::Resume => {}
                Asked::State => proxies.dump(),
                Asked::Memory => stdio::notice("unused memory is returned to the system by the allocator itself"),
            },
        }
    }
}
