//! The commands of the runtime socket about the process as a whole, besides those of `proxy-stats`. Each file submits its
//! entry.

mod show_counters;
mod show_version;

use std::time::{Instant, SystemTime};

use proxy_config::{Description, Values};
use proxy_stats::Process;

use crate::settings::Node;

pub(crate) use show_counters::{REGEX_FAILURES, TransportCounters};

/// Describes a process that starts now.
pub(crate) fn process(global: &Values, workers: usize, maxconn: usize) -> Process {
    Process {
        version: env!("CARGO_PKG_VERSION"),
        workers,
        maxconn,
        node: global.get::<Node>().map(|node| node.0.clone()),
        description: global.get::<Description>().map(|description| description.0.clone()),
        started: SystemTime::now(),
        since: Instant::now(),
    }
}
