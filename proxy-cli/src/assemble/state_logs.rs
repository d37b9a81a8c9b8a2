//! The logs of backends: lines about servers whose state changes.

use std::collections::{BTreeSet, HashMap};
use std::os::fd::RawFd;
use std::sync::Arc;

use proxy_config::{Configuration, Diagnostics};
use proxy_engine::config::Assembly;
use proxy_engine::{Backend, LogTarget};
use proxy_log::{Destination, LogList, Sink};
use proxy_rules::Severity;

use super::logs::{Lines, list, plain_lines};

/// The targets of the lines about the servers of a backend.
#[derive(Debug)]
pub(crate) struct PlannedStateLog {
    backend: String,
    list: LogList,
}

/// Returns the logs of all backends.
pub(super) fn plan(
    assembly: &Assembly<'_>,
    descriptors: &BTreeSet<RawFd>,
    configuration: &Configuration,
    diagnostics: &mut Diagnostics,
) -> Vec<PlannedStateLog> {
    let log = |section| {
        let log = list(assembly, descriptors, configuration, section);
        let backend = section.name.value.clone();
        // What is wrong with a section that is a frontend as well has been reported for that.
        let list = log.unwrap_or_else(|(list, mistakes)| {
            if !section.kind.is_frontend() {
                mistakes.into_iter().for_each(|mistake| diagnostics.push(*mistake));
            }
            list
        });
        PlannedStateLog { backend, list }
    };
    configuration.backends().map(log).collect()
}

/// Has backends log to their targets, and to standard error unless the program is quiet.
pub(crate) fn start_state_logs(
    logs: Vec<PlannedStateLog>,
    backends: &HashMap<String, Arc<Backend>>,
    sink: &Sink,
    is_quiet: bool,
) {
    let terminal = (!is_quiet).then(|| Arc::new(Lines::of(sink.logger(plain_lines(Destination::Stderr)))));
    for PlannedStateLog { backend, mut list } in logs {
        let Some(backend) = backends.get(&backend) else { continue };
        // The process may have gone into the background since the logs were planned.
        list.identity.pid = std::process::id();
        let own = Lines::of(sink.logger(list));
        backend.log_states_to(Arc::new(StateLog { own, terminal: terminal.clone() }));
    }
}

/// The log of a backend.
#[derive(Debug)]
struct StateLog {
    own: Lines,
    terminal: Option<Arc<Lines>>,
}

impl LogTarget for StateLog {
    fn wants(&self, level: Severity) -> bool {
        self.terminal.is_some() || self.own.wants(level)
    }

    fn write(&self, level: Severity, line: &[u8], structured: &[u8]) {
        self.own.write(level, line, structured);
        if let Some(terminal) = &self.terminal {
            terminal.write(Severity::Warning, &[b"braid: warning: ", line].concat(), structured);
        }
    }
}
