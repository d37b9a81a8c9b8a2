//! The observer of `braid forward`: notices on standard error, a line per connection on standard output.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use proto_core::info::ConnectionInfo;
use proxy_engine::{AcceptedRecord, Notice, Observer, SessionRecord};
use proxy_log::{Destination, Level, Logger, Sink};
use proxy_relay::{Direction, Ended, Side};

use crate::assemble::plain_lines;

/// Writes sessions and notices as lines.
#[derive(Debug)]
pub(crate) struct Journal {
    sessions: bool,
    lines: Logger,
    notices: Logger,
}

impl Journal {
    /// Makes a journal, with a line for each session if wanted.
    pub(crate) fn new(sessions: bool, sink: &Sink) -> Journal {
        let lines = sink.logger(plain_lines(Destination::Stdout));
        Journal { sessions, lines, notices: sink.logger(plain_lines(Destination::Stderr)) }
    }
}

impl Observer for Journal {
    fn accepted(&self, _accepted: &AcceptedRecord<'_>) {}

    fn session(&self, record: &SessionRecord<'_>) {
        if self.sessions {
            self.lines.log(Level::Info, describe(record));
        }
    }

    fn notice(&self, notice: &Notice) {
        self.notices.log(Level::Warning, format!("braid: warning: {notice}"));
    }
}

/// Formats a session as one line of `key=value` words. None of it is text that a client chose.
fn describe(record: &SessionRecord<'_>) -> String {
    let mut line = String::with_capacity(256);
    let accepted = record.accepted.duration_since(UNIX_EPOCH).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ =
        write!(line, "time={}.{:03} client={} ", accepted.as_secs(), accepted.subsec_millis(), record.client);
    let _ = write!(line, "listener={}", record.destination());
    if let Some(info) = record.client_info {
        let _ = write!(line, " {}", connection("client", info));
    }
    if let Some(server) = record.server_address {
        let _ = write!(line, " server={server}");
    }
    let lasted = record.timers.total;
    let Some(outcome) = record.outcome else {
        let why = record.connect_error.map_or_else(|| record.termination.to_string(), ToString::to_string);
        let _ = write!(line, " lasted={} ended=not-connected reason={why:?}", millis(lasted));
        return line;
    };
    if let Some(info) = record.server_info {
        let _ = write!(line, " {}", connection("server", info));
    }
    let connecting = record.timers.connect.unwrap_or_default();
    let _ = write!(line, " connecting={} {}", millis(connecting), direction("up", &outcome.to_server));
    let _ = write!(line, " {} lasted={} ", direction("down", &outcome.to_client), millis(lasted));
    line.push_str(&ended(&outcome.ended));
    line
}

/// Describes a connection: its layers and protocol, whether it has fallen back, and its number of paths.
fn connection(side: &str, info: &ConnectionInfo) -> String {
    let state = info.state.name();
    let mut text = format!(
        "{side}-protocol={} {side}-state={state} {side}-paths={}",
        info.carriers_word(),
        info.paths.len()
    );
    if let Some(note) = info.extra("note") {
        let _ = write!(text, " {side}-note={:?}", note.to_string());
    }
    text
}

fn direction(name: &str, direction: &Direction) -> String {
    let first = direction.first_byte.map_or_else(|| "-".to_owned(), millis);
    format!("{name}={} {name}-first={first}", direction.bytes)
}

fn ended(ended: &Ended) -> String {
    let side = |side: Side| match side {
        Side::Client => "client",
        Side::Server => "server",
    };
    match ended {
        Ended::Fin { first } => format!("ended={}-fin", side(*first)),
        Ended::Failed { side: who, error, .. } if ended.is_reset() => {
            format!("ended={}-reset reason={:?}", side(*who), error.to_string())
        }
        Ended::Failed { side: who, error, .. } => {
            format!("ended={}-error reason={:?}", side(*who), error.to_string())
        }
        Ended::TimedOut { side: who, .. } => format!("ended={}-timeout", side(*who)),
        Ended::Killed => "ended=killed".to_owned(),
        Ended::NoMemory => "ended=no-memory".to_owned(),
        Ended::Refused { .. } | Ended::GateFailed => "ended=refused".to_owned(),
    }
}

fn millis(time: Duration) -> String {
    format!("{:.3}ms", time.as_secs_f64() * 1000.0)
}
