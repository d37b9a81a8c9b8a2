//! A worker: the connections that live on one thread, and their number.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::connection::{Accepted, WorkerContext, open};
use crate::{http, tcp};

/// A running worker. It never leaves its thread.
pub(crate) struct Worker {
    pub(crate) context: Rc<WorkerContext>,
    rooms: http::Rooms,
    connections: Cell<usize>,
    connection_ended: Notify,
}

impl Worker {
    pub(crate) fn new(context: WorkerContext) -> Rc<Worker> {
        let (connections, connection_ended) = (Cell::new(0), Notify::new());
        Rc::new(Worker {
            context: Rc::new(context),
            rooms: http::Rooms::default(),
            connections,
            connection_ended,
        })
    }

    /// Serves a connection in a task of its own, whose size is that of its mode.
    pub(crate) fn start(self: &Rc<Self>, accepted: Accepted) {
        self.connections.set(self.connections.get() + 1);
        let counted = CountedConnection(Rc::clone(self));
        let Some(opened) = open(&self.context, accepted) else { return };
        match opened.connection.frontend.policy.http.clone() {
            None => tokio::task::spawn_local(async move {
                let counted = counted;
                if let Some(upgrade) = tcp::run(opened).await {
                    // Boxed: a session that stays one has no room for it.
                    Box::pin(http::run_upgraded(upgrade, &counted.0.rooms)).await;
                }
            }),
            Some(policy) => tokio::task::spawn_local(http::run(opened, policy, counted)),
        };
    }

    /// Waits until no connection is left.
    pub(crate) async fn all_ended(&self) {
        while self.connections.get() > 0 {
            self.connection_ended.notified().await;
        }
    }
}

/// A connection in the worker's count until it is dropped.
struct CountedConnection(Rc<Worker>);

impl AsRef<http::Rooms> for CountedConnection {
    fn as_ref(&self) -> &http::Rooms {
        &self.0.rooms
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        self.0.connections.set(self.0.connections.get() - 1);
        self.0.connection_ended.notify_one();
    }
}
