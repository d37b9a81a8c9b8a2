//! The observer of `braid forward`: notices on standard error, a line per connection on standard output.
//!
//! A thread writes. The workers only queue lines and never wait; what does not fit into the queue is counted and said.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use proto_core::info::ConnectionInfo;
use proxy_engine::{Accepted, Notice, Observer, SessionRecord};
use proxy_relay::{Direction, Ended, Side};

use crate::stdio;

/// Lines that may wait for standard output: about a megabyte.
const QUEUE: usize = 4096;
/// How long the end of the program waits for standard output to take the last lines.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Writes down what happens.
#[derive(Debug)]
pub(crate) struct Journal {
    sessions: bool,
    lines: SyncSender<Line>,
    lost: AtomicU64,
    /// Ends when everything is written. In a lock because an observer is shared; only the end takes it.
    written: Mutex<Receiver<()>>,
}

#[derive(Debug)]
enum Line {
    Session(String),
    Notice(String),
}

impl Journal {
    /// A journal, with a line for each session if wanted.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(crate) fn start(sessions: bool) -> std::io::Result<Journal> {
        let (lines, waiting) = sync_channel(QUEUE);
        let (done, written) = sync_channel(0);
        std::thread::Builder::new().name("journal".into()).spawn(move || {
            write(&waiting);
            drop(done);
        })?;
        Ok(Journal { sessions, lines, lost: AtomicU64::new(0), written: Mutex::new(written) })
    }

    /// Writes what is queued; what standard output does not take in time is lost, and said.
    pub(crate) fn finish(self) {
        let Journal { lines, lost, written, .. } = self;
        drop(lines);
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        if written.recv_timeout(LAST_LINES) == Err(RecvTimeoutError::Timeout) {
            // Standard error may be what takes nothing, so nobody waits for it either.
            let say = || stdio::warning("log lines were lost, they are not taken");
            let said = std::thread::Builder::new().spawn(say);
            drop(said);
        } else if lost.into_inner() > 0 {
            stdio::warning("log lines were lost to a slow standard output");
        }
    }

    fn queue(&self, line: Line) {
        if self.lines.try_send(line).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let notice = Line::Notice(format!("{lost} log lines were lost to a slow standard output"));
            if self.lines.try_send(notice).is_err() {
                self.lost.fetch_add(lost, Ordering::Relaxed);
            }
        }
    }
}

fn write(waiting: &Receiver<Line>) {
    for line in waiting {
        match line {
            Line::Notice(text) => stdio::warning(&text),
            // If nobody reads any more there is nobody to tell.
            Line::Session(text) => drop(stdio::out(&text)),
        }
    }
}

impl Observer for Journal {
    fn accepted(&self, _accepted: &Accepted<'_>) {}

    fn session(&self, record: &SessionRecord<'_>) {
        if self.sessions {
            self.queue(Line::Session(describe(record)));
        }
    }

    fn notice(&self, notice: &Notice) {
        self.queue(Line::Notice(notice.to_string()));
    }
}

/// One line of `key=value` words. None of it is text that a client chose.
fn describe(record: &SessionRecord<'_>) -> String {
    let mut line = String::with_capacity(256);
    let accepted = record.accepted.duration_since(UNIX_EPOCH).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ =
        write!(line, "time={}.{:03} client={} ", accepted.as_secs(), accepted.subsec_millis(), record.client);
    let _ = write!(line, "listener={}", record.destination());
    if let Some(info) = &record.client_info {
        let _ = write!(line, " {}", connection("client", info));
    }
    if let Some(server) = &record.server_address {
        let _ = write!(line, " server={server}");
    }
    let lasted = record.timers.total;
    let Some(outcome) = record.outcome else {
        let why = record.connect_error.map_or_else(|| record.termination.to_string(), ToString::to_string);
        let _ = write!(line, " lasted={} ended=not-connected reason={why:?}", millis(lasted));
        return line;
    };
    if let Some(info) = &record.server_info {
        let _ = write!(line, " {}", connection("server", info));
    }
    let connecting = record.timers.connect.unwrap_or_default();
    let _ = write!(line, " connecting={} {}", millis(connecting), direction("up", &outcome.to_server));
    let _ = write!(line, " {} lasted={} ", direction("down", &outcome.to_client), millis(lasted));
    line.push_str(&ended(&outcome.ended));
    line
}

/// What a connection really was: its protocol, whether it had fallen back, how many paths it had.
fn connection(side: &str, info: &ConnectionInfo) -> String {
    let state = info.state.name();
    let mut text =
        format!("{side}-protocol={} {side}-state={state} {side}-paths={}", info.transport, info.paths.len());
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
    }
}

fn millis(time: Duration) -> String {
    format!("{:.3}ms", time.as_secs_f64() * 1000.0)
}
