//! The commands of the runtime socket about the process as a whole. Each file submits its entry; [`Process`] is the
//! value that they show.

mod info;
mod show_counters;
mod show_info;
mod show_version;

use std::time::{Instant, SystemTime};

use proxy_config::{Description, Values};

use crate::settings::Node;

pub(crate) use show_counters::{REGEX_FAILURES, TransportCounters};

/// What is known of the process from its start.
#[derive(Debug)]
pub(crate) struct Process {
    version: &'static str,
    workers: usize,
    maxconn: usize,
    node: Option<String>,
    description: Option<String>,
    started: SystemTime,
    /// The start by the monotonic clock.
    since: Instant,
}

impl Process {
    /// Describes a process that starts now.
    pub(crate) fn new(global: &Values, workers: usize, maxconn: usize) -> Process {
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

    /// Returns when it started.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }
}
