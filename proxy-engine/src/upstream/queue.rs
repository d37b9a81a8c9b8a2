//! Queueing for a slot of a server: exact, first come first served. How long a session waits here is up to `dispatch.rs`.
//!
//! A session that was led to a full server waits in that server's queue; one that any server would suit waits in the
//! backend's. A slot that is given back goes straight to the session that has waited longest for it, of both queues, and
//! is not free in between, so none of those that wait overtakes another. A newcomer can: it looks at counts without the
//! lock, and as with HAProxy, one led to a server looks at that server's queue only. So it may take a slot that is free
//! for a moment, because another session is just joining a queue or the server has just come back.
//!
//! ```text
//!  join: queue under the lock, count it, then look around       ┐ in one order of both (sequentially consistent)
//!  release: give the slot back, then look at the count          │ one sees the other
//!  change:  of a server; then look at the count                 ┘
//! ```
//!
//! The lock is a short one around the queues and is taken only by sessions that wait or find one waiting; without them a
//! slot costs one atomic to take and one to give back, and a look at a count that nobody writes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::backend::Backend;
use super::queue_lines::{Call, Lines, Queue, Ticket};
use super::slot::ServerSlot;
use crate::balance::Group;

/// A position in a queue. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    backend: Arc<Backend>,
    queue: Queue,
    ticket: Ticket,
}

/// What came of waiting in a queue.
#[derive(Debug)]
pub(crate) enum Called {
    /// A slot, and the session's position in the queue when it joined, from 1.
    Slot(ServerSlot, u64),
    /// Its server is gone: choose again.
    ChooseAgain,
}

impl Backend {
    pub(super) fn join(self: &Arc<Self>, queue: Queue) -> Waiting {
        let mut lines = self.waiters.lock();
        let ticket = lines.join(queue);
        self.waiters.joined();
        match queue {
            Queue::Backend => self.counters().queue_grew(),
            Queue::Server(index) => self.servers()[index].counters().queue_grew(),
        }
        // What changed and what became free since the session looked.
        self.dismiss_in_vain(&mut lines, queue);
        match queue {
            Queue::Backend => (0..self.servers().len()).for_each(|index| self.serve(&mut lines, index)),
            Queue::Server(index) => self.serve(&mut lines, index),
        }
        drop(lines);
        Waiting { backend: Arc::clone(self), queue, ticket }
    }

    /// Gives free slots of a server to sessions that wait for them.
    fn serve(self: &Arc<Self>, lines: &mut Lines, index: usize) {
        while let Some(queue) = lines.first(index, self.serves_all(index)) {
            if !self.try_take_slot(index) {
                return;
            }
            self.call(lines, queue, index);
        }
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

    /// Gives a slot that was taken to the head of a queue.
    fn call(&self, lines: &mut Lines, queue: Queue, server: usize) {
        let is_taken = lines.line(queue).pop().is_some_and(|head| {
            self.left_queue(queue);
            head.tell(server)
        });
        if !is_taken {
            self.servers()[server].counters().left();
        }
    }

    fn left_queue(&self, queue: Queue) {
        self.waiters.left();
        match queue {
            Queue::Backend => self.counters().queue_shrank(),
            Queue::Server(index) => self.servers()[index].counters().queue_shrank(),
        }
    }

    /// A session no longer needs a slot.
    pub(super) fn release(self: &Arc<Self>, index: usize) {
        let server = &self.servers()[index];
        if server.config().maxconn.is_none() {
            // None waits for one of these.
            server.counters().left();
            return;
        }
        if self.waiters.any() {
            let mut lines = self.waiters.lock();
            if let Some(queue) = lines.first(index, self.serves_all(index)) {
                server.counters().passed_on();
                self.call(&mut lines, queue, index);
                // Its receiver may have left, and others may be waiting.
                self.serve(&mut lines, index);
                return;
            }
        }
        server.counters().left();
        if self.waiters.any() {
            self.serve(&mut self.waiters.lock(), index);
        }
    }

    /// A server has come, gone or got another weight: sessions that wait are led anew where that matters.
    pub(super) fn usable_servers_changed(self: &Arc<Self>, index: usize) {
        if !self.waiters.any() {
            return;
        }
        let mut lines = self.waiters.lock();
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
            for _ in 0..lines.line(queue).dismiss() {
                self.left_queue(queue);
            }
        }
    }
}

impl Waiting {
    /// In which queue.
    pub(crate) fn queue(&self) -> Queue {
        self.queue
    }

    /// For a session that gives up: how many of those before it have got what they waited for, and one. It may have been
    /// called itself, without having looked.
    pub(crate) fn position(&self) -> u64 {
        let mut lines = self.backend.waiters.lock();
        let line = lines.line(self.queue);
        line.called() - self.ticket.called_before + u64::from(line.waits(self.ticket.number))
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
            Ok(Call::ChooseAgain) | Err(_) => Called::ChooseAgain,
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let has_left = self.backend.waiters.lock().line(self.queue).leave(self.ticket.number);
        if has_left {
            self.backend.left_queue(self.queue);
        }
        // It may have been told of a slot that it never looked at.
        if let Ok(Call::Slot { server, .. }) = self.ticket.receiver.try_recv() {
            drop(ServerSlot::new(&self.backend, server));
        }
    }
}
