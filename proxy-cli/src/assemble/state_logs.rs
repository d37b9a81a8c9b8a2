//! The logs of backends: lines about servers whose state changes.

use std::collections::HashMap;
use std::sync::Arc;

use proxy_engine::{Backend, LogTarget};
use proxy_log::{Destination, Sink};
use proxy_rules::Severity;

use super::logs::{Lines, ProxyLog, plain_lines};

/// Has backends log to their targets, and to standard error unless the program is quiet.
pub(crate) fn start_state_logs(
    proxies: &[ProxyLog],
    backends: &HashMap<String, Arc<Backend>>,
    sink: &Sink,
    is_quiet: bool,
) {
    let terminal = (!is_quiet).then(|| Arc::new(Lines::of(sink.logger(plain_lines(Destination::Stderr)))));
    for log in proxies.iter().filter(|log| log.kind.is_backend()) {
        let Some(backend) = backends.get(&log.name) else { continue };
        let own = Lines::of(log.start(sink));
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
