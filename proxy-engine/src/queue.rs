//! Slots of servers and the queues of those who wait for one: exact, first come first served.
//!
//! A session that was led to a full server waits in that server's queue; one that any server would suit waits in the
//! backend's. A slot that is given back goes straight to whoever has waited longest for it, of both queues, and is not
//! free in between, so nobody of those who wait overtakes another. A newcomer can: it looks at counts without the lock,
//! and as with HAProxy, one led to a server looks at that server's queue only. So it may take a slot that is free for a
//! moment, because somebody is just joining a queue or the server has just come back.
//!
//! ```text
//!  join: queue under the lock, count it, then look around       ┐ in one order of both (sequentially consistent)
//!  release: give the slot back, then look at the count          │ one sees the other
//!  change:  of a server; then look at the count                 ┘
//! ```
//!
//! The lock is a short one around the queues and is taken only by those who wait or find somebody waiting; without
//! waiters a slot costs one atomic to take and one to give back, and a look at a count that nobody writes.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::balance::{Asked, Choice, Group};
use crate::server::Server;

/// The queues of a backend and of its servers.
#[derive(Debug)]
pub(crate) struct Queues {
    lines: Mutex<Lines>,
    /// Sessions in all of them.
    pending: AtomicUsize,
}

#[derive(Debug)]
struct Lines {
    tickets: u64,
    backend: Line,
    servers: Vec<Line>,
}

#[derive(Debug, Default)]
struct Line {
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
#[derive(Debug)]
pub(crate) enum Call {
    /// Its slot, and its place in the queue when it came, from 1.
    Slot(Slot, u64),
    /// Its server is gone: choose again.
    ChooseAgain,
}

/// A place in a queue. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    backend: Arc<Backend>,
    queue: Queue,
    ticket: u64,
    called_before: u64,
    receiver: oneshot::Receiver<Call>,
}

/// A slot of a server. Given back, or on to who waits for it, when dropped.
pub(crate) struct Slot {
    backend: Arc<Backend>,
    server: usize,
    held: bool,
}

/// What came of looking for a server.
#[derive(Debug)]
pub(crate) enum Assigned {
    /// A slot of it.
    Slot(Slot),
    /// A place in a queue.
    Waiting(Waiting),
    /// The server that the session was led to is full, and so is its queue.
    Full(Arc<Server>),
    /// There is none that could be used.
    NoServer,
}

