//! The listening side: each stage wraps the one below it and passes the key on.
//!
//! A stage forwards every call of its trait, including those with a default body: the default means that the
//! capability is missing, so a forgotten line silently loses it.

use std::os::fd::BorrowedFd;
use std::task::{Context, Poll};

use proto_core::address::Address;
use proto_core::error::{AcceptError, BindError};
use proto_core::protocol::{BoundSocket, Incoming, Listener};

use super::key::{Key, Progress};
use super::stream::ScrambledIncoming;

/// A bound socket that belongs to no worker.
#[derive(Debug)]
pub(super) struct ScrambledSocket {
    below: Box<dyn BoundSocket>,
    key: Key,
}

impl ScrambledSocket {
    pub(super) fn new(below: Box<dyn BoundSocket>, key: Key) -> ScrambledSocket {
        ScrambledSocket { below, key }
    }
}

impl BoundSocket for ScrambledSocket {
    fn local_addr(&self) -> &Address {
        self.below.local_addr()
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        let below = self.below.try_clone()?;
        Ok(Box::new(ScrambledSocket { below, key: self.key.clone() }))
    }

    fn publish(&self) -> Result<(), BindError> {
        self.below.publish()
    }

    fn hand_over(&self) {
        self.below.hand_over();
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        let below = self.below.listen()?;
        Ok(Box::new(ScrambledListener { below, key: self.key }))
    }

    fn suspend(&self) -> Result<(), BindError> {
        self.below.suspend()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.below.as_fd()
    }
}

/// A listener on one worker.
#[derive(Debug)]
struct ScrambledListener {
    below: Box<dyn Listener>,
    key: Key,
}

impl Listener for ScrambledListener {
    fn local_addr(&self) -> &Address {
        self.below.local_addr()
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        self.below.poll_accept(cx).map_ok(|below| {
            let progress = Progress::new(self.key.clone());
            Box::new(ScrambledIncoming::new(below, progress)) as Box<dyn Incoming>
        })
    }

    fn refuse_new(&self) -> bool {
        self.below.refuse_new()
    }

    fn expects_more(&self) -> bool {
        self.below.expects_more()
    }
}
