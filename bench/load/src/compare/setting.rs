//! What a load asks of a proxy's configuration.

use std::net::SocketAddr;

use crate::link::Transport;

/// What a configuration has to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) transport: Transport,
    pub(crate) keep_alive: bool,
    pub(crate) server_keep_alive: bool,
    pub(crate) origin: SocketAddr,
    pub(crate) log: Option<SocketAddr>,
    /// With what its manual offers for large bodies.
    pub(crate) tuned: bool,
}