impl Queues {
    pub(crate) fn new(servers: usize) -> Queues {
        let servers = (0..servers).map(|_| Line::default()).collect();
        let lines = Lines { tickets: 0, backend: Line::default(), servers };
        Queues { lines: Mutex::new(lines), pending: AtomicUsize::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn line(&mut self, queue: Queue) -> &mut Line {
        match queue {
            Queue::Backend => &mut self.backend,
            Queue::Server(index) => &mut self.servers[index],
        }
    }
}

impl Backend {
    /// Leads a session to a server, or to a queue.
    pub(crate) fn assign(self: &Arc<Self>, asked: Asked<'_>, avoid: Option<usize>) -> Assigned {
        let balance = &self.config.balance;
        let group = self.group();
        let chosen = match group {
            Group::Empty => return Assigned::NoServer,
            Group::One(index) => Some(index),
            Group::Primaries | Group::Backups => {
                if balance.is_full_with_a_queue() && self.tally().queued() > 0 {
                    None
                } else {
                    let (servers, epoch) = (self.servers(), self.epoch());
                    balance.choose(&Choice { servers, group, epoch, avoid, asked })
                }
            }
        };
        let Some(index) = chosen else { return Assigned::Waiting(self.join(Queue::Backend)) };
        let server = &self.servers()[index];
        if let Some(slot) = self.slot(index) {
            return Assigned::Slot(slot);
        }
        let maxqueue = server.config().maxqueue.unwrap_or(0);
        if maxqueue > 0 && server.tally().queued() >= maxqueue {
            return Assigned::Full(Arc::clone(server));
        }
        Assigned::Waiting(self.join(Queue::Server(index)))
    }

    /// Leads a session to the server that it was on before, or nowhere if that one has no room or cannot be used.
    pub(crate) fn assign_to(self: &Arc<Self>, index: usize) -> Option<Assigned> {
        let usable = self.servers().get(index).is_some_and(|server| server.is_usable());
        usable.then(|| self.slot(index)).flatten().map(Assigned::Slot)
    }

    /// A slot, if there is one that nobody waits for.
    fn slot(self: &Arc<Self>, index: usize) -> Option<Slot> {
        let server = &self.servers()[index];
        (server.tally().queued() == 0).then(|| self.free_slot(index)).flatten()
    }

    /// A slot, if one is free.
    fn free_slot(self: &Arc<Self>, index: usize) -> Option<Slot> {
        let server = &self.servers()[index];
        match server.config().maxconn {
            None => server.tally().arrived(),
            Some(limit) if server.tally().try_arrive(limit) => {}
            Some(_) => return None,
        }
        Some(Slot { backend: Arc::clone(self), server: index, held: true })
    }

    fn join(self: &Arc<Self>, queue: Queue) -> Waiting {
        let (sender, receiver) = oneshot::channel();
        let mut lines = self.queues.lock();
        lines.tickets += 1;
        let ticket = lines.tickets;
        let line = lines.line(queue);
        let called_before = line.called;
        line.waiting.insert(ticket, (called_before, sender));
        self.queues.pending.fetch_add(1, SeqCst);
        match queue {
            Queue::Backend => self.tally().queue_grew(),
            Queue::Server(index) => self.servers()[index].tally().queue_grew(),
        }
        // What changed and what became free since the session looked.
        self.dismiss_in_vain(&mut lines, queue);
        match queue {
            Queue::Backend => (0..self.servers().len()).for_each(|index| self.serve(&mut lines, index)),
            Queue::Server(index) => self.serve(&mut lines, index),
        }
        drop(lines);
        Waiting { backend: Arc::clone(self), queue, ticket, called_before, receiver }
    }

    /// Gives free slots of a server to those who wait for them.
    fn serve(self: &Arc<Self>, lines: &mut Lines, index: usize) {
        while let Some(queue) = self.whose_turn(lines, index) {
            let Some(slot) = self.free_slot(index) else { return };
            self.call(lines, queue, slot);
        }
    }

    /// The queue whose head has waited longest for a slot of a server.
    fn whose_turn(&self, lines: &Lines, index: usize) -> Option<Queue> {
        let head = |line: &Line| line.waiting.first_key_value().map(|(ticket, _)| *ticket);
        let server = head(&lines.servers[index]).map(|ticket| (ticket, Queue::Server(index)));
        let backend = head(&lines.backend).map(|ticket| (ticket, Queue::Backend));
        let backend = backend.filter(|_| self.serves_all(index));
        server.into_iter().chain(backend).min_by_key(|(ticket, _)| *ticket).map(|(_, queue)| queue)
    }

    /// Whether sessions that any server would suit may be given to this one.
    fn serves_all(&self, index: usize) -> bool {
        let server = &self.servers()[index];
        server.is_usable()
            && match self.group() {
                Group::Empty => false,
                Group::Primaries => !server.config().backup,
                Group::Backups => true,
                Group::One(only) => only == index,
            }
    }

    /// Gives a slot to the head of a queue.
    fn call(&self, lines: &mut Lines, queue: Queue, slot: Slot) {
        let line = lines.line(queue);
        let refused = match line.waiting.pop_first() {
            None => Some(Call::Slot(slot, 0)),
            Some((_, (called_before, waiting))) => {
                line.called += 1;
                let place = line.called - called_before;
                self.left_queue(queue);
                waiting.send(Call::Slot(slot, place)).err()
            }
        };
        if let Some(Call::Slot(mut slot, _)) = refused {
            // It is leaving and will not take it. Dropping the slot would ask for the lock that is held.
            slot.held = false;
            self.servers()[slot.server].tally().left();
        }
    }

    fn left_queue(&self, queue: Queue) {
        self.queues.pending.fetch_sub(1, SeqCst);
        match queue {
            Queue::Backend => self.tally().queue_shrank(),
            Queue::Server(index) => self.servers()[index].tally().queue_shrank(),
        }
    }

    /// A session has done with a slot.
    fn release(self: &Arc<Self>, index: usize) {
        let server = &self.servers()[index];
        if server.config().maxconn.is_none() {
            // Nobody waits for one of these.
            server.tally().left();
            return;
        }
        if self.queues.pending.load(SeqCst) > 0 {
            let mut lines = self.queues.lock();
            if let Some(queue) = self.whose_turn(&lines, index) {
                server.tally().passed_on();
                let slot = Slot { backend: Arc::clone(self), server: index, held: true };
                self.call(&mut lines, queue, slot);
                // Its receiver may have left, and others may be waiting.
                self.serve(&mut lines, index);
                return;
            }
        }
        server.tally().left();
        if self.queues.pending.load(SeqCst) > 0 {
            self.serve(&mut self.queues.lock(), index);
        }
    }

    /// A server has come, gone or got another weight: those who wait are led anew where that matters.
    pub(crate) fn usable_servers_changed(self: &Arc<Self>, index: usize) {
        if self.queues.pending.load(SeqCst) == 0 {
            return;
        }
        let mut lines = self.queues.lock();
        self.dismiss_in_vain(&mut lines, Queue::Server(index));
        self.dismiss_in_vain(&mut lines, Queue::Backend);
        (0..self.servers().len()).for_each(|index| self.serve(&mut lines, index));
    }

    /// Has all of a queue choose again if there is nothing left that they could wait for.
    fn dismiss_in_vain(&self, lines: &mut Lines, queue: Queue) {
        let in_vain = match queue {
            Queue::Backend => self.group() == Group::Empty,
            Queue::Server(index) => self.servers()[index].is_in_maintenance(),
        };
        if in_vain {
            self.dismiss(lines, queue);
        }
    }

    /// Has all of a queue choose again.
    fn dismiss(&self, lines: &mut Lines, queue: Queue) {
        for (_, (_, waiting)) in std::mem::take(&mut lines.line(queue).waiting) {
            self.left_queue(queue);
            let _ = waiting.send(Call::ChooseAgain);
        }
    }
}

impl Waiting {
    /// In which queue.
    pub(crate) fn queue(&self) -> Queue {
        self.queue
    }

    /// For a session that gives up: how many of those before it have got what they waited for, and one.
    pub(crate) fn place(&self) -> u64 {
        self.backend.queues.lock().line(self.queue).called - self.called_before + 1
    }
}

impl Future for Waiting {
    type Output = Call;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Call> {
        // A sender is never dropped unused while its receiver waits.
        Pin::new(&mut self.receiver).poll(cx).map(|call| call.unwrap_or(Call::ChooseAgain))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut lines = self.backend.queues.lock();
        if lines.line(self.queue).waiting.remove(&self.ticket).is_some() {
            self.backend.left_queue(self.queue);
        }
    }
}

impl Slot {
    pub(crate) fn index(&self) -> usize {
        self.server
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.backend.servers()[self.server]
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.held {
            self.backend.release(self.server);
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("server", &self.server).field("held", &self.held).finish_non_exhaustive()
    }
}
