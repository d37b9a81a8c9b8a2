//! A frontend: its listeners, its limits, and the choice of a backend for its clients.

use std::sync::Arc;

use proxy_config::layers::LineLayers;
use proxy_config::{FileNames, Mode};
use proxy_rules::Format;

use super::gate::FrontendGate;
use super::routing::Switching;
use super::sampled_frontend::SampledFrontend;
use crate::listener::ListenerConfig;
use crate::observe::{AccessLog, FrontCounters, Ingress, ObservedFrontend, ObservedListener, Rates, Tallies};
use crate::policy::{FrontendPolicy, LogOptions};
use crate::upstream::Backend;

/// The configuration of a frontend.
#[derive(Debug)]
pub struct FrontendConfig {
    /// The name, for logs and commands.
    pub name: String,
    /// The number, unique among frontends.
    pub id: u32,
    /// The position of its section in the configuration.
    pub place: usize,
    /// The listeners.
    pub listeners: Vec<ListenerConfig>,
    /// The settings that its connections use.
    pub policy: FrontendPolicy,
    /// The default backend. Without one, sessions that no rule sends elsewhere have no server.
    pub backend: Option<Arc<Backend>>,
    /// The rules that choose another backend.
    pub switching: Option<Switching>,
    /// The options of logging.
    pub log: LogOptions,
    /// The log, if there is one.
    pub access_log: Option<Arc<AccessLog>>,
    /// The names of the configuration files, for notices about rules.
    pub files: FileNames,
    /// Its numbers for samples, once it runs.
    pub sampled: Arc<SampledFrontend>,
}

impl FrontendConfig {
    /// Creates a plain configuration: no limits, no log.
    pub fn new(name: impl Into<String>, id: u32, listeners: Vec<ListenerConfig>) -> FrontendConfig {
        FrontendConfig {
            name: name.into(),
            id,
            place: 0,
            listeners,
            policy: FrontendPolicy::default(),
            backend: None,
            switching: None,
            log: LogOptions::default(),
            access_log: None,
            files: FileNames::default(),
            sampled: Arc::default(),
        }
    }
}

/// A running frontend.
#[derive(Debug)]
pub struct Frontend {
    pub(crate) observed: Arc<ObservedFrontend>,
    place: usize,
    pub(crate) policy: FrontendPolicy,
    pub(crate) backend: Option<Arc<Backend>>,
    pub(crate) switching: Option<Switching>,
    pub(crate) access_log: Option<Arc<AccessLog>>,
    /// Whether the identifier, which any rule may ask for first, is made of parts of the request.
    pub(crate) unique_id_reads_request: bool,
    pub(crate) files: FileNames,
    pub(crate) listeners: Vec<Arc<Listener>>,
    pub(crate) gate: FrontendGate,
}

/// A listener of a running frontend.
#[derive(Debug)]
pub struct Listener {
    pub(crate) ingress: Arc<Ingress>,
    pub(crate) maxconn: Option<usize>,
    pub(crate) layers: LineLayers,
}

impl Frontend {
    /// Creates a frontend. Returns also the configurations of its listeners, which still have the sockets.
    pub(crate) fn new(config: FrontendConfig) -> (Frontend, Vec<ListenerConfig>) {
        let FrontendConfig { name, id, place, mut listeners, policy, log, .. } = config;
        let mode = if policy.http.is_some() { Mode::Http } else { Mode::Tcp };
        let observed = Arc::new(ObservedFrontend {
            name,
            id,
            mode,
            log,
            counters: FrontCounters::default(),
            tallies: Tallies::default(),
            rates: Rates::default(),
        });
        config.sampled.runs(&observed);
        let reads_request = |format: &Arc<Format>| format.reads_request();
        let listener = |config| Arc::new(Listener::new(config, &observed));
        let at_work = listeners.iter_mut().map(listener).collect();
        let frontend = Frontend {
            observed,
            place,
            backend: config.backend,
            switching: config.switching,
            access_log: config.access_log,
            unique_id_reads_request: policy.unique_ids.format.as_ref().is_some_and(reads_request),
            gate: FrontendGate::new(policy.maxconn, policy.session_rate),
            policy,
            files: config.files,
            listeners: at_work,
        };
        (frontend, listeners)
    }

