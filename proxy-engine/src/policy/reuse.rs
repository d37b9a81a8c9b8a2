//! Which idle connections to servers are kept, and which requests may use them.

use std::time::Duration;

/// `http-reuse`: which requests may be sent on a connection that another client's request was sent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// No request.
    Never,
    /// All but the first request of a client: if the server closes meanwhile, that one could not be sent again
    /// unnoticed.
    #[default]
    Safe,
    /// The first request of a client, too, but on connections that were reused before.
    Aggressive,
    /// All requests.
    Always,
}

/// The limits of the idle connections of a server that are kept: those that [`Reuse`] lets other clients use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdlePool {
    /// `pool-max-conn`: the most idle connections. `None` is no limit, which is the default.
    pub most: Option<u32>,
    /// `pool-purge-delay`: the interval at which half of the connections that were not needed in it are closed. Zero
    /// keeps none. The default is 5 s.
    pub purge_delay: Duration,
    /// `pool-low-conn`: with fewer idle connections in all, a worker takes none from another. The default is 0.
    pub low: u32,
    /// `max-reuse`: how often a connection is reused; 0 means that it is used only once. `None` is no limit, which is
    /// the default.
    pub most_reuses: Option<u32>,
}

impl Default for IdlePool {
    fn default() -> IdlePool {
        IdlePool { most: None, purge_delay: Duration::from_secs(5), low: 0, most_reuses: None }
    }
}
