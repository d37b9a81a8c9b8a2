//! Queues for slots of servers: exact, first come, first served, unless rules have set priorities. `dispatch.rs` limits
//! the time that a session waits.
//!
//! A session whose server is full waits in the queue of that server; one that may use any server waits in that of the
//! backend. A released slot goes directly to the session that comes first, of both queues, and is never
//! free in between, so waiting sessions of equal priority do not overtake each other. A new session can: it reads counts without the
//! lock and, as in HAProxy, only those of the server that it was assigned to. So it may take a slot that is free for a
//! moment, because another session is just joining a queue or the server has just become usable.
//!
//! ```text
//!  join:    enter the queue under the lock, count, then check for free slots   ┐ all sequentially consistent, so that
//!  release: free the slot, then check the count                                │ one of two sees the other
//!  change:  change the server, then check the count                            ┘
//! ```
//!
//! The lock covers only the queues, and is taken only by sessions that wait or find one waiting. Without them a slot
//! costs one atomic operation to take, one to release, and the read of a count that nobody writes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::backend::Backend;
use super::queue_lines::{Call, Claim, Lines, Queue, Standing, Ticket};
use super::slot::ServerSlot;
use super::state::{Operational, StateView};
use crate::balance::Group;
use crate::policy::Redispatch;

/// A position in a queue. Dropping it leaves the queue.
#[derive(Debug)]
pub(crate) struct Waiting {
    backend: Arc<Backend>,
    queue: Queue,
    ticket: Ticket,
}

/// The result of waiting in a queue.
#[derive(Debug)]
pub(crate) enum Called {
    /// A slot, and the session's position in the queue when it joined, from 1.
    Slot(ServerSlot, u64),
    /// The server is gone: the session has to choose again. Its position in the queue likewise.
    ChooseAgain(u64),
}

/// The sessions that have left queues because of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requeued {
    /// Those that choose again.
    pub(super) dismissed: usize,
    /// Those that got a slot.
    pub(super) called: usize,
}

impl Backend {
    pub(super) fn join(self: &Arc<Self>, queue: Queue, standing: Standing) -> Waiting {
        let mut lines = self.waiters.lock();
        let is_first = lines.line(queue).is_empty();
        let ticket = lines.join(queue, standing);
        self.waiters.joined();
        match queue {
            Queue::Backend => self.counters().queue_grew(),
            Queue::Server(index) => {
                self.servers()[index].counters().queue_grew();
                self.load_changed(index);
            }
        }
        // Servers may have changed and slots become free since the session chose.
        self.dismiss_in_vain(&mut lines, queue);
        match queue {
            // While others wait, each slot that becomes free is passed on. Only a limit that rises with the load does not.
            Queue::Backend if is_first || self.has_varying_limits() => self.serve_any(&mut lines),
            Queue::Backend => 0,
            Queue::Server(index) => self.serve(&mut lines, index),
        };
        drop(lines);
        Waiting { backend: Arc::clone(self), queue, ticket }
    }

    /// Gives free slots of a server to sessions that wait for them. Returns the number of slots.
    fn serve(self: &Arc<Self>, lines: &mut Lines, index: usize) -> usize {
        let mut called = 0;
        while let Some(queue) = lines.first(index, self.serves_all(index)) {
            if !self.try_take_slot(index) {
                break;
            }
            self.call(lines, queue, index);
            called += 1;
        }
        called
    }

    /// Gives free slots of all servers to sessions that wait for them. Returns the number of slots.
    fn serve_any(self: &Arc<Self>, lines: &mut Lines) -> usize {
        (0..self.servers().len()).map(|index| self.serve(lines, index)).sum()
    }

    /// Returns whether sessions in the queue of the backend may use this server.
    pub(super) fn serves_all(&self, index: usize) -> bool {
        let server = &self.servers()[index];
        server.is_usable()
            && match self.group() {
                Group::Empty => false,
                Group::Primaries => !server.config().backup,
                Group::Backups => true,
                Group::One(only) => only == index,
            }
    }

    /// Gives a slot that was taken to the first session of a queue.
    fn call(&self, lines: &mut Lines, queue: Queue, server: usize) {
        let is_taken = lines.line(queue).pop().is_some_and(|head| {
            self.left_queue(queue);
            head.tell(server)
        });
        if !is_taken {
            self.leave_slot(server);
        }
    }

