//! Starting and stopping the workers.

use std::io;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;

use proto_core::error::BindError;
use proxy_relay::ScratchConfig;
use proxy_rules::ProcessVariables;
use tokio::sync::{mpsc, watch};

use crate::backend::Backend;
use crate::counters::{Counters, WorkerCounters};
use crate::dispatch::{Dispatcher, MAILBOX};
use crate::frontend::{Door, Frontend, FrontendConfig, Listener};
use crate::http;
use crate::observer::Observer;
use crate::phase::Phase;
use crate::slots::{Gate, Slots};
use crate::tally::FrontTally;
use crate::worker::{self, Entrance, Start};

/// How the engine is made.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Worker threads, at least 1.
    pub workers: usize,
    /// Connections at once, of all frontends.
    pub maxconn: usize,
    /// What the relays of each worker share.
    pub scratch: ScratchConfig,
}

/// The engine could not be started. Nothing of it runs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A socket does not listen.
    #[error(transparent)]
    Listen(#[from] BindError),
    /// A worker has no runtime.
    #[error("a worker's runtime cannot be made: {0}")]
    Runtime(#[source] io::Error),
    /// A worker has no thread.
    #[error("a worker's thread cannot be made: {0}")]
    Thread(#[source] io::Error),
    /// A worker has ended before it began.
    #[error("a worker ended before it began")]
    Worker,
}

/// Running workers. Dropping it stops them at once.
#[derive(Debug)]
pub struct Engine {
    threads: Vec<JoinHandle<()>>,
    counters: Arc<[Arc<WorkerCounters>]>,
    frontends: Vec<Arc<Frontend>>,
    phase: watch::Sender<Phase>,
}

impl Engine {
    /// Starts workers; when it returns all sockets listen.
    ///
    /// # Errors
    /// [`StartError`]; whatever had been started is stopped again.
    pub fn start(
        config: Config,
        frontends: Vec<FrontendConfig>,
        observer: Arc<dyn Observer>,
    ) -> Result<Engine, StartError> {
        Engine::start_with(config, frontends, observer, |_| {})
    }

    /// As [`start`](Self::start); `first` is what each worker's thread does before anything else, given its number.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_with(
        config: Config,
        frontends: Vec<FrontendConfig>,
        observer: Arc<dyn Observer>,
        first: impl Fn(usize) + Send + Sync + 'static,
    ) -> Result<Engine, StartError> {
        let first = Arc::new(first);
        let workers = config.workers.max(1);
        let slots = Slots::new(config.maxconn);
        let (phase, watcher) = watch::channel(Phase::Running);
        let counters: Arc<[Arc<WorkerCounters>]> = (0..workers).map(|_| Arc::default()).collect();
        let (senders, mailboxes): (Vec<_>, Vec<_>) = (0..workers).map(|_| mpsc::channel(MAILBOX)).unzip();
        let dispatcher = Arc::new(Dispatcher { workers: counters.iter().cloned().zip(senders).collect() });

        let (wanted, requests): (Vec<_>, Vec<_>) = (0..workers).map(|_| http::requests()).unzip();
        let (wanted, process): (Arc<[_]>, _) = (wanted.into(), ProcessVariables::default());

        // One listening socket per address; the addresses are dealt out to the workers.
        let (frontends, entrances): (Vec<_>, Vec<_>) =
            frontends.into_iter().map(|frontend| open(frontend, &slots)).unzip();
        let mut sockets: Vec<Vec<_>> = (0..workers).map(|_| Vec::new()).collect();
        for (dealt, entrance) in entrances.into_iter().flatten().enumerate() {
            sockets[dealt % workers].push(entrance);
        }

        let mut engine = Engine { threads: Vec::with_capacity(workers), counters, frontends, phase };
        let (ready, heard) = std_mpsc::channel();
        let shares = mailboxes.into_iter().zip(sockets).zip(requests);
        for (index, ((mailbox, sockets), requests)) in shares.enumerate() {
            let start = Start {
                index,
                variables: process.clone(),
                others: Arc::clone(&wanted),
                requests,
                counters: Arc::clone(&engine.counters[index]),
                observer: Arc::clone(&observer),
                scratch: config.scratch,
                sockets,
                mailbox,
                dispatcher: Arc::clone(&dispatcher),
                loads: Arc::clone(&engine.counters),
                phase: watcher.clone(),
            };
            let ready = ready.clone();
            let first = Arc::clone(&first);
            let run = move || {
                first(index);
                worker::run(start, |result| drop(ready.send(result)));
            };
            let thread = std::thread::Builder::new().name(format!("worker-{index}")).spawn(run);
            engine.threads.push(thread.map_err(StartError::Thread)?);
        }
        drop((ready, watcher));
        for _ in 0..workers {
            heard.recv().map_err(|_| StartError::Worker)??;
        }
        Ok(engine)
    }

    /// Stops accepting; sessions go on to their end. Connections that the kernel has accepted are served.
    pub fn stop_softly(&self) {
        self.phase.send_if_modified(|phase| {
            let first = *phase == Phase::Running;
            if first {
                *phase = Phase::Draining;
            }
            first
        });
    }

    /// Waits for the end of all workers, which comes after a soft stop with the last session, or when every listener
    /// is broken.
    pub async fn over(&self) {
        // Each worker holds a receiver for as long as it runs.
        self.phase.closed().await;
    }

    /// The frontends, in the order in which they were given.
    pub fn frontends(&self) -> &[Arc<Frontend>] {
        &self.frontends
    }

    /// The backends that they lead to, each once.
    pub fn backends(&self) -> Vec<Arc<Backend>> {
        let mut backends: Vec<Arc<Backend>> = Vec::new();
        let led_to = |frontend: &'_ Arc<Frontend>| frontend.backends().cloned().collect::<Vec<_>>();
        for backend in self.frontends.iter().flat_map(led_to) {
            if !backends.iter().any(|known| Arc::ptr_eq(known, &backend)) {
                backends.push(backend);
            }
        }
        backends
    }

    /// Each worker's counters.
    pub fn counters(&self) -> Vec<Counters> {
        self.counters.iter().map(|counters| counters.snapshot()).collect()
    }
}

/// A frontend ready to be entered, and its entrances.
fn open(config: FrontendConfig, process: &Arc<Slots>) -> (Arc<Frontend>, Vec<Entrance>) {
    let FrontendConfig { name, id, listeners, maxconn, client, backend, switching, http, log, options } =
        config;
    let own_slots = maxconn.map(Slots::new);
    let opened: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let gate =
                Gate::new(process, listener.maxconn.map(Slots::new).into_iter().chain(own_slots.clone()));
            let address = listener.socket.local_addr().clone();
            let tally = FrontTally::default();
            let (name, id, maxconn) = (listener.name, listener.id, listener.maxconn);
            (listener.socket, gate, Arc::new(Listener { name, id, maxconn, address, tally }))
        })
        .collect();
    let listeners = opened.iter().map(|(_, _, listener)| Arc::clone(listener)).collect();
    let tally = FrontTally::default();
    let frontend = Arc::new(Frontend {
        name,
        id,
        maxconn,
        client,
        backend,
        switching,
        http,
        log,
        options,
        listeners,
        tally,
    });
    let entrance = |(socket, gate, listener)| {
        let door = Door { frontend: Arc::clone(&frontend), listener };
        Entrance { socket, door, gate }
    };
    let entrances = opened.into_iter().map(entrance).collect();
    (frontend, entrances)
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Stopped);
        for thread in self.threads.drain(..) {
            // A worker that panicked has said so on standard error.
            let _ = thread.join();
        }
    }
}
