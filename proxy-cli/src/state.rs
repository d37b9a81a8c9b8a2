//! The program as its runtime socket shows it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use proxy_admin::{Info, State};
use proxy_config::{Description, Values};
use proxy_engine::Frontend;

use crate::settings::Node;

/// What commands ask of.
#[derive(Debug)]
pub(crate) struct Running {
    frontends: Vec<Arc<Frontend>>,
    workers: usize,
    maxconn: usize,
    node: Option<String>,
    description: Option<String>,
    started: (SystemTime, Instant),
}

impl Running {
    /// A program that has just started.
    pub(crate) fn new(
        global: &Values,
        frontends: &[Arc<Frontend>],
        workers: usize,
        maxconn: usize,
    ) -> Running {
        Running {
            frontends: frontends.to_vec(),
            workers,
            maxconn,
            node: global.get::<Node>().map(|node| node.0.clone()),
            description: global.get::<Description>().map(|description| description.0.clone()),
            started: (SystemTime::now(), Instant::now()),
        }
    }
}

impl State for Running {
    fn info(&self) -> Info {
        let (started, since) = self.started;
        let threads = narrow(self.workers);
        let current: usize = self.frontends.iter().map(|frontend| frontend.tally().current()).sum();
        let total: u64 = self.frontends.iter().map(|frontend| frontend.tally().total()).sum();
        let listeners = self.frontends.iter().map(|frontend| frontend.listeners().len()).sum();
        Info {
            thread_groups: Some(1),
            max_connections: Some(narrow(self.maxconn)),
            hard_max_connections: Some(narrow(self.maxconn)),
            connections: Some(narrow(current)),
            connections_total: Some(total as u32),
            node: self.node.clone(),
            description: self.description.clone(),
            listeners: Some(narrow(listeners)),
            streams: Some(current as u64),
            streams_total: Some(total),
            ..Info::new(env!("CARGO_PKG_VERSION"), threads, started, since.elapsed())
        }
    }
}

/// HAProxy's numbers have 32 bits.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
