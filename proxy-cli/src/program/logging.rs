//! The logs of a program: as in its configuration, or those of a command.

use std::sync::Arc;

use proxy_engine::{FrontendConfig, LogMoment, LogOptions, Observer};
use proxy_log::Sink;

use crate::assemble::{Notices, PlannedLogs};

/// Makes an observer that writes to a sink.
type MakeObserver = Box<dyn FnOnce(&Sink) -> Arc<dyn Observer>>;

/// The logs that replace those of the configuration.
pub(crate) struct Logging {
    pub(crate) observer: MakeObserver,
    /// Whether records of sessions are wanted.
    pub(crate) wanted: bool,
}

/// Makes frontends log to a sink, and makes the observer of their engine.
pub(super) fn start_logs(
    logging: Option<Logging>,
    logs: Vec<PlannedLogs>,
    frontends: &mut [FrontendConfig],
    sink: &Sink,
) -> Arc<dyn Observer> {
    match logging {
        Some(Logging { observer, wanted }) => {
            let moment = if wanted { LogMoment::Ended } else { LogMoment::Never };
            for frontend in frontends {
                frontend.log = LogOptions { moment, connections: wanted, ..LogOptions::default() };
            }
            observer(sink)
        }
        None => {
            frontends.iter_mut().zip(logs).for_each(|(frontend, logs)| logs.start(frontend, sink));
            Arc::new(Notices::new(sink))
        }
    }
}
