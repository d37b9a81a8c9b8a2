//! The facts about the process that `show info` shows.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proxy_config::Mode;
use proxy_engine::commands::Handle;
use proxy_engine::{Count, Frontend, Load, ProcessLimits};

use crate::process::Process;

/// The process as a whole. A value that is `None` is not known, and is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Info {
    /// The version, as in `show version`.
    pub(crate) version: String,
    /// The day of the release, as `2026/01/31`.
    pub(crate) release_date: Option<String>,
    /// The number of threads that serve connections.
    pub(crate) threads: u32,
    /// The number of thread groups, which share what is costly to share between all threads.
    pub(crate) thread_groups: Option<u32>,
    /// When it started.
    pub(crate) started: SystemTime,
    /// The time since then, by the monotonic clock.
    pub(crate) uptime: Duration,
    /// The time until it served.
    pub(crate) boot_time: Option<Duration>,
    /// The limit on memory, in bytes; 0 is none.
    pub(crate) memory_limit: Option<u64>,
    /// The bytes that are allocated.
    pub(crate) allocated: Option<u64>,
    /// What the workers have to do.
    pub(crate) load: Option<Load>,
    /// The most pipes for splicing.
    pub(crate) max_pipes: Option<u32>,
    /// The limit on open descriptors.
    pub(crate) descriptor_limit: Option<u32>,
    /// The most sockets that may be needed.
    pub(crate) max_sockets: Option<u32>,
    /// The limit on client connections.
    pub(crate) max_connections: Option<u32>,
    /// The highest value that this limit can be set to.
    pub(crate) hard_max_connections: Option<u32>,
    /// The number of times that this limit was reached.
    pub(crate) max_connections_reached: Option<u32>,
    /// The number of client connections now.
    pub(crate) connections: Option<u32>,
    /// The number of client connections in the last second.
    pub(crate) connection_rate: Option<u32>,
    /// The limit of these; 0 is none.
    pub(crate) connection_rate_limit: Option<u32>,
    /// The limit of sessions in a second; 0 is none.
    pub(crate) session_rate_limit: Option<u32>,
    /// The number of client connections since the start.
    pub(crate) connections_total: Option<u32>,
    /// The number of requests since the start; a connection without HTTP counts as one.
    pub(crate) requests_total: Option<u32>,
    /// The name of the machine.
    pub(crate) node: Option<String>,
    /// A description for people.
    pub(crate) description: Option<String>,
    /// Whether it has been asked to stop.
    pub(crate) stopping: Option<bool>,
    /// The number of listening sockets.
    pub(crate) listeners: Option<u32>,
    /// The number of log lines that no target took.
    pub(crate) dropped_logs: Option<u32>,
    /// The bytes sent, to both sides.
    pub(crate) bytes_out: Option<u64>,
    /// The bytes of these that were spliced through a pipe of the kernel.
    pub(crate) spliced_bytes_out: Option<u64>,
    /// The number of warnings written.
    pub(crate) warnings: Option<u32>,
    /// The number of sessions now.
    pub(crate) streams: Option<u64>,
    /// The number of sessions since the start.
    pub(crate) streams_total: Option<u64>,
}

impl Info {
    /// Creates one with the required values only.
    pub(crate) fn new(
        version: impl Into<String>,
        threads: u32,
        started: SystemTime,
        uptime: Duration,
    ) -> Info {
        Info {
            version: version.into(),
            threads,
            started,
            uptime,
            release_date: None,
            thread_groups: None,
            boot_time: None,
            memory_limit: None,
            allocated: None,
            load: None,
            max_pipes: None,
            descriptor_limit: None,
            max_sockets: None,
            max_connections: None,
            hard_max_connections: None,
            max_connections_reached: None,
            connections: None,
            connection_rate: None,
            connection_rate_limit: None,
            session_rate_limit: None,
            connections_total: None,
            requests_total: None,
            node: None,
            description: None,
            stopping: None,
            listeners: None,
            dropped_logs: None,
            bytes_out: None,
            spliced_bytes_out: None,
            warnings: None,
            streams: None,
            streams_total: None,
        }
    }

    /// Collects the values that are known now.
    pub(crate) fn gather(process: &Process, engine: &Handle) -> Info {
        let frontends = &engine.frontends;
        let current: usize = frontends.iter().map(|frontend| frontend.counters().current()).sum();
        let total: u64 = frontends.iter().map(|frontend| frontend.counters().ever()).sum();
        let rate: u64 = frontends
            .iter()
            .map(|frontend| frontend.observed().rates().sessions.now(frontend.counters().ever()))
            .sum();
        let requests: u64 = frontends.iter().map(|frontend| requests(frontend)).sum();
        // To clients, and to servers, which get what clients have sent.
        let both = |frontend: &Arc<Frontend>| {
            let (of_clients, to_clients) = frontend.bytes();
            of_clients + to_clients
        };
        let bytes_out = frontends.iter().map(both).sum();
        let listeners = frontends.iter().map(|frontend| frontend.listeners().len()).sum();
        let (threads, load) = (narrow(process.workers), engine.load());
        Info {
            release_date: Some(process.released.to_owned()),
            thread_groups: Some(1),
            memory_limit: Some(process.memory.unwrap_or(0)),
            allocated: Some(process.allocated.get()),
            load: Some(load),
            max_pipes: Some(narrow(process.pipes)),
            descriptor_limit: Some(process.open_files),
            max_sockets: Some(process.open_files),
            dropped_logs: Some(u32::try_from(process.lost_logs.get()).unwrap_or(u32::MAX)),
            spliced_bytes_out: Some(load.pipes.spliced),
            warnings: Some(u32::try_from(process.warnings.get()).unwrap_or(u32::MAX)),
            stopping: Some(load.stopping),
            max_connections: Some(narrow(engine.limits().map_or(process.maxconn, ProcessLimits::maxconn))),
            connection_rate_limit: engine.limits().map(|limits| limits.rates().connections),
            session_rate_limit: engine.limits().map(|limits| limits.rates().sessions),
            hard_max_connections: Some(narrow(process.maxconn)),
            connections: Some(narrow(current)),
            connection_rate: Some(u32::try_from(rate).unwrap_or(u32::MAX)),
            connections_total: Some(total as u32),
            requests_total: Some(requests as u32),
            bytes_out: Some(bytes_out),
            node: process.node.clone(),
            description: process.description.clone(),
            listeners: Some(narrow(listeners)),
            streams: Some(current as u64),
            streams_total: Some(total),
            ..Info::new(process.version, threads, process.started, process.uptime())
        }
    }
}

/// Returns the number of requests of a frontend; without HTTP a connection counts as one.
fn requests(frontend: &Frontend) -> u64 {
    match frontend.observed().mode() {
        Mode::Http => frontend.observed().tallies().ever(Count::Requests),
        Mode::Tcp => frontend.counters().ever(),
    }
}

/// Reduces a number to 32 bits, like HAProxy's.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
