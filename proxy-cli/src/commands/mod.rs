//! The commands of the runtime socket about the process as a whole, besides those of `proxy-stats`. Each file submits its
//! entry.

mod show_counters;
mod show_version;

use std::time::{Instant, SystemTime};

use proxy_config::{Description, Values};
use proxy_engine::Config;
use proxy_log::Sink;
use proxy_stats::{Process, Reading};

use crate::commandline::version::RELEASED;
use crate::process::{allocated, files_limit};
use crate::settings::Node;
use crate::stdio;

pub(crate) use show_counters::{REGEX_FAILURES, TransportCounters};

/// Describes a process that starts now.
pub(crate) fn process(global: &Values, config: &Config, memory: Option<u64>, sink: &Sink) -> Process {
    Process {
        version: env!("CARGO_PKG_VERSION"),
        released: RELEASED,
        workers: config.workers,
        maxconn: config.maxconn,
        memory,
        allocated: Reading::new(|| allocated() as u64),
        // Unlimited, or unknown, as in HAProxy.
        open_files: files_limit().map_or(0, |limit| u32::try_from(limit.soft).unwrap_or(0)),
        pipes: config.scratch.pipes * config.workers,
        warnings: Reading::new(stdio::warnings),
        lost_logs: Reading::new(sink.losses()),
        node: Some(global.get::<Node>().map_or_else(proxy_log::hostname, |node| node.0.clone())),
        description: global.get::<Description>().map(|description| description.0.clone()),
        started: SystemTime::now(),
        since: Instant::now(),
    }
}
