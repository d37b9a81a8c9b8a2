//! A frontend: where clients come in, how many may, and where they are led.

use std::sync::Arc;
use std::time::Duration;

use proto_core::options::SocketOption;
use proxy_config::Mode;
use proxy_config::layers::LineLayers;
use proxy_relay::SideTimeouts;
use proxy_rules::RuleSet;
use proxy_rules::captures::CapturePolicy;
use proxy_rules::log::UniqueIds;

use super::routing::Switching;
use crate::listener::ListenerConfig;
use crate::observe::{AccessLog, FrontCounters, Ingress, ObservedFrontend, ObservedListener};
use crate::policy::{HttpPolicy, Inspection, LogOptions};
use crate::upstream::Backend;

/// What a frontend is made of.
#[derive(Debug)]
pub struct FrontendConfig {
    /// For logs and commands.
    pub name: String,
    /// The number it is known by.
    pub id: u32,
    /// Where it listens.
    pub listeners: Vec<ListenerConfig>,
    /// Connections at once, of all its listeners.
    pub maxconn: Option<usize>,
    /// Silence of the client, and the same once one of its directions is shut.
    pub client: SideTimeouts,
    /// The longest time that the handshakes of its layers may take.
    pub handshake: Option<Duration>,
    /// Rules about connections that were accepted and of which nothing has been read.
    pub connection_rules: RuleSet,
    /// Rules about connections whose handshakes are done.
    pub session_rules: RuleSet,
    /// Its content rules, in mode tcp.
    pub inspection: Option<Arc<Inspection>>,
    /// Where its sessions go. Without, there is no server for them.
    pub backend: Option<Arc<Backend>>,
    /// Rules by which some go elsewhere.
    pub switching: Option<Switching>,
    /// What it says about HTTP, in that mode.
    pub http: Option<Arc<HttpPolicy>>,
    /// The same for sessions of mode tcp that become connections of HTTP, if any may.
    pub upgrade: Option<Arc<HttpPolicy>>,
    /// What is told of its sessions.
    pub log: LogOptions,
    /// Its log lines.
    pub access_log: Option<Arc<AccessLog>>,
    /// What is kept of messages for log lines and rules.
    pub captures: Option<Arc<CapturePolicy>>,
    /// How its sessions and exchanges get an identifier.
    pub unique_ids: UniqueIds,
    /// Set on each accepted connection, if it has them. Those that it inherits from its listener are not among them.
    pub options: Vec<SocketOption>,
}

impl FrontendConfig {
    /// A plain one: no limits, no log.
    pub fn new(name: impl Into<String>, id: u32, listeners: Vec<ListenerConfig>) -> FrontendConfig {
        FrontendConfig {
            name: name.into(),
            id,
            listeners,
            maxconn: None,
            client: SideTimeouts::default(),
            handshake: None,
            connection_rules: RuleSet::default(),
            session_rules: RuleSet::default(),
            inspection: None,
            backend: None,
            switching: None,
            http: None,
            upgrade: None,
            log: LogOptions::default(),
            access_log: None,
            captures: None,
            unique_ids: UniqueIds::default(),
            options: Vec::new(),
        }
    }
}

/// A frontend at work.
#[derive(Debug)]
pub struct Frontend {
    pub(crate) observed: Arc<ObservedFrontend>,
    pub(crate) maxconn: Option<usize>,
    pub(crate) client: SideTimeouts,
    pub(crate) handshake: Option<Duration>,
    pub(crate) connection_rules: RuleSet,
    pub(crate) session_rules: RuleSet,
    pub(crate) inspection: Option<Arc<Inspection>>,
    pub(crate) backend: Option<Arc<Backend>>,
    pub(crate) switching: Option<Switching>,
    pub(crate) http: Option<Arc<HttpPolicy>>,
    pub(crate) upgrade: Option<Arc<HttpPolicy>>,
    pub(crate) access_log: Option<Arc<AccessLog>>,
    pub(crate) captures: Option<Arc<CapturePolicy>>,
    pub(crate) unique_ids: UniqueIds,
    pub(crate) options: Vec<SocketOption>,
    pub(crate) listeners: Vec<Arc<Listener>>,
}

