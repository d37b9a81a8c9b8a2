//! Starting and stopping the workers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;

use proxy_config::Values;
use proxy_relay::{MemoryLimit, Scratch, ScratchConfig};
use proxy_rules::ProcessVariables;
use tokio::sync::{mpsc, watch};

use super::delivery::{MAILBOX, Workers};
use super::duty::{
    AnswerHandovers, AnswerInquiries, BeginStop, CheckServer, Duty, FollowOrders, ResolveNames, SampleRates,
    SlowStarts, WatchPool,
};
use super::error::StartError;
use super::failure::{Watched, WorkerFailure};
use super::gauges::Gauges;
use super::inquiry::{self, Inquiry};
use super::server_orders::{AllOrders, ServerOrders};
use super::thread::{self, Socket, Start};
use crate::connection::{Accepted, Frontend, FrontendConfig, Parts, Published};
use crate::http;
use crate::listener::{ConnectionLimit, ListeningSockets, Permits, Phase, ProcessLimits, ProcessRates};
use crate::observe::{Counters, Observer, Shortage, WorkerCounters, WorkerView};
use crate::upstream::handover::{self, Handover};
use crate::upstream::health::{ScheduledCheck, schedule};
use crate::upstream::names::SectionRun;
use crate::upstream::state::ServerSessions;
use crate::upstream::{Backend, ResolverSection};

/// The parameters of the engine.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The number of worker threads, at least 1.
    pub workers: usize,
    /// The limit of concurrent connections of all frontends.
    pub maxconn: usize,
    /// The limits of new connections and sessions of all frontends in a second.
    pub rates: ProcessRates,
    /// Bytes that may be allocated; `None` without a limit.
    pub memory: Option<MemoryLimit>,
    /// What the relays of each worker share.
    pub scratch: ScratchConfig,
}

/// Running workers. Dropping it stops them at once.
#[derive(Debug)]
pub struct Engine {
    threads: Vec<JoinHandle<()>>,
    counters: Arc<[Arc<WorkerCounters>]>,
    frontends: Vec<Arc<Frontend>>,
    backends: Vec<Arc<Backend>>,
    resolvers: Vec<Arc<ResolverSection>>,
    sockets: Arc<ListeningSockets>,
    limits: Arc<ProcessLimits>,
    inquiries: Arc<[mpsc::Sender<Inquiry>]>,
    gauges: Arc<Gauges>,
    phase: watch::Sender<Phase>,
    failure: Arc<WorkerFailure>,
    published: Published,
}

/// What exists once in the process and connects the workers.
struct Common {
    counters: Arc<[Arc<WorkerCounters>]>,
    observer: Arc<dyn Observer>,
    shortage: Arc<Shortage>,
    process: ProcessVariables,
    workers: Arc<Workers>,
    handovers: Arc<[mpsc::Sender<handover::HandoverRequest>]>,
    phase: watch::Receiver<Phase>,
    published: Published,
}

/// The receiving ends of one worker.
struct Mailboxes {
    accepted: mpsc::Receiver<Accepted>,
    handovers: handover::HandoverRequests,
    inquiries: inquiry::Inquiries,
}

/// What an engine serves.
#[derive(Debug, Default)]
pub struct Proxies {
    /// The frontends.
    pub frontends: Vec<FrontendConfig>,
    /// All backends whose servers are checked. Those that frontends lead to may be left out.
    pub backends: Vec<Arc<Backend>>,
    /// What resolves the names of servers, and those that rules ask for.
    pub resolvers: Vec<Arc<ResolverSection>>,
}

impl From<Vec<FrontendConfig>> for Proxies {
    fn from(frontends: Vec<FrontendConfig>) -> Proxies {
        Proxies { frontends, ..Proxies::default() }
    }
}

impl Engine {
    /// Starts workers; when it returns all sockets listen.
    ///
    /// # Errors
    /// Returns a [`StartError`]; workers that were started are stopped again.
    pub fn start(
        config: Config,
        proxies: impl Into<Proxies>,
        observer: Arc<dyn Observer>,
    ) -> Result<Engine, StartError> {
        Engine::start_with(config, proxies, observer, |_| {})
    }

