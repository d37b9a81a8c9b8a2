//! A second codec between a stream and the traits of an exchange, whose connections carry many exchanges at once on both
//! sides: the [format](super::format) is its own. It exists to show that the proxy knows nothing of HTTP/1, and is
//! written as briefly as that allows: it is slow, and sends nothing before it is flushed.
//!
//! * `link`: a connection, whoever opens exchanges on it: what is read is given to them, and what they send is written.
//! * `entry`: one exchange on it: records that came, the window, what waits to go out.
//! * `exchange`: what the proxy holds of an exchange, by which it is known to be wanted. `tunnel`: the same, once it is
//!   a stream of bytes.
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

/// This codec on both sides.
pub(super) const CODEC: Codec =
    Codec { front: |stream, _| front::front(stream), back: |stream, _| back::back(stream) };

/// The socket of a connection: only its driver reads and writes it.
type Socket = Rc<RefCell<Box<dyn Stream>>>;

/// A connection, as its driver and its exchanges share it. A tunnel is a stream, and streams are `Send`.
type SharedLink = Arc<Mutex<Link>>;
