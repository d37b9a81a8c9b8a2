//! A worker: one thread, one runtime, and the connections that live on it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use proto_core::error::BindError;
use proto_core::protocol::{BoundSocket, Listener};
use proxy_relay::{Scratch, ScratchConfig};
use proxy_rules::ProcessVariables;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{Notify, mpsc, watch};

use crate::acceptor::Acceptor;
use crate::counters::WorkerCounters;
use crate::dispatch::{Dispatcher, Job};
use crate::engine::StartError;
use crate::frontend::Door;
use crate::http::{HttpState, Requests, Wanted};
use crate::observer::Observer;
use crate::phase::Phase;
use crate::session;
use crate::slots::Gate;

/// What a worker's tasks share. Never leaves the thread.
pub(crate) struct Worker {
    pub(crate) index: usize,
    pub(crate) counters: Arc<WorkerCounters>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) scratch: Scratch,
    pub(crate) http: HttpState,
    /// Of all workers.
    loads: Arc<[Arc<WorkerCounters>]>,
    sessions: Cell<usize>,
    session_ended: Notify,
}

/// A socket to listen on, where it leads and who may pass.
pub(crate) struct Entrance {
    pub(crate) socket: Box<dyn BoundSocket>,
    pub(crate) door: Door,
    pub(crate) gate: Gate,
}

/// What a worker is started with.
pub(crate) struct Start {
    pub(crate) index: usize,
    pub(crate) counters: Arc<WorkerCounters>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) scratch: ScratchConfig,
    pub(crate) sockets: Vec<Entrance>,
    pub(crate) mailbox: mpsc::Receiver<Job>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    /// Of all workers.
    pub(crate) loads: Arc<[Arc<WorkerCounters>]>,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Of the process.
    pub(crate) variables: ProcessVariables,
    /// Where all workers are asked for idle connections.
    pub(crate) others: Arc<[mpsc::Sender<Wanted>]>,
    /// Where this one is.
    pub(crate) requests: Requests,
}

impl Worker {
    /// Starts the session of a connection.
    pub(crate) fn start(self: &Rc<Self>, job: Job) {
        self.sessions.set(self.sessions.get() + 1);
        let counted = Counted(Rc::clone(self));
        match job.entered.0.frontend.http.clone() {
            None => tokio::task::spawn_local(async move { session::run(&counted.0, job).await }),
            Some(config) => {
                tokio::task::spawn_local(async move { session::run_http(&counted.0, job, &config).await })
            }
        };
    }

    #[cfg(test)]
    pub(crate) fn for_test(observer: Arc<dyn Observer>) -> Rc<Worker> {
        Worker::for_test_of(observer, crate::http::H1)
    }

    #[cfg(test)]
    pub(crate) fn for_test_of(
        observer: Arc<dyn Observer>,
        codecs: crate::http::exchange::Codecs,
    ) -> Rc<Worker> {
        let mut http = HttpState::new(0, ProcessVariables::default(), Arc::new([]));
        http.codecs = codecs;
        let counters: Arc<WorkerCounters> = Arc::default();
        Rc::new(Worker {
            index: 0,
            loads: Arc::new([Arc::clone(&counters)]),
            counters,
            observer,
            scratch: Scratch::default(),
            http,
            sessions: Cell::new(0),
            session_ended: Notify::new(),
        })
    }

    /// Connections of the process.
    pub(crate) fn connections(&self) -> usize {
        self.loads.iter().map(|counters| counters.load.load(Relaxed)).sum()
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
    let Start { index, counters, observer, scratch, sockets, mut mailbox, dispatcher, loads, .. } = start;
    let Start { mut phase, variables, others, requests, .. } = start;
    let worker = Rc::new(Worker {
        index,
        counters,
        observer,
        scratch: Scratch::new(scratch),
        http: HttpState::new(index, variables, others),
        loads,
        sessions: Cell::new(0),
        session_ended: Notify::new(),
    });
    runtime.block_on(async {
        let listeners: Vec<(Box<dyn Listener>, Door, Gate)> = {
            let listen = |Entrance { socket, door, gate }| Ok((socket.listen()?, door, gate));
            match sockets.into_iter().map(listen).collect::<Result<_, BindError>>() {
                Ok(listeners) => listeners,
                Err(error) => return ready(Err(StartError::Listen(error))),
            }
        };
        for (listener, door, gate) in listeners {
            let (dispatcher, worker) = (Arc::clone(&dispatcher), Rc::clone(&worker));
            let acceptor = Acceptor { listener, door, dispatcher, gate, worker };
            tokio::task::spawn_local(acceptor.run(phase.clone()));
        }
        let keeper = Rc::clone(&worker);
        tokio::task::spawn_local(async move { keeper.http.pool.keep().await });
        let lender = Rc::clone(&worker);
        tokio::task::spawn_local(async move { lender.http.serve(requests).await });
        let (drained, mut draining) = (Rc::clone(&worker), phase.clone());
        tokio::task::spawn_local(async move {
            let _ = draining.wait_for(|phase| *phase != Phase::Running).await;
            drained.http.begin_stop();
        });
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