    /// As [`start`](Self::start); each worker's thread first calls `first` with its number.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(
        config: Config,
        proxies: impl Into<Proxies>,
        observer: Arc<dyn Observer>,
        first: impl Fn(usize) + Send + Sync + 'static,
    ) -> Result<Engine, StartError> {
        let config = Config { workers: config.workers.max(1), ..config };
        let Proxies { frontends, mut backends, resolvers } = proxies.into();
        let (phase, watcher) = watch::channel(Phase::Running);
        let counters: Arc<[Arc<WorkerCounters>]> = (0..config.workers).map(|_| Arc::default()).collect();
        let (senders, accepted): (Vec<_>, Vec<_>) =
            (0..config.workers).map(|_| mpsc::channel(MAILBOX)).unzip();
        let (handovers, requests): (Vec<_>, Vec<_>) =
            (0..config.workers).map(|_| handover::requests()).unzip();
        let (inquiries, questions): (Vec<_>, Vec<_>) =
            (0..config.workers).map(|_| inquiry::channel()).unzip();
        let common = Common {
            counters: Arc::clone(&counters),
            observer,
            shortage: Arc::new(Shortage::with_memory(config.memory)),
            process: ProcessVariables::default(),
            workers: Arc::new(Workers(counters.iter().cloned().zip(senders).collect())),
            handovers: handovers.into(),
            phase: watcher,
            published: Published::default(),
        };
        let limits = Arc::new(ProcessLimits::new(config.maxconn, config.rates));
        let sockets = Arc::<ListeningSockets>::default();
        let mut opened = Vec::with_capacity(frontends.len());
        // One listening socket per address; the addresses are spread over the workers.
        let mut dealt: Vec<Vec<Socket>> = (0..config.workers).map(|_| Vec::new()).collect();
        let mut next = 0;
        for frontend in frontends {
            let (frontend, own) = open(frontend, &limits, &common.shortage, &sockets)?;
            for socket in own {
                dealt[next % config.workers].push(socket);
                next += 1;
            }
            opened.push(frontend);
        }
        let led_to = opened.iter().flat_map(|frontend| frontend.backends().cloned());
        backends.extend(led_to);
        let mut known = BTreeSet::new();
        backends.retain(|backend| known.insert(backend.id()));
        let mut engine = Engine {
            backends,
            resolvers,
            threads: Vec::with_capacity(config.workers),
            counters,
            frontends: opened,
            sockets,
            limits,
            inquiries: inquiries.into(),
            gauges: Arc::new(Gauges::new(config.workers)),
            phase,
            failure: Arc::default(),
            published: common.published.clone(),
        };
        let mailboxes = accepted.into_iter().zip(requests).zip(questions);
        let mailboxes =
            mailboxes.map(|((accepted, handovers), inquiries)| Mailboxes { accepted, handovers, inquiries });
        engine.start_workers(config, common, dealt.into_iter().zip(mailboxes), Arc::new(first))?;
        Ok(engine)
    }

    fn start_workers(
        &mut self,
        config: Config,
        common: Common,
        shares: impl Iterator<Item = (Vec<Socket>, Mailboxes)>,
        first: Arc<impl Fn(usize) + Send + Sync + 'static>,
    ) -> Result<(), StartError> {
        let (ready, heard) = std_mpsc::channel();
        let stays = self.frontends.iter().all(|frontend| frontend.listeners().is_empty());
        let backends = self.backends.clone();
        let orders: Arc<[Arc<ServerOrders>]> = (0..config.workers).map(|_| Arc::default()).collect();
        let sessions = Arc::new(AllOrders(Arc::clone(&orders)));
        for backend in &backends {
            // As in HAProxy, a tenth of what may come to it.
            let is_led = |frontend: &&Arc<Frontend>| frontend.backends().any(|led| Arc::ptr_eq(led, backend));
            let admitted = |frontend: &Arc<Frontend>| frontend.maxconn().unwrap_or(config.maxconn);
            let total: usize = self.frontends.iter().filter(is_led).map(admitted).sum();
            backend.set_default_fullconn(total.div_ceil(10));
            let own = self
                .frontends
                .iter()
                .filter(|frontend| backend.is_listen() && frontend.name() == backend.name());
            own.flat_map(|frontend| frontend.listeners()).take(1).for_each(|listener| {
                backend.listens_on(listener.observed().address());
            });
            backend.end_sessions_by(Arc::clone(&sessions) as Arc<dyn ServerSessions>);
        }
        // Each check belongs to one worker.
        let mut checks: Vec<Vec<ScheduledCheck>> = (0..config.workers).map(|_| Vec::new()).collect();
        for (check, worker) in schedule(&backends).into_iter().zip((0..config.workers).cycle()) {
            checks[worker].push(check);
        }
        let mut resolvers: Vec<Vec<SectionRun>> = (0..config.workers).map(|_| Vec::new()).collect();
        for (section, worker) in self.resolvers.iter().zip((0..config.workers).cycle()) {
            resolvers[worker].push(SectionRun::new(Arc::clone(section), backends.clone()));
        }
        let mut slow_starts: Vec<_> =
            backends.into_iter().filter(|backend| backend.has_slow_starts()).collect();
        for (index, (sockets, mailboxes)) in shares.enumerate() {
            let (ready, first) = (ready.clone(), Arc::clone(&first));
            let parts = common.parts(index, config);
            let Mailboxes { accepted: mailbox, handovers, inquiries } = mailboxes;
            let mut duties: Vec<Box<dyn Duty + Send>> = vec![
                Box::new(WatchPool),
                Box::new(AnswerHandovers(handovers)),
                Box::new(AnswerInquiries(inquiries)),
                Box::new(BeginStop(common.phase.clone())),
                Box::new(FollowOrders(Arc::clone(&orders[index]))),
            ];
            for check in checks.pop().unwrap_or_default() {
                duties.push(Box::new(CheckServer(check)));
            }
            for section in resolvers.pop().unwrap_or_default() {
                duties.push(Box::new(ResolveNames(section)));
            }
            // The first worker has those that exist once.
            for backend in std::mem::take(&mut slow_starts) {
                duties.push(Box::new(SlowStarts(backend)));
            }
            if index == 0 {
                duties.push(Box::new(SampleRates {
                    frontends: self.frontends.as_slice().into(),
                    backends: self.backends.as_slice().into(),
                    gauges: Arc::clone(&self.gauges),
                }));
            }
            let (workers, phase) = (Arc::clone(&common.workers), common.phase.clone());
            let gauges = Arc::clone(&self.gauges);
            let watched = Watched { failure: Arc::clone(&self.failure), _phase: phase.clone() };
            let run = move || {
                let _watched = watched;
                first(index);
                let start = Start { parts: parts(), sockets, mailbox, workers, stays, phase, duties, gauges };
                thread::run(start, |result| drop(ready.send(result)));
            };
            let spawned = std::thread::Builder::new().name(format!("worker-{index}")).spawn(run);
            self.threads.push(spawned.map_err(StartError::Thread)?);
        }
        drop((ready, common));
        for _ in 0..config.workers {
            heard.recv().map_err(|_| StartError::Worker)??;
        }
        Ok(())
    }

    /// Publishes the values that services show. Until then they have none.
    pub fn publish(&self, values: Values) {
        self.published.set(values);
    }

    /// Stops accepting; sessions go on to their end. Connections that the kernel has accepted are served.
    pub fn stop_softly(&self) {
        self.gauges.stop();
        self.phase.send_if_modified(|phase| {
            let first = phase.accepts_again();
            if first {
                *phase = Phase::Draining;
            }
            first
        });
        self.frontends.iter().for_each(|frontend| frontend.gate.stop());
        // A handle that stays open would keep an address busy that is no longer served.
        self.sockets.release();
    }

    /// Has no socket listen until [`resume`](Self::resume); sessions go on. Connections that the kernel has accepted are
    /// served. Those that come meanwhile are refused, or wait in the queue of a socket that cannot stop listening: one that
    /// other processes hold too, or a UNIX socket. Returns whether it was running.
    pub fn pause(&self) -> bool {
        let was_running = self.phase.send_if_modified(|phase| {
            let was_running = *phase == Phase::Running;
            if was_running {
                *phase = Phase::Paused;
            }
            was_running
        });
        for frontend in &self.frontends {
            frontend.gate.pause();
        }
        was_running
    }

    /// Has all sockets listen again, also those that could not when it was last resumed. Returns `false` if it is about
    /// to stop.
    pub fn resume(&self) -> bool {
        let can_resume = self.phase.send_if_modified(|phase| {
            let can_resume = phase.accepts_again();
            if can_resume {
                *phase = Phase::Running;
            }
            can_resume
        });
        self.frontends.iter().for_each(|frontend| frontend.gate.resume_all());
        can_resume
    }

    /// Waits until all workers have ended, after a soft stop with the last session or when every listener is broken, or
    /// until one of them [has failed](Self::has_failed).
    pub async fn over(&self) {
        tokio::select! {
            // Each worker holds a receiver for as long as it runs.
            () = self.phase.closed() => {}
            () = self.failure.failed() => {}
        }
    }

    /// Returns whether a worker has panicked, with a message on standard error. The remaining workers cannot serve all
    /// connections.
    pub fn has_failed(&self) -> bool {
        self.failure.has_failed()
    }

    /// Returns the frontends, in the order in which they were given.
    pub fn frontends(&self) -> &[Arc<Frontend>] {
        &self.frontends
    }

    /// Returns the backends, each once: those that were given, then others that frontends lead to.
    pub fn backends(&self) -> &[Arc<Backend>] {
        &self.backends
    }

    /// Returns the `resolvers` sections.
    pub fn resolvers(&self) -> &[Arc<ResolverSection>] {
        &self.resolvers
    }

    /// Returns the listening sockets, by address and protocol; none once it stops softly.
    pub fn sockets(&self) -> &Arc<ListeningSockets> {
        &self.sockets
    }

    /// Returns the limits of the process.
    pub(crate) fn limits(&self) -> &Arc<ProcessLimits> {
        &self.limits
    }

    /// Returns the senders of inquiries to the workers.
    pub(crate) fn inquiries(&self) -> &Arc<[mpsc::Sender<Inquiry>]> {
        &self.inquiries
    }

    /// Returns what the workers have to do.
    pub(crate) fn gauges(&self) -> &Arc<Gauges> {
        &self.gauges
    }

    /// Returns each worker's counters.
    pub fn counters(&self) -> Vec<Counters> {
        self.counters.iter().map(|counters| counters.snapshot()).collect()
    }
}

