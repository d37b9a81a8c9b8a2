//! What commands can ask of the running program. The program implements it; this crate knows nothing behind it.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use crate::answer::Refusal;

/// The running program, as commands see it. Called on the thread of the runtime socket.
pub trait State: fmt::Debug + Send + Sync {
    /// The process as a whole.
    fn info(&self) -> Info;

    /// A server by the names of its backend and its own.
    ///
    /// # Errors
    /// When there is none.
    fn server(&self, backend: &str, server: &str) -> Result<Box<dyn ServerHandle + '_>, Refusal> {
        let (_, _) = (backend, server);
        Err(Refusal::new("No such backend."))
    }
}

/// A server, as commands change it.
pub trait ServerHandle {
    /// Where it is, if that is an Internet address.
    fn address(&self) -> Option<SocketAddr>;

    /// Moves it. Sessions on it go on.
    ///
    /// # Errors
    /// When it cannot be there.
    fn set_address(&self, address: SocketAddr) -> Result<(), Refusal>;

    /// Changes its share of the work.
    fn set_weight(&self, weight: u16);

    /// Takes it out of use, or back into it.
    fn set_maintenance(&self, on: bool);
}

/// The process as a whole. What is `None` is not known, and is left out where it would be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The version, as `show version` says it.
    pub version: String,
    /// The day of the release, as `2026/01/31`.
    pub release_date: Option<String>,
    /// Threads that serve connections.
    pub threads: u32,
    /// Sets of threads that share what is costly to share between all.
    pub thread_groups: Option<u32>,
    /// When it started.
    pub started: SystemTime,
    /// How long ago that is, by a clock that is never set back.
    pub uptime: Duration,
    /// How long it took until it served.
    pub boot_time: Option<Duration>,
    /// The limit on memory, in bytes; 0 is none.
    pub memory_limit: Option<u64>,
    /// The limit on descriptors.
    pub descriptor_limit: Option<u32>,
    /// The most sockets that may be needed.
    pub max_sockets: Option<u32>,
    /// The limit on connections of clients.
    pub max_connections: Option<u32>,
    /// The highest that this limit can be set to.
    pub hard_max_connections: Option<u32>,
    /// How often this limit was reached.
    pub max_connections_reached: Option<u32>,
    /// Connections of clients now.
    pub connections: Option<u32>,
    /// Connections of clients ever.
    pub connections_total: Option<u32>,
    /// Requests ever; a connection without HTTP is one.
    pub requests_total: Option<u32>,
    /// The name of the machine.
    pub node: Option<String>,
    /// A text for people.
    pub description: Option<String>,
    /// Whether it has been asked to stop.
    pub stopping: Option<bool>,
    /// Sockets that listen.
    pub listeners: Option<u32>,
    /// Log lines that nobody took.
    pub dropped_logs: Option<u32>,
    /// Bytes sent, to both sides.
    pub bytes_out: Option<u64>,
    /// Those of them that went through a pipe of the kernel.
    pub spliced_bytes_out: Option<u64>,
    /// Warnings said.
    pub warnings: Option<u32>,
    /// Sessions now.
    pub streams: Option<u64>,
    /// Sessions ever.
    pub streams_total: Option<u64>,
}

impl Info {
    /// One of which only the necessary is known.
    pub fn new(version: impl Into<String>, threads: u32, started: SystemTime, uptime: Duration) -> Info {
        Info {
            version: version.into(),
            threads,
            started,
            uptime,
            release_date: None,
            thread_groups: None,
            boot_time: None,
            memory_limit: None,
            descriptor_limit: None,
            max_sockets: None,
            max_connections: None,
            hard_max_connections: None,
            max_connections_reached: None,
            connections: None,
            connections_total: None,
            requests_total: None,
            node: None,
            description: None,
            stopping: None,
            listeners: None,
            dropped_logs: None,
            bytes_out: None,
            spliced_bytes_out: None,
            warnings: None,
            streams: None,
            streams_total: None,
        }
    }
}
