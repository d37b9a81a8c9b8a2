//! The plan of a run, as data, and its execution.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bulk::Bulk;
use crate::connect::Storm;
use crate::cost::{Meter, Pid, ProcessError};
use crate::link::{Dial, Transport};
use crate::opening::Opening;
use crate::pattern::Seed;
use crate::progress::Progress;
use crate::report::Report;
use crate::wire::Direction;

/// The address to connect to, the local settings, and the processes to measure.
#[derive(Clone, Debug)]
pub struct Target {
    pub addr: SocketAddr,
    pub transport: Transport,
    /// The local address to connect from.
    pub source: Option<IpAddr>,
    /// `SO_SNDBUF` in bytes (the kernel doubles it). MPTCP with one subflow stalls 200 ms at a time on loopback when the
    /// receiver's window is the limit (Linux 6.18), unless this is below that window: 64 to 256 KiB.
    pub send_buffer: Option<usize>,
    /// The processes whose CPU time and memory are read before and after: the proxy between here and the origin.
    pub processes: Vec<Pid>,
}

impl Target {
    pub fn new(addr: SocketAddr, transport: Transport) -> Self {
        Self { addr, transport, source: None, send_buffer: None, processes: Vec::new() }
    }

    pub(crate) fn dial(&self) -> Dial {
        Dial {
            addr: self.addr,
            transport: self.transport,
            source: self.source,
            send_buffer: self.send_buffer,
        }
    }
}

/// The work of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// `streams` connections at a time, of `bytes` each.
    Bulk { direction: Direction, bytes: u64, streams: u64 },
    /// `count` short connections in total, `concurrency` at a time.
    Storm { count: u64, concurrency: u64 },
}

impl Job {
    pub const fn bulk(direction: Direction, bytes: u64, streams: u64) -> Self {
        Self::Bulk { direction, bytes, streams }
    }

    pub const fn storm(count: u64, concurrency: u64) -> Self {
        Self::Storm { count, concurrency }
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Bulk { direction, .. } => direction.name(),
            Self::Storm { .. } => "connect",
        }
    }

    const fn connections(&self) -> u64 {
        match self {
            Self::Bulk { streams, .. } => *streams,
            Self::Storm { count, .. } => *count,
        }
    }
}

/// A run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub target: Target,
    pub job: Job,
    /// The timeout of the whole run. What is incomplete by then counts as timed out, or as not tried.
    pub timeout: Duration,
    /// What the connections of a storm begin with.
    pub opening: Opening,
    pub seed: Seed,
    /// The counter of payload bytes as the client receives them (up: sends them), which ends with the run.
    pub progress: Arc<Progress>,
}

impl Plan {
    /// The default timeout of a run.
    pub const TIMEOUT: Duration = Duration::from_secs(60);

    pub fn new(addr: SocketAddr, transport: Transport, job: Job) -> Self {
        Self {
            target: Target::new(addr, transport),
            job,
            timeout: Self::TIMEOUT,
            opening: Opening::default(),
            seed: Seed::random(),
            progress: Arc::default(),
        }
    }
}

/// Runs a plan to its end. Failures of the network are in the report; an error is only returned for a process that
/// cannot be measured before the start. Sockets are made on threads in the caller's network namespace.
pub fn run(plan: &Plan) -> Result<Report, ProcessError> {
    let meter = Meter::start(&plan.target.processes)?;
    let (dial, seed, progress, begin) = (&plan.target.dial(), plan.seed, &*plan.progress, Instant::now());
    let (deadline, opening) = (begin + plan.timeout, &plan.opening);
    let tally = match plan.job {
        Job::Bulk { direction, bytes, streams } => {
            Bulk { dial, direction, bytes, streams, seed, deadline, progress }.run()
        }
        Job::Storm { count, concurrency } => {
            Storm { dial, opening, count, concurrency: concurrency.max(1), seed, deadline, progress }.run()
        }
    };
    let (elapsed, cost) = (begin.elapsed(), meter.stop());
    progress.end();
    let (name, connections) = (plan.job.name(), plan.job.connections());
    Ok(Report::new(name, plan.target.transport, seed, connections, elapsed, tally, cost))
}