impl Common {
    /// Returns a function that makes the parts of a worker's context. It runs on the worker's thread, which keeps what
    /// it makes.
    fn parts(&self, index: usize, config: Config) -> impl FnOnce() -> Parts + Send + 'static {
        let (counters, observer) = (Arc::clone(&self.counters), Arc::clone(&self.observer));
        let (shortage, process) = (Arc::clone(&self.shortage), self.process.clone());
        let (handovers, published) = (Arc::clone(&self.handovers), self.published.clone());
        move || Parts {
            index,
            workers: config.workers,
            view: WorkerView::new(index, counters, observer),
            scratch: Scratch::limited(config.scratch, shortage.memory()),
            shortage,
            process,
            handover: Handover::new(index, handovers),
            codecs: http::CODECS,
            published,
        }
    }
}

/// Opens a frontend: returns it, and its sockets with all that their workers need.
fn open(
    mut config: FrontendConfig,
    process: &ProcessLimits,
    shortage: &Arc<Shortage>,
    sockets: &Arc<ListeningSockets>,
) -> Result<(Arc<Frontend>, Vec<Socket>), StartError> {
    // As in HAProxy, a frontend without a limit has that of the process, and may be given another one.
    config.policy.maxconn.get_or_insert(process.maxconn());
    let (frontend, listeners) = Frontend::new(config);
    let frontend = Arc::new(frontend);
    let own = frontend.gate.limit.clone();
    let session_rates = || [&process.session_rate, &frontend.gate.session_rate].map(Arc::clone);
    let mut opened = Vec::with_capacity(listeners.len());
    for (config, listener) in listeners.into_iter().zip(&frontend.listeners) {
        let kept = sockets.keep(config.protocol, &*config.socket)?;
        let narrower = listener.maxconn.map(ConnectionLimit::new).into_iter().chain(own.clone());
        opened.push(Socket {
            socket: config.socket,
            kept,
            frontend: Arc::clone(&frontend),
            listener: Arc::clone(listener),
            permits: Permits::new(&process.connections, narrower, shortage)
                .with_rates(&process.connection_rate, session_rates()),
        });
    }
    Ok((frontend, opened))
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Stopped);
        for thread in self.threads.drain(..) {
            // A worker that panicked has reported it on standard error.
            let _ = thread.join();
        }
    }
}
