//! The log lines of a frontend: which sessions have one, and its text. Where lines go is decided elsewhere.
//!
//! A line is a format string of the configuration, compiled when that was read; `option tcplog` and `option httplog`
//! are names of such formats. A frontend without any has a line for each connection that it accepts. The values of a
//! line are collected in `connection/report.rs`, and formatted by the crate `proxy-rules`.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use proto_core::address::Address;
use proto_core::layer::LayerError;
use proxy_config::Mode;
use proxy_rules::date::Date;
use proxy_rules::log::{LogForm, LogPolicy};
use proxy_rules::{ChosenSeverity, Context, Format, Severity};

use super::record::{AcceptedRecord, SessionRecord};
use crate::policy::{LogMoment, LogOptions};

/// The destination of the lines of a frontend. Called on the workers; it must not block.
pub trait LogTarget: fmt::Debug + Send + Sync {
    /// Returns whether lines of this level are taken at all.
    fn wants(&self, level: Severity) -> bool;

    /// Takes a line, and the structured data (RFC 5424) that goes with it.
    fn write(&self, level: Severity, line: &[u8], structured: &[u8]);
}

/// The log of a frontend.
#[derive(Debug)]
pub struct AccessLog {
    policy: LogPolicy,
    target: Arc<dyn LogTarget>,
    lines: AtomicU64,
}

impl AccessLog {
    /// Makes the log for a policy.
    pub fn new(policy: LogPolicy, target: Arc<dyn LogTarget>) -> AccessLog {
        AccessLog { policy, target, lines: AtomicU64::new(0) }
    }

    /// Returns what has to be reported for a policy.
    pub fn options(policy: &LogPolicy, longest_request: usize) -> LogOptions {
        let moment = match policy.form {
            LogForm::Plain => LogMoment::Accepted,
            _ if policy.is_early() => LogMoment::Connected,
            _ => LogMoment::Ended,
        };
        let formats = [&policy.format, &policy.error, &policy.structured];
        let names = |alias| formats.into_iter().flatten().any(|format| format.names(alias));
        LogOptions {
            moment,
            connections: names("transports"),
            own_address: names("bi") || names("bp"),
            server_connection: formats.into_iter().flatten().any(|format| format.reads_server()),
            longest_request,
        }
    }

    /// Returns the number of lines so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lines.load(Relaxed)
    }

    /// Returns the level of the line of a session, or `None` if it has no line.
    pub(crate) fn level(
        &self,
        record: &SessionRecord<'_>,
        chosen: Option<ChosenSeverity>,
    ) -> Option<Severity> {
        let policy = &self.policy;
        let is_unwanted =
            policy.dont_log_null && record.is_null() || policy.dont_log_normal && !record.is_error();
        let level = match chosen {
            Some(ChosenSeverity::Silent) => return None,
            Some(ChosenSeverity::Line(severity)) => severity,
            None if policy.separate_errors && record.is_error() => Severity::Error,
            None => Severity::Info,
        };
        (!is_unwanted && self.target.wants(level)).then_some(level)
    }

    /// Writes the line of a session. Both buffers are empty before, and can be reused after.
    pub(crate) fn session(
        &self,
        level: Severity,
        context: &Context<'_>,
        failed_early: bool,
        [line, structured]: [&mut Vec<u8>; 2],
    ) {
        self.lines.fetch_add(1, Relaxed);
        let policy = &self.policy;
        let error = policy.error.as_ref().filter(|_| failed_early);
        let write = |format: &Option<Arc<Format>>, to: &mut Vec<u8>| {
            if let Some(format) = format {
                format.write(context, to);
            }
        };
        match error {
            Some(format) => format.write(context, line),
            None => write(&policy.format, line),
        }
        write(&policy.structured, structured);
        self.target.write(level, line, structured);
    }

    /// Writes the line of a connection whose handshake failed, or which was rejected after it. The buffer is empty before, and can be reused after.
    pub(crate) fn handshake(
        &self,
        level: Severity,
        context: &Context<'_>,
        error: Option<&LayerError>,
        line: &mut Vec<u8>,
    ) {
        self.lines.fetch_add(1, Relaxed);
        match &self.policy.error {
            Some(format) => format.write(context, line),
            None => handshake_line(context, error, line),
        }
        self.target.write(level, line, b"");
    }

    /// Writes a line about the frontend itself.
    pub(crate) fn remark(&self, line: &str) {
        if self.target.wants(Severity::Warning) {
            self.target.write(Severity::Warning, line.as_bytes(), b"");
        }
    }

    /// Writes the line of a connection that was just accepted.
    pub(crate) fn accepted(&self, accepted: &AcceptedRecord<'_>) {
        if self.target.wants(Severity::Info) {
            self.lines.fetch_add(1, Relaxed);
            self.target.write(Severity::Info, accepted_line(accepted).as_bytes(), b"");
        }
    }
}

