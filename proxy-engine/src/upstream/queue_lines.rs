//! The sessions that wait for slots of a backend's servers, in the order of their priorities and, of equal ones, that in
//! which they joined. Only data: [`queue`](super::queue) decides which one is served.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_rules::Priority;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The queues of a backend and of its servers.
#[derive(Debug)]
pub(crate) struct Waiters {
    lines: Mutex<Lines>,
    /// The number of sessions in all queues.
    pending: AtomicUsize,
}

#[derive(Debug)]
pub(super) struct Lines {
    /// From when times of arrival count.
    began: Instant,
    tickets: u64,
    backend: Line,
    servers: Vec<Line>,
}

/// One queue.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The waiting sessions, in the order in which they are called.
    waiting: BTreeMap<Rank, Entry>,
    /// The number of sessions that were called.
    called: u64,
}

/// The place of a session in all queues of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    class: i16,
    /// The time of its arrival in milliseconds, with its offset.
    time: i64,
    /// A number that no other session has: of those with the same time, the first to join is the first.
    ticket: u64,
}

/// A waiting session.
#[derive(Debug)]
struct Entry {
    claim: Claim,
    /// The number of sessions that were called before it joined.
    called_before: u64,
    sender: oneshot::Sender<Call>,
}

/// Why a session waits for a server, which decides whether it goes on waiting when that is out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The balancing algorithm has chosen the server, or any one will do.
    Balanced,
    /// A cookie or a rule has chosen it.
    Direct,
    /// Likewise, and the session has to go there even if the server is down.
    Forced,
}

/// How a session stands in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) claim: Claim,
    pub(crate) priority: Priority,
}

/// The name of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    Backend,
    Server(usize),
}

/// The message to a waiting session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// The session has a slot of this server. `position` is its position when it joined, from 1.
    Slot { server: usize, position: u64 },
    /// The server is gone: the session has to choose again. `position` is likewise that when it joined.
    ChooseAgain { position: u64 },
}

/// The part of a queue entry that the session holds.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) rank: Rank,
    pub(super) called_before: u64,
    pub(super) receiver: oneshot::Receiver<Call>,
}

impl Waiters {
    pub(super) fn new(servers: usize) -> Waiters {
        let servers = (0..servers).map(|_| Line::default()).collect();
        let lines = Lines { began: Instant::now(), tickets: 0, backend: Line::default(), servers };
        Waiters { lines: Mutex::new(lines), pending: AtomicUsize::new(0) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether any session waits.
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

    pub(super) fn join(&mut self, queue: Queue, standing: Standing) -> Ticket {
        let (sender, receiver) = oneshot::channel();
        self.tickets += 1;
        let Standing { claim, priority: Priority { class, offset } } = standing;
        let since = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let time = since.saturating_add(offset.into());
        let rank = Rank { class, time, ticket: self.tickets };
        let line = self.line(queue);
        let called_before = line.called;
        line.waiting.insert(rank, Entry { claim, called_before, sender });
        Ticket { rank, called_before, receiver }
    }

    /// Returns the queue, of the server or of the backend, whose first session comes first; the backend's counts only if
    /// its sessions may use this server.
    pub(super) fn first(&self, server: usize, serves_all: bool) -> Option<Queue> {
        let head = |line: &Line| line.waiting.first_key_value().map(|(rank, _)| *rank);
        let own = head(&self.servers[server]).map(|rank| (rank, Queue::Server(server)));
        let backend = head(&self.backend).map(|rank| (rank, Queue::Backend)).filter(|_| serves_all);
        own.into_iter().chain(backend).min_by_key(|(rank, _)| *rank).map(|(_, queue)| queue)
    }
}

impl Line {
    /// Returns whether no session waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns the number of sessions that were called.
    pub(super) fn called(&self) -> u64 {
        self.called
    }

    /// Returns whether the session with this rank was not called yet.
    pub(super) fn waits(&self, rank: Rank) -> bool {
        self.waiting.contains_key(&rank)
    }

    /// Removes the first session, to be called.
    pub(super) fn pop(&mut self) -> Option<Head> {
        let (_, Entry { called_before, sender, .. }) = self.waiting.pop_first()?;
        self.called += 1;
        Some(Head { position: self.called - called_before, sender })
    }

    /// Removes the session with this rank. Returns `false` if it was called already.
    pub(super) fn leave(&mut self, rank: Rank) -> bool {
        self.waiting.remove(&rank).is_some()
    }

    /// Tells all sessions with certain claims to choose again. Returns their number.
    pub(super) fn dismiss(&mut self, is_dismissed: impl Fn(Claim) -> bool) -> usize {
        let called = self.called;
        let dismissed = self.waiting.extract_if(.., |_, entry| is_dismissed(entry.claim));
        dismissed.fold(0, |count, (_, entry)| {
            let position = called - entry.called_before + 1;
            // A session that is leaving is not notified.
            let _ = entry.sender.send(Call::ChooseAgain { position });
            count + 1
        })
    }
}

/// A session that was the first of its queue.
#[derive(Debug)]
pub(super) struct Head {
    position: u64,
    sender: oneshot::Sender<Call>,
}

impl Head {
    /// Gives the session a slot. Returns `false` if it has left.
    pub(super) fn tell(self, server: usize) -> bool {
        self.sender.send(Call::Slot { server, position: self.position }).is_ok()
    }
}