    fn left_queue(&self, queue: Queue) {
        self.waiters.left();
        match queue {
            Queue::Backend => self.counters().queue_shrank(),
            Queue::Server(index) => {
                self.servers()[index].counters().queue_shrank();
                self.load_changed(index);
            }
        }
    }

    /// Releases the slot of a session, or passes it on to one that waits.
    pub(super) fn release(self: &Arc<Self>, index: usize) {
        let server = &self.servers()[index];
        if server.maxconn().is_none() {
            self.leave_slot(index);
            // Sessions wait for a server without a limit only if they have chosen it while it had one.
            if self.waiters.any() {
                self.serve(&mut self.waiters.lock(), index);
            }
            return;
        }
        if self.waiters.any() {
            let mut lines = self.waiters.lock();
            let is_within = server.limit().is_none_or(|limit| server.counters().current() <= limit);
            if is_within && let Some(queue) = lines.first(index, self.serves_all(index)) {
                server.counters().passed_on();
                self.call(&mut lines, queue, index);
                // That session may have left, and others may be waiting.
                self.serve(&mut lines, index);
                return;
            }
        }
        self.leave_slot(index);
        if self.waiters.any() {
            self.serve(&mut self.waiters.lock(), index);
        }
    }

    /// Handles a change of a server's state or weight: sessions that wait in vain choose again, and free slots are
    /// given to the others.
    pub(super) fn requeue(self: &Arc<Self>, index: usize) -> Requeued {
        if !self.waiters.any() {
            return Requeued::default();
        }
        let mut lines = self.waiters.lock();
        let dismissed = self.dismiss_in_vain(&mut lines, Queue::Server(index))
            + self.dismiss_in_vain(&mut lines, Queue::Backend);
        let called = match self.group() {
            // The others have not changed, and neither has what may be done with them.
            Group::Primaries => self.serve(&mut lines, index),
            _ => self.serve_any(&mut lines),
        };
        Requeued { dismissed, called }
    }

    /// Makes those sessions of a queue choose again that have no server left that they could wait for, or may go to
    /// another one. Returns their number.
    fn dismiss_in_vain(&self, lines: &mut Lines, queue: Queue) -> usize {
        let dismissed = match queue {
            Queue::Backend => match self.group() {
                Group::Empty => lines.line(queue).dismiss(|_| true),
                _ => 0,
            },
            Queue::Server(index) => {
                let StateView { admin, operational, .. } = self.servers()[index].state().view();
                let is_gone = admin.is_in_maintenance();
                let takes_none = admin.is_drained() || !operational.takes_sessions();
                if !is_gone && !takes_none {
                    return 0;
                }
                let redispatches = self.config.redispatch != Redispatch::Off;
                let may_leave = redispatches && !self.config.persists;
                // As in HAProxy, which serves them from that server only if both options are set.
                let persists = redispatches && self.config.persists;
                lines.line(queue).dismiss(|claim| match claim {
                    Claim::Balanced => is_gone || may_leave,
                    Claim::Direct => is_gone && !persists || may_leave && operational == Operational::Stopped,
                    Claim::Forced => false,
                })
            }
        };
        (0..dismissed).for_each(|_| self.left_queue(queue));
        dismissed
    }
}

impl Waiting {
    /// Returns the queue.
    pub(crate) fn queue(&self) -> Queue {
        self.queue
    }

    /// Returns the position of a session that gives up, from 1: the number of sessions called since it joined, and one
    /// if it was not called itself.
    pub(crate) fn position(&self) -> u64 {
        let mut lines = self.backend.waiters.lock();
        let line = lines.line(self.queue);
        line.called() - self.ticket.called_before + u64::from(line.waits(self.ticket.rank))
    }
}

impl Future for Waiting {
    type Output = Called;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Called> {
        // A sender is never dropped unused while its receiver waits.
        let call = Pin::new(&mut self.ticket.receiver).poll(cx);
        call.map(|call| match call {
            Ok(Call::Slot { server, position }) => {
                Called::Slot(ServerSlot::new(&self.backend, server), position)
            }
            Ok(Call::ChooseAgain { position }) => Called::ChooseAgain(position),
            Err(_) => Called::ChooseAgain(0),
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let has_left = self.backend.waiters.lock().line(self.queue).leave(self.ticket.rank);
        if has_left {
            self.backend.left_queue(self.queue);
        }
        // A slot may have been sent that was never received.
        if let Ok(Call::Slot { server, .. }) = self.ticket.receiver.try_recv() {
            drop(ServerSlot::new(&self.backend, server));
        }
    }
}
