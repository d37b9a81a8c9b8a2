//! Listening: sockets, accepting in batches, the permits that connections need, the limits of the process, and the phases of a listener's life.
//!
//! A listener does not depend on how a connection is served: it passes it to its receiver ([`Deliver`]).

mod acceptor;
mod permits;
mod phase;
mod process_limits;
mod rate_limit;
mod sockets;

use proto_core::protocol::BoundSocket;
use proxy_config::layers::LineLayers;

use crate::policy::BindProto;

pub(crate) use acceptor::{Acceptor, Deliver};
pub(crate) use permits::{ConnectionLimit, Permit, Permits};
pub(crate) use phase::Phase;
pub use process_limits::{ProcessLimits, ProcessRates};
pub(crate) use rate_limit::RateLimit;
pub(crate) use sockets::Kept;
pub use sockets::{ListeningSocket, ListeningSockets};

/// The parts of a listener of a frontend.
#[derive(Debug)]
pub struct ListenerConfig {
    /// The bound socket. It will listen on one worker.
    pub socket: Box<dyn BoundSocket>,
    /// The name of its protocol, which with the address identifies a listening socket.
    pub protocol: &'static str,
    /// The name on its bind line.
    pub name: Option<String>,
    /// The listener's number within the frontend.
    pub id: u32,
    /// The limit of concurrent connections.
    pub maxconn: Option<usize>,
    /// The layers from an accepted connection to the stream that is read.
    pub layers: LineLayers,
    /// What its connections may carry.
    pub proto: BindProto,
}

impl ListenerConfig {
    /// Makes one without name, limit or layers.
    pub fn new(id: u32, protocol: &'static str, socket: Box<dyn BoundSocket>) -> ListenerConfig {
        let (layers, proto) = (LineLayers::default(), BindProto::default());
        ListenerConfig { socket, protocol, name: None, id, maxconn: None, layers, proto }
    }
}
