//! The thread of a worker: its runtime, its listeners, and its end.

use std::future::pending;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::Arc;

use proto_core::error::BindError;
use proto_core::protocol::BoundSocket;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::delivery::{Delivery, Workers};
use super::duty::Duty;
use super::error::StartError;
use super::gauges::Gauges;
use super::worker::Worker;
use crate::connection::{Accepted, Frontend, Listener, Parts, WorkerContext};
use crate::listener::{Acceptor, Kept, Permits, Phase};

/// A socket to listen on, its frontend, and the permits that its connections need.
pub(crate) struct Socket {
    pub(crate) socket: Box<dyn BoundSocket>,
    pub(crate) kept: Kept,
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) permits: Permits,
}

/// The parameters of a worker.
pub(crate) struct Start {
    pub(crate) parts: Parts,
    pub(crate) sockets: Vec<Socket>,
    pub(crate) mailbox: mpsc::Receiver<Accepted>,
    pub(crate) workers: Arc<Workers>,
    /// Whether no worker of the engine listens: they stay until the engine stops.
    pub(crate) stays: bool,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Its tasks besides serving connections.
    pub(crate) duties: Vec<Box<dyn Duty + Send>>,
    pub(crate) gauges: Arc<Gauges>,
}

/// Creates a runtime for this thread.
fn runtime() -> std::io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
}

/// Runs a worker. `ready` is called once, with whether its sockets listen. Then the worker runs until it is stopped, or
/// has been asked to stop softly and its last connection has ended.
pub(crate) fn run(start: Start, ready: impl FnOnce(Result<(), StartError>)) {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return ready(Err(StartError::Runtime(error))),
    };
    let Start { parts, sockets, mailbox, workers, stays, mut phase, duties, gauges } = start;
    let worker = Worker::new(WorkerContext::new(parts));
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        if let Err(error) = listen(&worker, sockets, &workers, &mut tasks) {
            return ready(Err(StartError::Listen(error)));
        }
        // From here on only acceptors hold the mailboxes, which close when the last of them ends.
        if stays {
            let mut phase = phase.clone();
            tasks.spawn_local(async move {
                let _workers = workers;
                let _ = phase.wait_for(|phase| !phase.accepts_again()).await;
            });
        } else {
            drop(workers);
        }
        for duty in duties {
            tasks.spawn_local((duty as Box<dyn Duty>).run(Rc::clone(&worker.context)));
        }
        gauges.begin(worker.context.index, worker.context.scratch.pipe_counts());
        ready(Ok(()));
        tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase == Phase::Stopped) => {}
            () = passed_on(&mut tasks) => {}
            () = serve(&worker, mailbox) => {}
        }
    });
}

/// Panics if a task of the worker has panicked: without that task nothing would be accepted, or no idle connection
/// closed. Waits forever otherwise.
async fn passed_on(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if let Some(panic) = ended.err().and_then(|error| error.try_into_panic().ok()) {
            resume_unwind(panic);
        }
    }
    pending::<()>().await;
}

/// Starts to listen on all sockets, and to accept.
fn listen(
    worker: &Rc<Worker>,
    sockets: Vec<Socket>,
    workers: &Arc<Workers>,
    tasks: &mut JoinSet<()>,
) -> Result<(), BindError> {
    let open = |Socket { socket, kept, frontend, listener, permits }| {
        let (workers, own) = (Arc::clone(workers), Rc::clone(worker));
        let to = Delivery { frontend, listener, workers, own };
        Ok(Acceptor { listener: socket.listen()?, kept, permits, to })
    };
    // All sockets listen before any of them accepts.
    let acceptors: Vec<_> = sockets.into_iter().map(open).collect::<Result<_, BindError>>()?;
    for acceptor in acceptors {
        let phase = acceptor.to.frontend.gate.watch();
        tasks.spawn_local(acceptor.run(phase));
    }
    Ok(())
}

/// Serves the connections that other workers accept, until no worker accepts any more and all have ended.
async fn serve(worker: &Rc<Worker>, mut mailbox: mpsc::Receiver<Accepted>) {
    while let Some(accepted) = mailbox.recv().await {
        worker.start(accepted);
    }
    worker.all_ended().await;
}