/// Formats the line of a connection that ended with its handshake, if the frontend has no format for it.
fn handshake_line(context: &Context<'_>, error: Option<&LayerError>, line: &mut Vec<u8>) {
    let session = context.session;
    // Writing to a Vec cannot fail.
    let _ = match session.source().known_as() {
        Some(client) => write!(line, "{}:{} [", client.ip(), client.port()),
        None => write!(line, "{}:{} [", family(session.source()), session.listener_number()),
    };
    if let Some(accepted) = session.accepted() {
        Date::local(accepted).log(line);
    }
    let _ = write!(line, "] {}/", session.frontend_name());
    let _ = match session.listener_name() {
        Some(name) => write!(line, "{name}: "),
        None => write!(line, "{}: ", session.listener_number()),
    };
    let _ = match error {
        None => write!(line, "Success"),
        Some(error) => match error.code() {
            Some(code) => write!(line, "{}", code.text),
            None => write!(line, "{error}"),
        },
    };
}

/// Formats the line of an accepted connection, for a frontend without a log format.
fn accepted_line(accepted: &AcceptedRecord<'_>) -> String {
    let AcceptedRecord { frontend, listener, client, destination } = accepted;
    let name = frontend.name();
    let mode = if frontend.mode() == Mode::Http { "HTTP" } else { "TCP" };
    match (client.known_as(), destination.known_as()) {
        (Some(client), Some(destination)) => format!(
            "Connect from {}:{} to {}:{} ({name}/{mode})",
            client.ip(),
            client.port(),
            destination.ip(),
            destination.port()
        ),
        (Some(client), None) => {
            let (ip, port) = (client.ip(), client.port());
            format!("Connect from {ip}:{port} to undetermined address:0 ({name}/{mode})")
        }
        (None, _) => format!("Connect to {}:{} ({name}/{mode})", family(client), listener.id()),
    }
}

/// Returns the word in place of the address of a client without a meaningful one: `unix`, whatever kind of name its
/// socket has.
fn family(client: &Address) -> &'static str {
    match client {
        Address::Unix(_) => "unix",
        other => other.family().name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::log_policy;

    #[test]
    fn only_what_a_format_names_is_asked_for() {
        let asked = |lines: &str| {
            let options = AccessLog::options(&log_policy(lines), 1024);
            (options.connections, options.own_address)
        };
        let reads_server = |format: &str| {
            let lines = format!("acl far bc_fact(x) 1\nlog-format \"{format}\"");
            AccessLog::options(&log_policy(&lines), 1024).server_connection
        };
        assert!(!reads_server("%ci %[fc_fact(x)] %[bc_reused] %[bc_err_str]"));
        assert!(reads_server("%ci %[bc_fact(x),lower]") && reads_server("%[acl(!far)]"));
        assert_eq!(asked(""), (false, false));
        assert_eq!(asked("option tcplog"), (true, false));
        assert_eq!(asked("mode http\noption httplog"), (true, false));
        assert_eq!(asked("log-format %ci"), (false, false));
        assert_eq!(asked("log-format %ci%transports"), (true, false));
        assert_eq!(asked("log-format %ci\nlog-format-sd %transports"), (true, false));
        assert_eq!(asked("log-format %ci\nerror-log-format %transports"), (true, false));
        assert_eq!(asked("log-format %bi"), (false, true));
    }

    #[test]
    fn unix_clients_have_no_address() {
        use proto_core::address::UnixAddress;
        let named = UnixAddress::Abstract { name: "x".into(), padded: false };
        for address in [UnixAddress::Unnamed, named] {
            assert_eq!(family(&Address::Unix(address)), "unix");
        }
    }
}