/// A listener of a frontend at work.
#[derive(Debug)]
pub struct Listener {
    pub(crate) ingress: Arc<Ingress>,
    pub(crate) maxconn: Option<usize>,
    pub(crate) layers: LineLayers,
}

impl Frontend {
    /// A frontend with nothing to do yet, and its listeners beside the sockets they were made with.
    pub(crate) fn new(config: FrontendConfig) -> (Frontend, Vec<ListenerConfig>) {
        let FrontendConfig { name, id, mut listeners, log, http, .. } = config;
        let mode = if http.is_some() { Mode::Http } else { Mode::Tcp };
        let observed = Arc::new(ObservedFrontend { name, id, mode, log, counters: FrontCounters::default() });
        let listener = |config| Arc::new(Listener::new(config, &observed));
        let at_work = listeners.iter_mut().map(listener).collect();
        let frontend = Frontend {
            observed,
            maxconn: config.maxconn,
            client: config.client,
            handshake: config.handshake,
            connection_rules: config.connection_rules,
            session_rules: config.session_rules,
            inspection: config.inspection,
            backend: config.backend,
            switching: config.switching,
            http,
            upgrade: config.upgrade,
            access_log: config.access_log,
            captures: config.captures,
            unique_ids: config.unique_ids,
            options: config.options,
            listeners: at_work,
        };
        (frontend, listeners)
    }

    /// It as it is observed.
    pub fn observed(&self) -> &Arc<ObservedFrontend> {
        &self.observed
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.observed.name()
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.observed.id()
    }

    /// Connections it may have at once, if fewer than the process.
    pub fn maxconn(&self) -> Option<usize> {
        self.maxconn
    }

    /// Its listeners.
    pub fn listeners(&self) -> &[Arc<Listener>] {
        &self.listeners
    }

    /// Where its sessions go.
    pub fn backend(&self) -> Option<&Arc<Backend>> {
        self.backend.as_ref()
    }

    /// All backends that its sessions may go to.
    pub fn backends(&self) -> impl Iterator<Item = &Arc<Backend>> {
        let switched = self.switching.iter().flat_map(Switching::backends);
        self.backend.iter().chain(switched)
    }

    /// Its counters.
    pub fn counters(&self) -> &FrontCounters {
        self.observed.counters()
    }

    /// Bytes from clients and to them, of sessions that have ended.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |of: fn(&FrontCounters) -> u64| {
            self.listeners.iter().map(|listener| of(listener.observed().counters())).sum()
        };
        (sum(FrontCounters::bytes_in), sum(FrontCounters::bytes_out))
    }
}

impl Listener {
    /// What a listener is beside its socket, taken out of its configuration.
    fn new(config: &mut ListenerConfig, frontend: &Arc<ObservedFrontend>) -> Listener {
        let ListenerConfig { socket, protocol, name, id, maxconn, layers, proto } = config;
        let address = socket.local_addr().clone();
        let (name, layers) = (name.take(), std::mem::take(layers));
        let counters = FrontCounters::default();
        let observed = ObservedListener { name, id: *id, protocol, address, counters, proto: *proto };
        let ingress = Ingress { frontend: Arc::clone(frontend), listener: Arc::new(observed) };
        Listener { ingress: Arc::new(ingress), maxconn: *maxconn, layers }
    }

    /// It as it is observed.
    pub fn observed(&self) -> &Arc<ObservedListener> {
        &self.ingress.listener
    }

    /// Connections it may have at once, if fewer than the frontend.
    pub fn maxconn(&self) -> Option<usize> {
        self.maxconn
    }
}
