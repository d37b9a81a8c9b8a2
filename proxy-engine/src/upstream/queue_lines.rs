//! The sessions that wait for slots of a backend's servers, in the order in which they joined. Only data:
//! [`queue`](super::queue) decides which one is served.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The queues of a backend and of its servers.
#[derive(Debug)]
pub(crate) struct Waiters {
    lines: Mutex<Lines>,
    /// The number of sessions in all queues.
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
    /// The waiting sessions by ticket, in the order of arrival.
    waiting: BTreeMap<u64, Entry>,
    /// The number of sessions that were called.
    called: u64,
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
    /// The server is gone: the session has to choose again.
    ChooseAgain,
}

/// The part of a queue entry that the session holds.
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

    pub(super) fn join(&mut self, queue: Queue, claim: Claim) -> Ticket {
        let (sender, receiver) = oneshot::channel();
        self.tickets += 1;
        let number = self.tickets;
        let line = self.line(queue);
        let called_before = line.called;
        line.waiting.insert(number, Entry { claim, called_before, sender });
        Ticket { number, called_before, receiver }
    }

    /// Returns the queue, of the server or of the backend, whose first session joined earlier; the backend's counts
    /// only if its sessions may use this server.
    pub(super) fn first(&self, server: usize, serves_all: bool) -> Option<Queue> {
        let head = |line: &Line| line.waiting.first_key_value().map(|(ticket, _)| *ticket);
        let own = head(&self.servers[server]).map(|ticket| (ticket, Queue::Server(server)));
        let backend = head(&self.backend).map(|ticket| (ticket, Queue::Backend)).filter(|_| serves_all);
        own.into_iter().chain(backend).min_by_key(|(ticket, _)| *ticket).map(|(_, queue)| queue)
    }
}

impl Line {
    /// Returns the number of sessions that were called.
    pub(super) fn called(&self) -> u64 {
        self.called
    }

    /// Returns whether the session with this ticket was not called yet.
    pub(super) fn waits(&self, ticket: u64) -> bool {
        self.waiting.contains_key(&ticket)
    }

    /// Removes the first session, to be called.
    pub(super) fn pop(&mut self) -> Option<Head> {
        let (_, Entry { called_before, sender, .. }) = self.waiting.pop_first()?;
        self.called += 1;
        Some(Head { position: self.called - called_before, sender })
    }

    /// Removes the session with this ticket. Returns `false` if it was called already.
    pub(super) fn leave(&mut self, ticket: u64) -> bool {
        self.waiting.remove(&ticket).is_some()
    }

    /// Tells all sessions with certain claims to choose again. Returns their number.
    pub(super) fn dismiss(&mut self, is_dismissed: impl Fn(Claim) -> bool) -> usize {
        let dismissed = self.waiting.extract_if(.., |_, entry| is_dismissed(entry.claim));
        dismissed.fold(0, |count, (_, entry)| {
            // A session that is leaving is not notified.
            let _ = entry.sender.send(Call::ChooseAgain);
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
