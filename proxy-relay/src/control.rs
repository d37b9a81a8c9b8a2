//! The handle through which the rest of a worker watches a relay and ends it.

use std::cell::Cell;
use std::fmt;
use std::task::{Context, Waker};

use proto_core::stream::Stream;

/// Live counters of one relay, and the means to end it. Used on the relay's thread only; code elsewhere in the
/// worker holds it in an `Rc`.
#[derive(Default)]
pub struct Control {
    to_server: Cell<u64>,
    to_client: Cell<u64>,
    killed: Cell<bool>,
    ends_with_client: Cell<bool>,
    waker: Cell<Option<Waker>>,
    at_first_fin: Cell<Option<FinHook>>,
    received: Cell<Vec<u8>>,
}

/// What is called when the first of the two sides has sent its end of file.
type FinHook = Box<dyn FnOnce(&dyn Stream, &dyn Stream)>;

impl Control {
    /// Creates the control of one relay; it serves one relay at a time.
    pub fn new() -> Control {
        Control::default()
    }

    /// Returns to the initial state, for use with another relay.
    pub fn reset(&self) {
        self.publish(0, 0);
        self.killed.set(false);
        self.ends_with_client.set(false);
        self.waker.take();
        self.at_first_fin.take();
        self.received.take();
    }

    /// Has the relay that begins next pass these bytes on before any other. They were read from the client before.
    pub fn put_back(&self, received: Vec<u8>) {
        self.received.set(received);
    }

    pub(crate) fn take_received(&self) -> Vec<u8> {
        self.received.take()
    }

    /// Ends the relay at its next turn, and wakes it for that. A relay that has not begun ends at its first poll.
    pub fn kill(&self) {
        self.killed.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Ends a relay that begins after this call with the client's direction: the end of file of the client is not passed
    /// on, and of what the server has sent by then only what has arrived is delivered. The server's connection is to be
    /// reset next.
    pub fn end_with_client(&self) {
        self.ends_with_client.set(true);
    }

    pub(crate) fn ends_with_client(&self) -> bool {
        self.ends_with_client.get()
    }

    /// Calls `look` with the client's and the server's connection when the first of them has sent its end of file.
    /// Later there is less to see: an MPTCP connection that was closed in order has no paths left.
    pub fn at_first_fin(&self, look: impl FnOnce(&dyn Stream, &dyn Stream) + 'static) {
        self.at_first_fin.set(Some(Box::new(look)));
    }

    pub(crate) fn first_fin(&self, client: &dyn Stream, server: &dyn Stream) {
        if let Some(look) = self.at_first_fin.take() {
            look(client, server);
        }
    }

    /// Returns the number of bytes read from the client so far.
    pub fn bytes_to_server(&self) -> u64 {
        self.to_server.get()
    }

    /// Returns the number of bytes read from the server so far.
    pub fn bytes_to_client(&self) -> u64 {
        self.to_client.get()
    }

    pub(crate) fn publish(&self, to_server: u64, to_client: u64) {
        self.to_server.set(to_server);
        self.to_client.set(to_client);
    }

    /// Returns whether the relay is to end; if not, stores the task to wake.
    pub(crate) fn is_killed(&self, cx: &Context<'_>) -> bool {
        if self.killed.get() {
            return true;
        }
        let waker = match self.waker.take() {
            Some(waker) if waker.will_wake(cx.waker()) => waker,
            _ => cx.waker().clone(),
        };
        self.waker.set(Some(waker));
        false
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("to_server", &self.to_server.get())
            .field("to_client", &self.to_client.get())
            .field("killed", &self.killed.get())
            .finish_non_exhaustive()
    }
}
