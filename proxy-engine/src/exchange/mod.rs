//! The two sides of an exchange as the proxy uses them, whatever version of HTTP they speak.
//!
//! An exchange is one request and its response. A connection carries exchanges: one after the other (HTTP/1, `Serial`)
//! or many at once (HTTP/2, `Multiplexed`); nothing that handles an exchange knows which. An implementation of these
//! traits is a codec: it alone knows which bytes stand for a message on a connection. All calls are polled by the task
//! of the exchange, and none of them blocks.
//!
//! * [`body`]: bodies that are received and messages that are sent. [`front`]: the client's side. [`back`]: the
//!   server's side.
//! * [`error`]: why a side cannot go on. [`codec`]: what makes the sides of a connection.
//! * [`memory`], [`timer`]: what the exchanges of a worker use in turn. [`pause`]: when nothing is read for want of memory.
//! * [`turn`]: how much they do before others.

pub(crate) mod back;
pub(crate) mod body;
pub(crate) mod codec;
pub(crate) mod error;
pub(crate) mod front;
pub(crate) mod memory;
pub(crate) mod pause;
pub(crate) mod timer;
pub(crate) mod turn;

use std::cell::Ref;
use std::fmt;
use std::ops::Deref;

use proto_core::stream::Stream;

/// What follows an exchange on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// Possibly another exchange.
    KeepAlive,
    /// The end of the connection.
    Close,
    /// A tunnel, if the response begins one.
    Tunnel,
}

/// The connection below an exchange, for what is known of it: the exchange's own, or one that it shares with others.
pub(crate) enum StreamRef<'a> {
    Own(&'a dyn Stream),
    #[cfg_attr(not(test), expect(dead_code, reason = "connections of HTTP/1 carry one exchange"))]
    Shared(Ref<'a, dyn Stream>),
}

impl<'a> Deref for StreamRef<'a> {
    type Target = dyn Stream + 'a;

    fn deref(&self) -> &(dyn Stream + 'a) {
        match self {
            StreamRef::Own(stream) => *stream,
            StreamRef::Shared(stream) => &**stream,
        }
    }
}

impl fmt::Debug for StreamRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
