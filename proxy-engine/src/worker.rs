//! A worker: one thread, one runtime, and the connections that live on it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use proto_core::error::BindError;
use proto_core::protocol::{BoundSocket, Listener};
use proxy_relay::{Scratch, ScratchConfig};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{Notify, mpsc, watch};

use crate::acceptor::Acceptor;
use crate::counters::WorkerCounters;
use crate::dispatch::{Dispatcher, Job};
use crate::engine::StartError;
use crate::observer::Observer;
use crate::phase::Phase;
use crate::service::Destination;
use crate::session;
use crate::slots::Slots;

/// What a worker's tasks share. Never leaves the thread.
pub(crate) struct Worker {
    pub(crate) index: usize,
    pub(crate) counters: Arc<WorkerCounters>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) scratch: Scratch,
    sessions: Cell<usize>,
    session_ended: Notify,
}

/// What a worker is started with.
pub(crate) struct Start {
    pub(crate) index: usize,
    pub(crate) counters: Arc<WorkerCounters>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) scratch: ScratchConfig,
    pub(crate) sockets: Vec<(Box<dyn BoundSocket>, Arc<Destination>)>,
    pub(crate) mailbox: mpsc::Receiver<Job>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) slots: Arc<Slots>,
    pub(crate) phase: watch::Receiver<Phase>,
}

impl Worker {
    /// Starts the session of a connection.
    pub(crate) fn start(self: &Rc<Self>, job: Job) {
        self.sessions.set(self.sessions.get() + 1);
        let counted = Counted(Rc::clone(self));
        tokio::task::spawn_local(async move { session::run(&counted.0, job).await });
    }

    async fn all_sessions_ended(&self) {
        while self.sessions.get() > 0 {
            self.session_ended.notified().await;
        }
    }
}

/// A session in the worker's count, however it ends.
struct Counted(Rc<Worker>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.sessions.set(self.0.sessions.get() - 1);
        self.0.session_ended.notify_one();
    }
}

/// A runtime for this thread.
fn runtime() -> std::io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
}

/// The life of a worker. `ready` hears once whether its sockets listen; then it runs until it is stopped, or has been
/// asked to stop softly and its last session has ended.
pub(crate) fn run(start: Start, ready: impl FnOnce(Result<(), StartError>)) {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return ready(Err(StartError::Runtime(error))),
    };
    let Start { index, counters, observer, scratch, sockets, mut mailbox, dispatcher, slots, mut phase } =
        start;
    let worker = Rc::new(Worker {
        index,
        counters,
        observer,
        scratch: Scratch::new(scratch),
        sessions: Cell::new(0),
        session_ended: Notify::new(),
    });
    runtime.block_on(async {
        let listeners: Vec<(Box<dyn Listener>, Arc<Destination>)> = {
            let listen =
                |(socket, destination): (Box<dyn BoundSocket>, _)| Ok((socket.listen()?, destination));
            match sockets.into_iter().map(listen).collect::<Result<_, BindError>>() {
                Ok(listeners) => listeners,
                Err(error) => return ready(Err(StartError::Listen(error))),
            }
        };
        for (listener, destination) in listeners {
            let (dispatcher, slots, worker) =
                (Arc::clone(&dispatcher), Arc::clone(&slots), Rc::clone(&worker));
            let acceptor = Acceptor { listener, destination, dispatcher, slots, worker };
            tokio::task::spawn_local(acceptor.run(phase.clone()));
        }
        // From here on only acceptors hold the mailboxes, which close when the last of them ends.
        drop(dispatcher);
        ready(Ok(()));
        let serve = async {
            while let Some(job) = mailbox.recv().await {
                worker.start(job);
            }
            worker.all_sessions_ended().await;
        };
        tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase == Phase::Stopped) => {}
            () = serve => {}
        }
    });
}
