//! The orderly close of a client's connection, whether it carried one exchange at a time or many.
//! `exchange/keep_alive.rs` decides whether it closes after an exchange.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::READ;
use crate::connection::{ClientConnection, Doing};
use crate::exchange::front::CloseFront;
use crate::exchange::timer::Timer;

/// The longest wait for a client to read its last responses and to stop sending.
const LINGER: Duration = Duration::from_secs(2);

/// Shuts down the direction to a client once all output is written, then reads and discards what it still sends, all
/// within its inactivity timeout and `LINGER`. Closing a connection with unread input would reset it, and the client
/// could lose the last response. A killed connection is closed at once.
pub(super) async fn close<F: CloseFront + ?Sized>(
    connection: &ClientConnection,
    front: &mut F,
    timer: &mut Timer,
    is_sending: bool,
) {
    let now = Instant::now();
    connection.status.does(Doing::Closing, now);
    let limit = connection.inactivity().map_or(LINGER, |limit| limit.min(LINGER));
    let deadline = now.checked_add(limit);
    let kill = &connection.status.kill;
    let closed: io::Result<()> = poll_fn(|cx| match front.poll_close(cx) {
        Poll::Pending if kill.poll_killed(cx).is_ready() => {
            Poll::Ready(Err(io::ErrorKind::Interrupted.into()))
        }
        Poll::Pending => timer.poll(cx, deadline).map(|()| Err(io::ErrorKind::TimedOut.into())),
        closed => closed,
    })
    .await;
    if closed.is_err() || !is_sending {
        return;
    }
    poll_fn(|cx| {
        let mut buffer = connection.worker.scratch.borrow(READ);
        match front.poll_drain(cx, &mut buffer[..READ]) {
            Poll::Pending if kill.poll_killed(cx).is_ready() => Poll::Ready(()),
            Poll::Pending => timer.poll(cx, deadline),
            drained => drained,
        }
    })
    .await;
}
