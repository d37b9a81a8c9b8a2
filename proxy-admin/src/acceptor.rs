//! Accepting clients: one task for all sockets, so that a free permit goes to the first client of any of them.

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
use crate::level::Level;
use crate::severity::SeverityOutput;

/// How long to wait when the process has run out of descriptors: long enough not to spin, short enough for a person.
const PAUSE: Duration = Duration::from_millis(100);

/// What a socket gives.
type Accepted = Result<Box<dyn Incoming>, AcceptError>;

/// A socket that listens, and what its clients begin with.
#[derive(Debug)]
pub(crate) struct AdminListener {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) level: Level,
    pub(crate) severity: SeverityOutput,
}

/// Accepts clients for ever, as many at once as the limit says; the others wait in the kernel's queue.
pub(crate) async fn accept(mut listeners: Vec<AdminListener>, shared: Rc<Shared>) {
    let permits = Arc::new(Semaphore::new(shared.limits.connections.min(Semaphore::MAX_PERMITS)));
    let mut first = 0;
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        let (at, accepted) = std::future::poll_fn(|cx| poll(&listeners, first, cx)).await;
        first = at + 1;
        match accepted {
            Ok(incoming) => {
                let Some(AdminListener { level, severity, .. }) = listeners.get(at) else { continue };
                let client = Client::new(*level, *severity, shared.limits.timeout);
                let shared = Rc::clone(&shared);
                tokio::task::spawn_local(async move {
                    // A stream that the runtime does not take has been closed, which is all that the client can be told.
                    if let Ok(stream) = incoming.into_stream() {
                        connection::serve(stream, client, &shared).await;
                    }
                    drop(permit);
                });
            }
            Err(AcceptError::Connection(_)) => {}
            Err(AcceptError::Exhausted(_)) => tokio::time::sleep(PAUSE).await,
            // It is of no more use. The others go on.
            Err(AcceptError::Broken(_)) => drop(listeners.remove(at)),
        }
    }
}

/// The next client, beginning with the socket after the one that had the last, so that no socket can keep the others
/// waiting.
fn poll(listeners: &[AdminListener], first: usize, cx: &mut Context<'_>) -> Poll<(usize, Accepted)> {
    for at in (0..listeners.len()).map(|step| (first + step) % listeners.len()) {
        if let Poll::Ready(accepted) = listeners[at].listener.poll_accept(cx) {
            return Poll::Ready((at, accepted));
        }
    }
    Poll::Pending
}
