//! The requirements of a load on a proxy's configuration.

use std::net::SocketAddr;

use crate::link::Transport;

/// The settings of a configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) transport: Transport,
    pub(crate) keep_alive: bool,
    pub(crate) server_keep_alive: bool,
    pub(crate) origin: SocketAddr,
    pub(crate) log: Option<SocketAddr>,
    /// Many servers in place of one, all at the address of the origin.
    pub(crate) servers: Option<Servers>,
    /// Whether to use what the proxy's manual offers for large bodies.
    pub(crate) tuned: bool,
}

/// Many servers in place of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Servers {
    pub(crate) count: usize,
    /// The lines of the backend that say how one is chosen.
    pub(crate) balance: &'static str,
}