    /// Returns what observers see of this frontend.
    pub fn observed(&self) -> &Arc<ObservedFrontend> {
        &self.observed
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        self.observed.name()
    }

    /// Returns the number.
    pub fn id(&self) -> u32 {
        self.observed.id()
    }

    /// Returns the position of its section in the configuration.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Returns whether statistics show its listeners.
    pub fn shows_listeners(&self) -> bool {
        self.policy.shows_listeners
    }

    /// Returns the most concurrent connections, if that is limited below the limit of the process.
    pub fn maxconn(&self) -> Option<usize> {
        self.gate.limit.as_ref().map(|limit| limit.count())
    }

    /// Returns the most new sessions in a second; 0 for no limit.
    pub fn session_rate_limit(&self) -> u32 {
        self.gate.session_rate.most()
    }

    /// Changes the limit of concurrent connections of a frontend that has one. Returns whether it has.
    pub fn set_maxconn(&self, maxconn: usize) -> bool {
        self.gate.limit.as_ref().inspect(|limit| limit.set(maxconn)).is_some()
    }

    /// Has the frontend listen no more until it is [resumed](Self::resume). Its connections continue. Returns whether
    /// it has listened.
    pub fn pause(&self) -> bool {
        let was_running = self.gate.pause();
        self.remark(was_running, "Paused");
        was_running
    }

    /// Has the frontend listen again. Returns whether it was paused.
    pub fn resume(&self) -> bool {
        let was_paused = self.gate.resume();
        self.remark(was_paused, "Resumed");
        was_paused
    }

    /// Logs what a command has done.
    fn remark(&self, is_done: bool, what: &str) {
        if let Some(log) = self.access_log.as_ref().filter(|_| is_done) {
            log.remark(&format!("{what} frontend {}.", self.name()));
        }
    }

    /// Returns the listeners.
    pub fn listeners(&self) -> &[Arc<Listener>] {
        &self.listeners
    }

    /// Returns the default backend.
    pub fn backend(&self) -> Option<&Arc<Backend>> {
        self.backend.as_ref()
    }

    /// Returns all backends that sessions may be sent to.
    pub fn backends(&self) -> impl Iterator<Item = &Arc<Backend>> {
        let switched = self.switching.iter().flat_map(Switching::backends);
        self.backend.iter().chain(switched)
    }

    /// Returns the counters.
    pub fn counters(&self) -> &FrontCounters {
        self.observed.counters()
    }

    /// Returns the bytes from clients and to them, of sessions that have ended.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |of: fn(&FrontCounters) -> u64| {
            self.listeners.iter().map(|listener| of(listener.observed().counters())).sum()
        };
        (sum(FrontCounters::bytes_in), sum(FrontCounters::bytes_out))
    }
}

impl Listener {
    /// Creates a listener from its configuration, in which the socket stays.
    fn new(config: &mut ListenerConfig, frontend: &Arc<ObservedFrontend>) -> Listener {
        let ListenerConfig { socket, protocol, name, id, maxconn, layers, proto } = config;
        let address = socket.local_addr().clone();
        let (name, layers) = (name.take(), std::mem::take(layers));
        let (counters, tallies) = (FrontCounters::default(), Tallies::default());
        let observed =
            ObservedListener { name, id: *id, protocol, address, counters, tallies, proto: *proto };
        let ingress = Ingress { frontend: Arc::clone(frontend), listener: Arc::new(observed) };
        Listener { ingress: Arc::new(ingress), maxconn: *maxconn, layers }
    }

    /// Returns what observers see of this listener.
    pub fn observed(&self) -> &Arc<ObservedListener> {
        &self.ingress.listener
    }

    /// Returns the most concurrent connections, if that is limited below the limit of the frontend.
    pub fn maxconn(&self) -> Option<usize> {
        self.maxconn
    }
}
