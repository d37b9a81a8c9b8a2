//! HTTP: connections of clients and the exchanges on them.
//!
//! * `serve`: a client's connection, from its acceptance on. `serial`: one that carries one exchange after the other;
//!   `multiplexed`: one that carries many at once. `close`: how both are closed.
//! * `exchange`: one request and its response: rules, server, bodies, replies of the proxy.
//! * `servers`: where an exchange gets a connection to its server.
//! * `h1`: the codec of HTTP/1 on connections. Which codec a connection speaks is chosen in `serve` and `servers`.

mod close;
mod exchange;
mod h1;
mod multiplexed;
mod serial;
mod serve;
mod servers;

pub(crate) use h1::CODEC as H1;
pub(crate) use serve::run;

/// How much is read at once from a client, in bytes: no more of what comes ahead of its turn waits in memory.
const READ: usize = 16 * 1024;
