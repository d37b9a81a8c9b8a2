//! Listening: sockets, accepting in batches, the permits that connections need, and the phases of a listener's life.
//!
//! A listener knows nothing of what becomes of a connection: it hands it to whoever it was made with ([`Deliver`]).

mod acceptor;
mod permits;
mod phase;
mod sockets;

use proto_core::protocol::BoundSocket;
use proxy_config::layers::LineLayers;

use crate::policy::BindProto;

pub(crate) use acceptor::{Acceptor, Deliver};
pub(crate) use permits::{ConnectionLimit, Permit, Permits};
pub(crate) use phase::Phase;
pub use sockets::{ListeningSocket, ListeningSockets};

/// What a listener of a frontend is made of.
#[derive(Debug)]
pub struct ListenerConfig {
    /// Bound already. Listens on one worker.
    pub socket: Box<dyn BoundSocket>,
    /// The name of its protocol: with the address it is what identifies a listening socket.
    pub protocol: &'static str,
    /// The name on its line.
    pub name: Option<String>,
    /// The number it is known by within the frontend.
    pub id: u32,
    /// Connections at once.
    pub maxconn: Option<usize>,
    /// What turns an accepted connection into what is read.
    pub layers: LineLayers,
    /// What its connections may carry.
    pub proto: BindProto,
}

impl ListenerConfig {
    /// A plain one.
    pub fn new(id: u32, protocol: &'static str, socket: Box<dyn BoundSocket>) -> ListenerConfig {
        let (layers, proto) = (LineLayers::default(), BindProto::default());
        ListenerConfig { socket, protocol, name: None, id, maxconn: None, layers, proto }
    }
}
