//! Traffic logs: the targets of each frontend, and the observer that writes what the engine tells.

use std::collections::{BTreeSet, HashMap};
use std::os::fd::RawFd;

use proto_core::address::Port;
use proxy_config::{Configuration, Diagnostics, Parsed, Section, Values, mistake};
use proxy_engine::config::Assembly;
use proxy_engine::policy::HttpTuning;
use proxy_engine::{Accepted, LogMoment, Notice, Observer, SessionRecord, httplog, tcplog};
use proxy_log::settings::{LogHostname, LogLine, LogPlace, LogTag, Logs};
use proxy_log::{
    Destination, Facility, Format, Identity, Level, LogList, LogTarget, Logger, MaxLength, Sink,
};

use proxy_rules::log::{LogForm, LogPolicy};

/// Where syslog listens (RFC 5426).
const SYSLOG_PORT: u16 = 514;

/// The logs of a frontend.
#[derive(Debug)]
pub(crate) struct PlannedLogs {
    pub(crate) list: LogList,
    pub(crate) policy: LogPolicy,
    /// Bytes of a request line that are written.
    pub(crate) longest_request: usize,
}

impl PlannedLogs {
    /// Whether nothing is ever written.
    fn is_silent(&self) -> bool {
        self.list.targets.is_empty()
    }

    /// What the engine has to tell for them.
    pub(crate) fn wanted(&self) -> proxy_engine::LogOptions {
        let moment = match &self.policy {
            _ if self.is_silent() => LogMoment::Never,
            policy if policy.form == LogForm::Plain => LogMoment::Accepted,
            policy if policy.is_early() => LogMoment::Connected,
            _ => LogMoment::Ended,
        };
        proxy_engine::LogOptions { moment, connections: moment != LogMoment::Never }
    }
}

/// The logs of each frontend, in their order.
pub(super) fn plan(
    assembly: &Assembly<'_>,
    descriptors: &BTreeSet<RawFd>,
    configuration: &Configuration,
    diagnostics: &mut Diagnostics,
) -> Vec<PlannedLogs> {
    let none = Logs::default();
    let global = configuration.global.get::<Logs>().unwrap_or(&none);
    let HttpTuning { logged_uri, .. } = configuration.global.get_or_default();
    let logs = |section: &Section| {
        let own = section.get::<Logs>().unwrap_or(&none);
        let shared = if own.global { &global.lines[..] } else { &[] };
        let lines = shared.iter().chain(&own.lines);
        let targets =
            lines.filter_map(|line| diagnostics.take(target(assembly, descriptors, line))).collect();
        let tag = section.get::<LogTag>();
        let list = LogList { targets, identity: identity(&configuration.global, tag) };
        let policy = LogPolicy::of(&section.values);
        PlannedLogs { list, policy, longest_request: logged_uri }
    };
    configuration.frontends().map(logs).collect()
}

fn target(assembly: &Assembly<'_>, descriptors: &BTreeSet<RawFd>, line: &LogLine) -> Parsed<LogTarget> {
    let destination = match &line.place {
        LogPlace::Stdout => Destination::Stdout,
        LogPlace::Stderr => Destination::Stderr,
        LogPlace::Fd(fd) if descriptors.contains(fd) => Destination::Fd(*fd),
        // By the time that lines are written the number may mean something of our own.
        LogPlace::Fd(fd) => return Err(mistake(line.span, format!("file descriptor {fd} is not open"))),
        LogPlace::Datagram(spec) => {
            let mut spec = assembly.resolve(spec, line.span)?;
            if spec.port == Port::None {
                spec.port = Port::One(SYSLOG_PORT);
            }
            let addresses = spec.addresses().map_err(|error| mistake(line.span, error.to_string()))?;
            let mut addresses = addresses.into_iter();
            match (addresses.next(), addresses.next()) {
                (Some(address), None) => Destination::Datagram(address),
                _ => return Err(mistake(line.span, "a log target is one address")),
            }
        }
    };
    Ok(LogTarget {
        max_level: line.max_level,
        min_level: line.min_level,
        format: line.format,
        max_length: line.max_length,
        sampling: line.sampling.clone(),
        ..LogTarget::new(destination, line.facility)
    })
}

/// As whom lines are sent.
fn identity(global: &Values, tag: Option<&LogTag>) -> Identity {
    let tag = tag.or_else(|| global.get::<LogTag>()).map_or("braid", |tag| &tag.0);
    Identity { hostname: global.get::<LogHostname>().map(|name| name.0.clone()), ..Identity::new(tag) }
}

/// The log of a frontend at work.
#[derive(Debug)]
struct FrontendLog {
    logger: Logger,
    policy: LogPolicy,
    longest_request: usize,
}

/// Writes what the engine tells. The workers only queue; a thread writes.
#[derive(Debug)]
pub(crate) struct TrafficLog {
    frontends: HashMap<String, FrontendLog>,
    notices: Logger,
}

impl TrafficLog {
    /// The logs of these frontends, by their names.
    pub(crate) fn new(sink: &Sink, frontends: impl IntoIterator<Item = (String, PlannedLogs)>) -> TrafficLog {
        let logger = |mut list: LogList| {
            // The process may have gone into the background since it was planned.
            list.identity.pid = std::process::id();
            sink.logger(list)
        };
        let frontends = frontends
            .into_iter()
            .map(|(name, PlannedLogs { list, policy, longest_request })| {
                (name, FrontendLog { logger: logger(list), policy, longest_request })
            })
            .collect();
        TrafficLog { frontends, notices: sink.logger(plain_lines(Destination::Stderr)) }
    }
}

/// Lines as they are, whole.
pub(crate) fn plain_lines(destination: Destination) -> LogList {
    let target = LogTarget {
        format: Some(Format::Raw),
        max_length: MaxLength::MAX,
        ..LogTarget::new(destination, Facility::Daemon)
    };
    LogList { targets: vec![target], identity: Identity::new("braid") }
}

impl Observer for TrafficLog {
    fn accepted(&self, accepted: &Accepted<'_>) {
        if let Some(FrontendLog { logger, .. }) = self.frontends.get(accepted.frontend.name()) {
            logger.log(Level::Info, tcplog::accepted(accepted));
        }
    }

    fn session(&self, record: &SessionRecord<'_>) {
        let Some(log) = self.frontends.get(record.frontend.name()) else { return };
        let FrontendLog { logger, policy, longest_request } = log;
        let is_unwanted =
            policy.dont_log_null && record.is_null() || policy.dont_log_normal && !record.is_error();
        if is_unwanted {
            return;
        }
        let raised = policy.separate_errors && record.is_error();
        let level = if raised { Level::Err } else { Level::Info };
        if logger.wants(level) {
            let line = match &record.http {
                Some(http) if policy.form == LogForm::Http => {
                    httplog::exchange(record, http, *longest_request)
                }
                _ => tcplog::session(record),
            };
            logger.log(level, line);
        }
    }

    fn notice(&self, notice: &Notice) {
        self.notices.log(Level::Warning, format!("braid: warning: {notice}"));
    }
}
