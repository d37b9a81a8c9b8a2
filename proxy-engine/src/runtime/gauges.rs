//! What a worker has to do, for other threads to read. Reading costs the worker nothing.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use proxy_relay::{PipeCounts, PipeStatistics};
use tokio::runtime::Handle;

/// The shortest time over which the share of idle time is measured.
const MEASURED: Duration = Duration::from_secs(1);

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

/// The end of the last time over which idle time was measured.
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
    /// The tasks that could run and wait for their turn.
    pub runnable: usize,
    /// The pipes for splicing.
    pub pipes: PipeStatistics,
    /// The percentage of time that they were idle: in the last second or more for which this was asked.
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

    /// Returns what the workers have to do.
    pub(crate) fn load(&self) -> Load {
        let (mut load, mut workers) = (Load { stopping: self.stopping.load(Relaxed), ..Load::default() }, 0);
        for gauge in self.workers.iter().filter_map(OnceLock::get) {
            let (metrics, pipes) = (gauge.runtime.metrics(), gauge.pipes.read());
            load.tasks += metrics.num_alive_tasks();
            load.runnable += metrics.global_queue_depth();
            load.pipes.open += pipes.open;
            load.pipes.idle += pipes.idle;
            load.pipes.refused += pipes.refused;
            load.pipes.spliced += pipes.spliced;
            let mut idle = gauge.idle.lock().unwrap_or_else(PoisonError::into_inner);
            load.idle_percent += idle.percent(Instant::now(), metrics.worker_total_busy_duration(0));
            workers += 1;
        }
        load.idle_percent = load.idle_percent.checked_div(workers).unwrap_or(100);
        load
    }
}

impl IdleTime {
    fn percent(&mut self, now: Instant, busy: Duration) -> u32 {
        let passed = now.saturating_duration_since(self.at);
        if passed >= MEASURED {
            let share = busy.saturating_sub(self.busy).as_secs_f64() / passed.as_secs_f64();
            *self = IdleTime { at: now, busy, percent: 100 - (share * 100.0).round().min(100.0) as u32 };
        }
        self.percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_that_of_the_last_second_or_more() {
        let begun = Instant::now();
        let mut idle = IdleTime { at: begun, busy: Duration::ZERO, percent: 100 };
        let [short, second, later, last] =
            [900, 1000, 1900, 3000].map(|at| begun + Duration::from_millis(at));
        assert_eq!(idle.percent(short, Duration::from_millis(900)), 100, "too short");
        assert_eq!(idle.percent(second, Duration::from_millis(250)), 75);
        assert_eq!(idle.percent(later, Duration::from_millis(1150)), 75);
        assert_eq!(idle.percent(last, Duration::from_millis(2250)), 0);
    }

    #[test]
    fn workers_that_have_not_begun_do_nothing() {
        let idle = Load { idle_percent: 100, ..Load::default() };
        assert_eq!(Gauges::new(2).load(), idle);
    }
}
