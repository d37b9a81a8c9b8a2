//! The thread that frames and sends the lines of all loggers.
//!
//! One queue for all workers, `std`'s bounded channel: its memory is [`SinkLimits::lines`] slots of about 100 bytes, made
//! once, and [`SinkLimits::bytes`] of text at most. A queue for each worker would save them the shared counters, and
//! would need a bound for each and an order among them.

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

/// How much may wait, and how often losses are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinkLimits {
    /// Lines that may wait; a line for two targets counts twice.
    pub lines: usize,
    /// Bytes that they may have together.
    pub bytes: usize,
    /// The shortest time between two notices about one destination.
    pub say_every: Duration,
}

/// 8192 lines and 8 MiB: a hundred milliseconds of a busy proxy. Losses are said every ten seconds.
impl Default for SinkLimits {
    fn default() -> SinkLimits {
        SinkLimits { lines: 8192, bytes: 8 << 20, say_every: Duration::from_secs(10) }
    }
}

/// After lines were written, how long the thread lets more gather before it waits to be woken: waking it for each line
/// costs a worker more than the line.
const GATHER: Duration = Duration::from_millis(1);
/// The thread looks around no more often than this when there is nothing to do, however often losses may be said.
const SHORTEST_NAP: Duration = Duration::from_secs(1);

/// How the end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Whether everything that was queued was sent or tried, and all losses said.
    pub complete: bool,
    /// Lines that still waited when the time was up. If the thread ever goes on it counts them as lost.
    pub waiting: usize,
}

type Outlets = Arc<Mutex<Vec<Weak<Outlet>>>>;

/// The sink. Dropped without [`Sink::finish`] it still sends what is queued, and nobody waits for it.
pub struct Sink {
    queue: SyncSender<Message>,
    shared: Arc<Shared>,
    outlets: Outlets,
    /// Ends with the thread. In a lock so that a sink can be shared; only the end takes it.
    ended: Mutex<Receiver<()>>,
}

impl Sink {
    /// Starts the thread. It calls `say` when lines were lost: at once for the first, then only now and then. Whatever
    /// that does holds up the lines, and no worker.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn start(limits: SinkLimits, say: impl FnMut(&Notice) + Send + 'static) -> io::Result<Sink> {
        let (queue, waiting) = sync_channel(limits.lines);
        let (alive, ended) = sync_channel(0);
        let shared = Arc::new(Shared::new(limits.bytes));
        let outlets = Outlets::default();
        let worker = Worker {
            waiting,
            shared: Arc::clone(&shared),
            losses: Losses {
                say: Box::new(say),
                outlets: Arc::clone(&outlets),
                every: limits.say_every,
                said: None,
                looked: None,
            },
        };
        std::thread::Builder::new().name("log".into()).spawn(move || {
            worker.run();
            drop(alive);
        })?;
        Ok(Sink { queue, shared, outlets, ended: Mutex::new(ended) })
    }

    /// A logger for the targets of one proxy. Sockets are opened with the first line; descriptors are duplicated now,
    /// and one that is not open loses its lines, counted.
    pub fn logger(&self, list: LogList) -> Logger {
        let identity = Arc::new(list.identity);
        let entry = |target: crate::LogTarget| {
            let outlet = self.outlet(&target.destination);
            Entry::new(target, &identity, outlet)
        };
        let entries = list.targets.into_iter().map(entry).collect();
        Logger::new(entries, self.queue.clone(), Arc::clone(&self.shared))
    }

    /// Lines lost so far, on their way to any destination.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// What became of the lines for each destination that has a logger.
    pub fn counts(&self) -> Vec<(Destination, Counts)> {
        let alive = living(&self.outlets);
        alive.into_iter().map(|outlet| (outlet.destination.clone(), outlet.tally.counts())).collect()
    }

    /// Takes no more lines, sends what is queued, and waits for that no longer than `limit`.
    pub fn finish(self, limit: Duration) -> Finished {
        self.close();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let complete = ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected);
        self.shared.abandoned.store(!complete, Ordering::Relaxed);
        Finished { complete, waiting: self.shared.waiting.load(Ordering::Relaxed) }
    }

    fn close(&self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        // If the queue is full the thread is not asleep.
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

/// The thread's end of it.
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
                losses.say_if_due(shared.lost.load(Ordering::Relaxed));
                continue;
            }
            if std::mem::take(&mut has_written) && !shared.closed.load(Ordering::Relaxed) {
                // Whoever queues a line while nobody waits for it need not wake anybody.
                std::thread::park_timeout(GATHER);
                continue;
            }
            // An error says whether there is nothing left to wait for.
            let message = if shared.closed.load(Ordering::Relaxed) {
                waiting.try_recv().map_err(|_| true)
            } else {
                // It wakes now and then to say what workers lost after its last look.
                waiting
                    .recv_timeout(losses.every.max(SHORTEST_NAP))
                    .map_err(|error| error != RecvTimeoutError::Timeout)
            };
            match message {
                Ok(Message::Line(job)) => job.deliver(&mut buffer),
                Ok(Message::Wake) | Err(false) => {}
                Err(true) => break,
            }
            losses.say_if_due(shared.lost.load(Ordering::Relaxed));
        }
        // What was queued since the last look is counted by being dropped.
        drop(waiting);
        losses.say_all();
    }
}

/// Says what was lost, and not too often.
struct Losses {
    say: Box<dyn FnMut(&Notice) + Send>,
    outlets: Outlets,
    every: Duration,
    /// When something was said last.
    said: Option<Instant>,
    /// When it was last asked whether there is something to say, and how many lines were lost by then.
    looked: Option<(Instant, u64)>,
}

impl Losses {
    /// `lost` tells at no cost whether to ask at all. It does not know what UDP refused, so now and then it is asked
    /// anyway.
    fn say_if_due(&mut self, lost: u64) {
        let now = Instant::now();
        let recent = |then: Instant| now.duration_since(then) < self.every;
        let known = self.looked.is_some_and(|(then, before)| before == lost && recent(then));
        if known || self.said.is_some_and(recent) {
            return;
        }
        self.looked = Some((now, lost));
        if self.say_all() {
            self.said = Some(now);
        }
    }

    /// Whether there was something to say.
    fn say_all(&mut self) -> bool {
        let notices: Vec<Notice> =
            living(&self.outlets).iter().filter_map(|outlet| outlet.unsaid()).collect();
        notices.iter().for_each(|notice| (self.say)(notice));
        !notices.is_empty()
    }
}
