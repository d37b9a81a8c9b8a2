//! The sessions that wait for slots of a backend's servers, in the order in which they joined. Only data: who is served
//! when is decided in [`queue`](super::queue).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Those of a backend and of its servers.
#[derive(Debug)]
pub(crate) struct Waiters {
    lines: Mutex<Lines>,
    /// Sessions in all queues.
    pending: AtomicUsize,
}

#[derive(Debug)]
pub(super) struct Lines {
    tickets: u64,
    backend: Line,
    servers: Vec<Line>,
}

/// One queue.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// By ticket, which is by arrival; with what `called` was then.
    waiting: BTreeMap<u64, (u64, oneshot::Sender<Call>)>,
    /// Sessions that got what they waited for.
    called: u64,
}

/// Which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    Backend,
    Server(usize),
}

/// What a waiting session is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// A slot of this server is its own, and its position in the queue when it joined, from 1.
    Slot { server: usize, position: u64 },
    /// Its server is gone: choose again.
    ChooseAgain,
}

/// What a session that joined a queue has to know.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) number: u64,
    pub(super) called_before: u64,
    pub(super) receiver: oneshot::Receiver<Call>,
}

impl Waiters {
    pub(super) fn new(servers: usize) -> Waiters {
        let servers = (0..servers).map(|_| Line::default()).collect();
        let lines = Lines { tickets: 0, backend: Line::default(), servers };
        Waiters { lines: Mutex::new(lines), pending: AtomicUsize::new(0) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether any session waits.
    pub(super) fn any(&self) -> bool {
        self.pending.load(SeqCst) > 0
    }

    pub(super) fn joined(&self) {
        self.pending.fetch_add(1, SeqCst);
    }

    pub(super) fn left(&self) {
        self.pending.fetch_sub(1, SeqCst);
    }
}

impl Lines {
    pub(super) fn line(&mut self, queue: Queue) -> &mut Line {
        match queue {
            Queue::Backend => &mut self.backend,
            Queue::Server(index) => &mut self.servers[index],
        }
    }

    pub(super) fn join(&mut self, queue: Queue) -> Ticket {
        let (sender, receiver) = oneshot::channel();
        self.tickets += 1;
        let number = self.tickets;
        let line = self.line(queue);
        let called_before = line.called;
        line.waiting.insert(number, (called_before, sender));
        Ticket { number, called_before, receiver }
    }

    /// Of the queue of a server and that of the backend, the one whose head joined first; the backend's only if its
    /// sessions may be given to this server.
    pub(super) fn first(&self, server: usize, serves_all: bool) -> Option<Queue> {
        let head = |line: &Line| line.waiting.first_key_value().map(|(ticket, _)| *ticket);
        let own = head(&self.servers[server]).map(|ticket| (ticket, Queue::Server(server)));
        let backend = head(&self.backend).map(|ticket| (ticket, Queue::Backend)).filter(|_| serves_all);
        own.into_iter().chain(backend).min_by_key(|(ticket, _)| *ticket).map(|(_, queue)| queue)
    }
}

impl Line {
    /// Sessions that got what they waited for.
    pub(super) fn called(&self) -> u64 {
        self.called
    }

    /// Whether this one has not been told anything yet.
    pub(super) fn waits(&self, ticket: u64) -> bool {
        self.waiting.contains_key(&ticket)
    }

    /// Takes the head out, to be told.
    pub(super) fn pop(&mut self) -> Option<Head> {
        let (_, (called_before, waiting)) = self.waiting.pop_first()?;
        self.called += 1;
        Some(Head { position: self.called - called_before, waiting })
    }

    /// Leaves before it was told anything; `false` if it was.
    pub(super) fn leave(&mut self, ticket: u64) -> bool {
        self.waiting.remove(&ticket).is_some()
    }

    /// Tells all of them to choose again. Returns how many there were.
    pub(super) fn dismiss(&mut self) -> usize {
        let all = std::mem::take(&mut self.waiting);
        let count = all.len();
        for (_, (_, waiting)) in all {
            // One that is leaving need not know.
            let _ = waiting.send(Call::ChooseAgain);
        }
        count
    }
}

/// A session that was at the head of its queue.
#[derive(Debug)]
pub(super) struct Head {
    position: u64,
    waiting: oneshot::Sender<Call>,
}

impl Head {
    /// Tells it of a slot; `false` if it is leaving and will not take it.
    pub(super) fn tell(self, server: usize) -> bool {
        self.waiting.send(Call::Slot { server, position: self.position }).is_ok()
    }
}
