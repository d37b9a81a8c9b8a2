//! Taking clients: one task for all sockets, so that a free place goes to whoever comes first by any of them.

use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use proto_core::error::AcceptError;
use proto_core::protocol::{Incoming, Listener};
use tokio::sync::Semaphore;

use crate::connection;
use crate::level::Level;
use crate::server::Shared;
use crate::session::Session;
use crate::severity::SeverityOutput;

/// How long to wait when the process has run out of descriptors: long enough not to spin, short enough for a person.
const PAUSE: Duration = Duration::from_millis(100);

/// What a socket gives.
type Accepted = Result<Box<dyn Incoming>, AcceptError>;

/// A socket that listens, and what its clients begin with.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) listener: Box<dyn Listener>,
    pub(crate) level: Level,
    pub(crate) severity: SeverityOutput,
}

/// Takes clients for ever, as many at once as the limit says; the others wait in the kernel's queue.
pub(crate) async fn accept(mut doors: Vec<Door>, shared: Rc<Shared>) {
    let places = Arc::new(Semaphore::new(shared.limits.connections.min(Semaphore::MAX_PERMITS)));
    let mut turn = 0;
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let (at, accepted) = std::future::poll_fn(|cx| poll(&doors, turn, cx)).await;
        turn = at + 1;
        match accepted {
            Ok(incoming) => {
                let Some(Door { level, severity, .. }) = doors.get(at) else { continue };
                let session = Session::new(*level, *severity, shared.limits.timeout);
                let shared = Rc::clone(&shared);
                tokio::task::spawn_local(async move {
                    // Without a runtime that takes it there is nobody to tell; the client sees the end.
                    if let Ok(stream) = incoming.into_stream() {
                        connection::serve(stream, session, &shared).await;
                    }
                    drop(place);
                });
            }
            Err(AcceptError::Connection(_)) => {}
            Err(AcceptError::Exhausted(_)) => tokio::time::sleep(PAUSE).await,
            // Of no more use. The others go on.
            Err(AcceptError::Broken(_)) => drop(doors.remove(at)),
        }
    }
}

/// The next client, beginning with the socket whose turn it is, so that no socket can keep the others waiting.
fn poll(doors: &[Door], turn: usize, cx: &mut Context<'_>) -> Poll<(usize, Accepted)> {
    for at in (0..doors.len()).map(|step| (turn + step) % doors.len()) {
        if let Poll::Ready(accepted) = doors[at].listener.poll_accept(cx) {
            return Poll::Ready((at, accepted));
        }
    }
    Poll::Pending
}
