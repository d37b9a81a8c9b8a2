//! HTTP: connections of clients and the exchanges on them.
//!
//! * `serve`: serves a client's connection. `serial`: one that carries one exchange after the other; `multiplexed`:
//!   one that carries many at once. `rooms`: the space of running exchanges. `close`: the orderly close of both.
//! * `exchange`: one request and its response: rules, server, bodies, replies of the proxy.
//! * `persistence`: cookies that lead a client to the same server again.
//! * `servers`: where an exchange gets a connection to its server.
//! * `h1`: the codec of HTTP/1 on connections. `serve` and `servers` ask [`CODECS`] for each connection
//!   which codec it speaks.

mod close;
mod exchange;
mod h1;
mod multiplexed;
mod persistence;
mod rooms;
mod serial;
mod serve;
mod servers;

#[cfg(test)]
pub(crate) use h1::CODEC as H1;
pub(crate) use rooms::Rooms;
pub(crate) use serve::{run, run_upgraded};

use crate::connection::Codecs;
use crate::policy::BindProto;

/// The codecs of connections: HTTP/1 for all of them, since no layer negotiates anything else.
pub(crate) const CODECS: Codecs = Codecs {
    front: |ingress, _| match ingress.listener.proto {
        BindProto::Http1 => h1::front_alone,
        BindProto::Any | BindProto::Tcp => h1::CODEC.front,
    },
    back: |_, _| h1::CODEC.back,
};

/// The most bytes read at once from a client or a server, and so the most that are buffered ahead of their turn.
const READ: usize = 16 * 1024;
