//! The thread that frames and sends the lines of all loggers.
//!
//! There is one queue for all workers, `std`'s bounded channel: its memory is [`SinkLimits::lines`] slots of about
//! 100 bytes, allocated once, and at most [`SinkLimits::bytes`] of text. A queue for each worker would save them
//! the shared counters, and would need a bound for each and an order among them.

use std::fmt;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::counts::{Counts, Notice};
use crate::entry::Entry;
use crate::logger::{LogList, Logger};
use crate::outlet::Outlet;
use crate::queue::{Message, Shared};
use crate::target::Destination;

/// The bounds of the queue, and how often losses are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinkLimits {
    /// The most lines that may wait; a line for two targets counts twice.
    pub lines: usize,
    /// The most bytes of all waiting lines together.
    pub bytes: usize,
    /// The shortest time between two notices about one destination.
    pub report_interval: Duration,
}

/// 8192 lines and 8 MiB: a hundred milliseconds of a busy proxy. Losses are reported every ten seconds.
impl Default for SinkLimits {
    fn default() -> SinkLimits {
        SinkLimits { lines: 8192, bytes: 8 << 20, report_interval: Duration::from_secs(10) }
    }
}

/// How long, after lines were written, the thread lets more gather before it waits to be woken: waking it for each
/// line costs a worker more than the line.
const GATHER: Duration = Duration::from_millis(1);
/// The shortest time between two checks for losses when there is nothing else to do, however short the report
/// interval is.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The result of ending a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Whether everything that was queued was sent or tried, and all losses were reported.
    pub complete: bool,
    /// The number of lines that still waited at the deadline. If the thread ever goes on, it counts them as lost.
    pub waiting: usize,
}

type Outlets = Arc<Mutex<Vec<Weak<Outlet>>>>;

/// The log sink. If it is dropped without [`Sink::finish`], it still sends what is queued, but the drop does not
/// wait for that.
pub struct Sink {
    queue: SyncSender<Message>,
    shared: Arc<Shared>,
    outlets: Outlets,
    /// Disconnected when the thread ends. In a lock so that a sink can be shared; only `finish` takes it.
    ended: Mutex<Receiver<()>>,
}

impl Sink {
    /// Starts the thread. It calls `report` when lines were lost: at once for the first, then at most once per
    /// interval. Time that `report` takes delays the lines, and no worker.
    ///
    /// # Errors
    /// Returns an error if no thread can be started.
    pub fn start(limits: SinkLimits, report: impl FnMut(&Notice) + Send + 'static) -> io::Result<Sink> {
        let (queue, waiting) = sync_channel(limits.lines);
        let (alive, ended) = sync_channel(0);
        let shared = Arc::new(Shared::new(limits.bytes));
        let outlets = Outlets::default();
        let worker = Worker {
            waiting,
            shared: Arc::clone(&shared),
            losses: Losses {
                report: Box::new(report),
                outlets: Arc::clone(&outlets),
                interval: limits.report_interval,
                reported: None,
                looked: None,
            },
        };
        std::thread::Builder::new().name("log".into()).spawn(move || {
            worker.run();
            drop(alive);
        })?;
        Ok(Sink { queue, shared, outlets, ended: Mutex::new(ended) })
    }

    /// Returns a logger for the targets of one proxy. Sockets are opened with the first line; descriptors are
    /// duplicated now, and lines for a descriptor that is not open are counted as lost.
    pub fn logger(&self, list: LogList) -> Logger {
        let identity = Arc::new(list.identity);
        let entry = |target: crate::LogTarget| {
            let outlet = self.outlet(&target.destination);
            Entry::new(target, &identity, outlet)
        };
        let entries = list.targets.into_iter().map(entry).collect();
        Logger::new(entries, self.queue.clone(), Arc::clone(&self.shared))
    }

    /// Returns the number of lines lost so far, for all destinations together.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Returns a function that reads the number of lost lines. It may be used after the sink has ended.
    pub fn losses(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.lost.load(Ordering::Relaxed)
    }

    /// Returns the counts of each destination that has a logger.
    pub fn counts(&self) -> Vec<(Destination, Counts)> {
        let alive = living(&self.outlets);
        alive.into_iter().map(|outlet| (outlet.destination.clone(), outlet.tally.counts())).collect()
    }

