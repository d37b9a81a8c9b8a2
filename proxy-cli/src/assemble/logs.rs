//! Traffic logs: the targets of each frontend, and notices.

use std::collections::BTreeSet;
use std::os::fd::RawFd;
use std::sync::Arc;

use proto_core::address::Port;
use proxy_config::{Configuration, Diagnostics, Kind, Parsed, Values, mistake};
use proxy_engine::config::Assembly;
use proxy_engine::policy::HttpTuning;
use proxy_engine::{
    AcceptedRecord, AccessLog, FrontendConfig, LogTarget as EngineTarget, Notice, Observer, SessionRecord,
};
use proxy_log::settings::{LogHostname, LogLine, LogPlace, LogTag, Logs};
use proxy_log::{
    Destination, Facility, Format, Identity, Level, LogList, LogTarget, Logger, MaxLength, Sink,
};

use proxy_rules::Severity;
use proxy_rules::log::LogPolicy;

/// The port of syslog (RFC 5426).
const SYSLOG_PORT: u16 = 514;

/// The logs of a frontend.
#[derive(Debug)]
pub(crate) struct PlannedLogs {
    list: LogList,
    policy: LogPolicy,
    /// The most bytes of a request line that are logged.
    longest_request: usize,
}

/// The log of a section for lines about itself.
#[derive(Debug)]
pub(crate) struct ProxyLog {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    list: LogList,
}

impl ProxyLog {
    /// Returns its logger.
    pub(crate) fn start(&self, sink: &Sink) -> Logger {
        let mut list = self.list.clone();
        if list.targets.is_empty() {
            return Logger::silent();
        }
        // The process may have gone into the background since the logs were planned.
        list.identity.pid = std::process::id();
        sink.logger(list)
    }
}

impl PlannedLogs {
    /// Makes a frontend log to these targets.
    pub(crate) fn start(self, frontend: &mut FrontendConfig, sink: &Sink) {
        let PlannedLogs { mut list, policy, longest_request } = self;
        if list.targets.is_empty() {
            return;
        }
        // The process may have gone into the background since the logs were planned.
        list.identity.pid = std::process::id();
        frontend.log = AccessLog::options(&policy, longest_request);
        frontend.access_log = Some(Arc::new(AccessLog::new(policy, Arc::new(Lines(sink.logger(list))))));
    }
}

/// Returns the logs of each frontend, in the order of the frontends, and those of all sections, in their order.
pub(super) fn plan(
    assembly: &Assembly<'_>,
    descriptors: &BTreeSet<RawFd>,
    configuration: &Configuration,
    diagnostics: &mut Diagnostics,
) -> (Vec<PlannedLogs>, Vec<ProxyLog>) {
    let none = Logs::default();
    let global = configuration.global.get::<Logs>().unwrap_or(&none);
    let HttpTuning { logged_uri, .. } = configuration.global.get_or_default();
    let (mut frontends, mut all) = (Vec::new(), Vec::new());
    for section in &configuration.proxies {
        let own = section.get::<Logs>().unwrap_or(&none);
        let shared = if own.global { &global.lines[..] } else { &[] };
        let lines = shared.iter().chain(&own.lines);
        let targets =
            lines.filter_map(|line| diagnostics.take(target(assembly, descriptors, line))).collect();
        let tag = section.get::<LogTag>();
        let list = LogList { targets, identity: identity(&configuration.global, tag) };
        all.push(ProxyLog { name: section.name.value.clone(), kind: section.kind, list: list.clone() });
        if section.kind.is_frontend() {
            let policy = LogPolicy::of(&section.values);
            frontends.push(PlannedLogs { list, policy, longest_request: logged_uri });
        }
    }
    (frontends, all)
}

fn target(assembly: &Assembly<'_>, descriptors: &BTreeSet<RawFd>, line: &LogLine) -> Parsed<LogTarget> {
    let destination = match &line.place {
        LogPlace::Stdout => Destination::Stdout,
        LogPlace::Stderr => Destination::Stderr,
        LogPlace::Fd(fd) if descriptors.contains(fd) => Destination::Fd(*fd),
        // By the time that lines are written the number may belong to a descriptor of our own.
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

/// Returns the name and process id that lines are sent with.
fn identity(global: &Values, tag: Option<&LogTag>) -> Identity {
    let tag = tag.or_else(|| global.get::<LogTag>()).map_or("braid", |tag| &tag.0);
    Identity { hostname: global.get::<LogHostname>().map(|name| name.0.clone()), ..Identity::new(tag) }
}

/// The log of a frontend or a backend. The workers only queue lines; a thread writes them.
#[derive(Debug)]
pub(super) struct Lines(Logger);

impl Lines {
    /// Makes the log of a logger.
    pub(super) fn of(logger: Logger) -> Lines {
        Lines(logger)
    }
}

impl EngineTarget for Lines {
    fn wants(&self, level: Severity) -> bool {
        self.0.wants(severity(level))
    }

    fn write(&self, level: Severity, line: &[u8], structured: &[u8]) {
        self.0.log_structured(severity(level), line, structured);
    }
}

fn severity(level: Severity) -> Level {
    match level {
        Severity::Emergency => Level::Emerg,
        Severity::Alert => Level::Alert,
        Severity::Critical => Level::Crit,
        Severity::Error => Level::Err,
        Severity::Warning => Level::Warning,
        Severity::Notice => Level::Notice,
        Severity::Info => Level::Info,
        Severity::Debug => Level::Debug,
    }
}

/// Writes what the operator should know.
#[derive(Debug)]
pub(crate) struct Notices(Logger);

impl Notices {
    pub(crate) fn new(sink: &Sink) -> Notices {
        Notices(sink.logger(plain_lines(Destination::Stderr)))
    }
}

impl Observer for Notices {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, notice: &Notice) {
        self.0.log(Level::Warning, format!("braid: warning: {notice}"));
    }
}

/// Returns a log that writes lines unchanged and whole.
pub(crate) fn plain_lines(destination: Destination) -> LogList {
    let target = LogTarget {
        format: Some(Format::Raw),
        max_length: MaxLength::MAX,
        ..LogTarget::new(destination, Facility::Daemon)
    };
    LogList { targets: vec![target], identity: Identity::new("braid") }
}
