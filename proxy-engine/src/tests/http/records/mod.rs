//! A second codec for the traits of an exchange, with a [format](super::format) of its own, whose connections carry
//! many exchanges at once on both sides. It shows that the proxy does not depend on HTTP/1, and is as brief as that
//! allows: it is slow, and sends nothing before it is flushed.
//!
//! * `link`: a connection; passes records to exchanges, and writes those that they send.
//! * `entry`: an exchange on a connection: received records, the window, pending output.
//! * `exchange`: the proxy's handle of an exchange, which keeps it open. `tunnel`: the handle of one that has become a
//!   stream of bytes.
//! * `front`, `back`: connections of clients and of servers.

mod back;
mod entry;
mod exchange;
mod front;
mod link;
mod tunnel;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use proto_core::stream::Stream;

use self::link::Link;
use crate::exchange::codec::Codec;

/// The codec of records, for both sides.
pub(super) const CODEC: Codec =
    Codec { front: |stream, _, _| front::front(stream), back: |stream, _, _| back::back(stream) };

/// The socket of a connection: only its driver reads and writes it.
type Socket = Rc<RefCell<Box<dyn Stream>>>;

/// A connection that its driver and its exchanges share. In a mutex because a tunnel is a stream, which is `Send`.
type SharedLink = Arc<Mutex<Link>>;