    /// Stops taking lines, sends what is queued, and waits for that no longer than `limit`.
    pub fn finish(self, limit: Duration) -> Finished {
        self.close();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let complete = ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected);
        self.shared.abandoned.store(!complete, Ordering::Relaxed);
        Finished { complete, waiting: self.shared.waiting.load(Ordering::Relaxed) }
    }

    fn close(&self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        // If the queue is full, the thread is not waiting.
        drop(self.queue.try_send(Message::Wake));
    }

    fn outlet(&self, destination: &Destination) -> Arc<Outlet> {
        let mut outlets = self.outlets.lock().unwrap_or_else(PoisonError::into_inner);
        outlets.retain(|outlet| outlet.strong_count() > 0);
        let known = outlets.iter().filter_map(Weak::upgrade).find(|one| one.destination.is_same(destination));
        known.unwrap_or_else(|| {
            let outlet = Arc::new(Outlet::new(destination.clone()));
            outlets.push(Arc::downgrade(&outlet));
            outlet
        })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("shared", &self.shared).field("counts", &self.counts()).finish()
    }
}

fn living(outlets: &Outlets) -> Vec<Arc<Outlet>> {
    let outlets = outlets.lock().unwrap_or_else(PoisonError::into_inner);
    outlets.iter().filter_map(Weak::upgrade).collect()
}

/// The state of the sink's thread.
struct Worker {
    waiting: Receiver<Message>,
    shared: Arc<Shared>,
    losses: Losses,
}

impl Worker {
    fn run(self) {
        let Worker { waiting, shared, mut losses } = self;
        let mut buffer = Vec::with_capacity(2048);
        let mut has_written = false;
        while !shared.abandoned.load(Ordering::Relaxed) {
            if let Ok(message) = waiting.try_recv() {
                if let Message::Line(job) = message {
                    job.deliver(&mut buffer);
                    has_written = true;
                }
                losses.report_if_due(shared.lost.load(Ordering::Relaxed));
                continue;
            }
            if std::mem::take(&mut has_written) && !shared.closed.load(Ordering::Relaxed) {
                // While the thread is not waiting on the queue, a worker that queues a line need not wake it.
                std::thread::park_timeout(GATHER);
                continue;
            }
            // An error means that there is nothing left to wait for.
            let message = if shared.closed.load(Ordering::Relaxed) {
                waiting.try_recv().map_err(|_| true)
            } else {
                // It wakes now and then to report what workers lost after the last check.
                waiting
                    .recv_timeout(losses.interval.max(SHORTEST_WAIT))
                    .map_err(|error| error != RecvTimeoutError::Timeout)
            };
            match message {
                Ok(Message::Line(job)) => job.deliver(&mut buffer),
                Ok(Message::Wake) | Err(false) => {}
                Err(true) => break,
            }
            losses.report_if_due(shared.lost.load(Ordering::Relaxed));
        }
        // Dropping the lines queued since the last check counts them as lost.
        drop(waiting);
        losses.report_all();
    }
}

/// Reports losses, and limits how often.
struct Losses {
    report: Box<dyn FnMut(&Notice) + Send>,
    outlets: Outlets,
    interval: Duration,
    /// The instant of the last report.
    reported: Option<Instant>,
    /// The instant of the last check, and how many lines were lost by then.
    looked: Option<(Instant, u64)>,
}

impl Losses {
    /// Reports the losses if a report is due. `lost` is a cheap sign of whether there are any. It does not include
    /// what UDP refused, so the destinations are checked now and then anyway.
    fn report_if_due(&mut self, lost: u64) {
        let now = Instant::now();
        let recent = |then: Instant| now.duration_since(then) < self.interval;
        let known = self.looked.is_some_and(|(then, before)| before == lost && recent(then));
        if known || self.reported.is_some_and(recent) {
            return;
        }
        self.looked = Some((now, lost));
        if self.report_all() {
            self.reported = Some(now);
        }
    }

    /// Reports all losses; returns whether there were any.
    fn report_all(&mut self) -> bool {
        let notices: Vec<Notice> =
            living(&self.outlets).iter().filter_map(|outlet| outlet.unreported()).collect();
        notices.iter().for_each(|notice| (self.report)(notice));
        !notices.is_empty()
    }
}
