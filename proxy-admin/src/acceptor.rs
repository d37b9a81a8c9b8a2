//! Accepts clients: one task for all sockets, so that a free permit goes to the first client of any of them.

use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use proto_core::error::AcceptError;
use proto_core::protocol::{Incoming, Listener};
use tokio::sync::Semaphore;

use crate::client::Client;
use crate::connection;
use crate::execute::Shared;
use crate::settings::ClientSettings;

/// How long to wait when the process has run out of descriptors: long enough to save CPU time, short enough for a
/// person.
const PAUSE: Duration = Duration::from_millis(100);

/// The result of accepting on a socket.
type Accepted = Result<Box<dyn Incoming>, AcceptError>;

/// A listening socket, and the initial settings of its clients.
#[derive(Debug)]
pub(crate) struct AdminListener {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) clients: ClientSettings,
}

/// Accepts clients without end, at most as many at once as the limit allows; the others wait in the kernel's queue.
pub(crate) async fn accept(mut listeners: Vec<AdminListener>, shared: Rc<Shared>) {
    let permits = Arc::new(Semaphore::new(shared.limits.connections.min(Semaphore::MAX_PERMITS)));
    let mut first = 0;
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        let (at, accepted) = std::future::poll_fn(|cx| poll(&listeners, first, cx)).await;
        first = at + 1;
        match accepted {
            Ok(incoming) => {
                let Some(AdminListener { clients, .. }) = listeners.get(at) else { continue };
                let client = Client::new(*clients, shared.limits.timeout);
                let shared = Rc::clone(&shared);
                tokio::task::spawn_local(async move {
                    // If the runtime does not take the stream, it has been closed, and nothing can be sent to the
                    // client.
                    if let Ok(stream) = incoming.into_stream() {
                        connection::serve(stream, client, &shared).await;
                    }
                    drop(permit);
                });
            }
            Err(AcceptError::Connection(_)) => {}
            Err(AcceptError::Exhausted(_)) => tokio::time::sleep(PAUSE).await,
            // This socket accepts no more clients. The others go on.
            Err(AcceptError::Broken(_)) => drop(listeners.remove(at)),
        }
    }
}

/// Returns the next client, beginning with the socket after the one that had the last client, so that no socket can
/// keep the others waiting.
fn poll(listeners: &[AdminListener], first: usize, cx: &mut Context<'_>) -> Poll<(usize, Accepted)> {
    for at in (0..listeners.len()).map(|step| (first + step) % listeners.len()) {
        if let Poll::Ready(accepted) = listeners[at].listener.poll_accept(cx) {
            return Poll::Ready((at, accepted));
        }
    }
    Poll::Pending
}
