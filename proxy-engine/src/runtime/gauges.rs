//! What a worker has to do, for other threads to read. Reading costs the worker nothing.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use proxy_relay::{PipeCounts, PipeStatistics};
use tokio::runtime::Handle;

/// The gauges of all workers.
#[derive(Debug)]
pub(crate) struct Gauges {
    /// By index. A worker that has not begun has none yet.
    workers: Vec<OnceLock<WorkerGauge>>,
    stopping: AtomicBool,
}

#[derive(Debug)]
struct WorkerGauge {
    runtime: Handle,
    pipes: Arc<PipeCounts>,
    idle: Mutex<IdleTime>,
}

/// The last sample of idle time.
#[derive(Debug)]
struct IdleTime {
    at: Instant,
    busy: Duration,
    percent: u32,
}

/// What the workers have to do, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The tasks: connections, checks and what workers do besides.
    pub tasks: usize,
    /// The tasks that other threads have woken, and that wait for their turn.
    pub woken: usize,
    /// The pipes for splicing.
    pub pipes: PipeStatistics,
    /// The percentage of the last second in which they were idle.
    pub idle_percent: u32,
    /// Whether they have been asked to stop.
    pub stopping: bool,
}

impl Gauges {
    /// Creates the gauges of this number of workers.
    pub(crate) fn new(workers: usize) -> Gauges {
        let workers = (0..workers).map(|_| OnceLock::new()).collect();
        Gauges { workers, stopping: AtomicBool::new(false) }
    }

    /// Notes that the workers have been asked to stop.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Relaxed);
    }

    /// Sets the gauge of a worker. To be called on its runtime.
    pub(crate) fn begin(&self, worker: usize, pipes: Arc<PipeCounts>) {
        let idle = IdleTime { at: Instant::now(), busy: Duration::ZERO, percent: 100 };
        let gauge = WorkerGauge { runtime: Handle::current(), pipes, idle: Mutex::new(idle) };
        let _ = self.workers[worker].set(gauge);
    }

    /// Ends a second of idle times.
    pub(crate) fn sample(&self) {
        for gauge in self.workers.iter().filter_map(OnceLock::get) {
            let busy = gauge.runtime.metrics().worker_total_busy_duration(0);
            gauge.idle.lock().unwrap_or_else(PoisonError::into_inner).sample(Instant::now(), busy);
        }
    }

    /// Returns what the workers have to do.
    pub(crate) fn load(&self) -> Load {
        let (mut load, mut workers) = (Load { stopping: self.stopping.load(Relaxed), ..Load::default() }, 0);
        for gauge in self.workers.iter().filter_map(OnceLock::get) {
            let (metrics, pipes) = (gauge.runtime.metrics(), gauge.pipes.read());
            load.tasks += metrics.num_alive_tasks();
            load.woken += metrics.global_queue_depth();
            load.pipes.open += pipes.open;
            load.pipes.idle += pipes.idle;
            load.pipes.refused += pipes.refused;
            load.pipes.spliced += pipes.spliced;
            load.idle_percent += gauge.idle.lock().unwrap_or_else(PoisonError::into_inner).percent;
            workers += 1;
        }
        load.idle_percent = load.idle_percent.checked_div(workers).unwrap_or(100);
        load
    }
}

impl IdleTime {
    fn sample(&mut self, now: Instant, busy: Duration) {
        let passed = now.saturating_duration_since(self.at);
        if !passed.is_zero() {
            let share = busy.saturating_sub(self.busy).as_secs_f64() / passed.as_secs_f64();
            *self = IdleTime { at: now, busy, percent: 100 - (share * 100.0).round().min(100.0) as u32 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_that_since_the_last_sample() {
        let begun = Instant::now();
        let mut idle = IdleTime { at: begun, busy: Duration::ZERO, percent: 100 };
        idle.sample(begun, Duration::from_millis(1));
        assert_eq!(idle.percent, 100, "no time has passed");
        for (at, busy, percent) in [(1000, 250, 75), (3000, 2250, 0), (4000, 2250, 100)] {
            idle.sample(begun + Duration::from_millis(at), Duration::from_millis(busy));
            assert_eq!(idle.percent, percent);
        }
    }

    #[test]
    fn workers_that_have_not_begun_do_nothing() {
        let idle = Load { idle_percent: 100, ..Load::default() };
        assert_eq!(Gauges::new(2).load(), idle);
    }
}
