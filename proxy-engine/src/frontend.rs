//! A frontend: where clients come in, how many may, and where they are led.

use std::sync::Arc;

use proto_core::address::Address;
use proto_core::options::SocketOption;
use proto_core::protocol::BoundSocket;
use proxy_relay::SideLimits;

use crate::backend::Backend;
use crate::http::HttpPolicy;
use crate::switching::Switching;
use crate::tally::FrontTally;

/// When the observer hears of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMoment {
    /// Never.
    #[default]
    Never,
    /// When it is accepted, and never again: what a frontend without a log format does.
    Accepted,
    /// When its server is connected to, or could not be: `option logasap`.
    Connected,
    /// When it has ended.
    Ended,
}

/// What the observer hears of the sessions of a frontend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// When.
    pub moment: LogMoment,
    /// Whether records tell what the connections really were and which paths they had. It takes some system calls.
    pub connections: bool,
}

/// What a listener of a frontend is made of.
#[derive(Debug)]
pub struct ListenerConfig {
    /// Bound already. Listens on one worker.
    pub socket: Box<dyn BoundSocket>,
    /// The name on its line.
    pub name: Option<String>,
    /// The number it is known by within the frontend.
    pub id: u32,
    /// Connections at once.
    pub maxconn: Option<usize>,
}

impl ListenerConfig {
    /// A plain one.
    pub fn new(id: u32, socket: Box<dyn BoundSocket>) -> ListenerConfig {
        ListenerConfig { socket, name: None, id, maxconn: None }
    }
}

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
    pub client: SideLimits,
    /// Where its sessions go. Without, there is no server for them.
    pub backend: Option<Arc<Backend>>,
    /// Rules by which some go elsewhere.
    pub switching: Option<Switching>,
    /// What it says about HTTP, in that mode.
    pub http: Option<Arc<HttpPolicy>>,
    /// What the observer hears.
    pub log: LogOptions,
    /// Set on each accepted connection, if it has them. What listeners hand down need not be here.
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
            client: SideLimits::default(),
            backend: None,
            switching: None,
            http: None,
            log: LogOptions::default(),
            options: Vec::new(),
        }
    }
}

/// A frontend at work.
#[derive(Debug)]
pub struct Frontend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) maxconn: Option<usize>,
    pub(crate) client: SideLimits,
    pub(crate) backend: Option<Arc<Backend>>,
    pub(crate) switching: Option<Switching>,
    pub(crate) http: Option<Arc<HttpPolicy>>,
    pub(crate) log: LogOptions,
    pub(crate) options: Vec<SocketOption>,
    pub(crate) listeners: Vec<Arc<Listener>>,
    pub(crate) tally: FrontTally,
}

impl Frontend {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
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

    /// What the observer hears.
    pub fn log(&self) -> &LogOptions {
        &self.log
    }

    /// Who came in.
    pub fn tally(&self) -> &FrontTally {
        &self.tally
    }

    /// Bytes from clients and to them, of sessions that have ended.
    pub fn bytes(&self) -> (u64, u64) {
        let sum =
            |of: fn(&FrontTally) -> u64| self.listeners.iter().map(|listener| of(&listener.tally)).sum();
        (sum(FrontTally::bytes_in), sum(FrontTally::bytes_out))
    }
}

/// A listener of a frontend at work.
#[derive(Debug)]
pub struct Listener {
    pub(crate) name: Option<String>,
    pub(crate) id: u32,
    pub(crate) maxconn: Option<usize>,
    pub(crate) address: Address,
    pub(crate) tally: FrontTally,
}

impl Listener {
    /// The name on its line.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its number within the frontend.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Connections it may have at once, if fewer than the frontend.
    pub fn maxconn(&self) -> Option<usize> {
        self.maxconn
    }

    /// The address really bound.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What came in through it.
    pub fn tally(&self) -> &FrontTally {
        &self.tally
    }
}

/// Where a connection came in: a listener and its frontend.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) listener: Arc<Listener>,
}

/// A connection in the tallies of the door it came through, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Entered(pub(crate) Door);

impl Entered {
    pub(crate) fn through(door: &Door) -> Entered {
        door.frontend.tally.arrived();
        door.listener.tally.arrived();
        Entered(door.clone())
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.frontend.tally.left();
        self.0.listener.tally.left();
    }
}
