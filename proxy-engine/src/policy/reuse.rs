//! Which idle connections to servers are kept, and who may use them.

use std::time::Duration;

/// `http-reuse`: which requests may be sent on a connection that another client's request was sent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// None.
    Never,
    /// All but the first of a client: if the server closes meanwhile, that one could not be sent again unnoticed.
    #[default]
    Safe,
    /// The first of a client, too, on connections that were reused before.
    Aggressive,
    /// All.
    Always,
}

/// The idle connections that are kept of a server: those that [`Reuse`] lets other clients use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdlePool {
    /// `pool-max-conn`: the most idle connections. `None` is no limit, which is the default.
    pub most: Option<u32>,
    /// `pool-purge-delay`: the interval at which half of the connections that were not needed since are closed. Zero
    /// keeps none. The default is 5 s.
    pub purge_delay: Duration,
    /// `pool-low-conn`: with fewer idle connections in all, a worker does not take those of another. The default is 0.
    pub low: u32,
    /// `max-reuse`: how often a connection is used again; 0 is once and no more. `None` is no limit, which is the
    /// default.
    pub most_reuses: Option<u32>,
}

impl Default for IdlePool {
    fn default() -> IdlePool {
        IdlePool { most: None, purge_delay: Duration::from_secs(5), low: 0, most_reuses: None }
    }
}
