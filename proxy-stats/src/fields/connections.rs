//! Connections with clients and with servers.

use proxy_engine::{Backend, Count, Server};

use crate::field::Field;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(79, "conn_tot", "MCPP", "connections of clients")
        .metric("connections_total")
        .frontend(|of| Some(Value::U64(of.frontend.counters().total())))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().total()))),
    Field::new(84, "connect", "MCPP", "attempts to connect")
        .metric("connection_attempts_total")
        .server(|of| server(of.server, Count::Connects))
        .backend(|of| backend(of.backend, Count::Connects)),
    Field::new(85, "reuse", "MCPP", "exchanges on connections that were used before")
        .metric("connection_reuses_total")
        .server(|of| server(of.server, Count::Reuses))
        .backend(|of| backend(of.backend, Count::Reuses)),
    Field::new(88, "srv_icur", "MGPV", "idle connections")
        .metric("idle_connections_current")
        .server(|of| Some(Value::small(of.server.idle()))),
    Field::new(89, "src_ilim", "CLPV", "limit of idle connections")
        .metric("idle_connections_limit")
        .server(|of| of.server.config().pool.most.map(Value::U32)),
    Field::new(95, "idle_conn_cur", "MGPV", "idle connections that are not safe to reuse")
        .metric("unsafe_idle_connections_current")
        .server(|_| None),
    Field::new(96, "safe_conn_cur", "MGPV", "idle connections that are safe to reuse")
        .metric("safe_idle_connections_current")
        .server(|of| Some(Value::small(of.server.idle()))),
    Field::new(97, "used_conn_cur", "MGPV", "connections in use")
        .metric("used_connections_current")
        .server(|_| None),
    Field::new(98, "need_conn_est", "MGPV", "estimated number of connections that are needed")
        .metric("need_connections_current")
        .server(|_| None),
    Field::new(113, "priv_idle_cur", "MGPV", "idle connections that belong to one client")
        .metric("private_idle_connections_current")
        .server(|_| None),
];

fn server(server: &Server, count: Count) -> Option<Value> {
    Some(Value::U64(server.observed().tallies().total(count)))
}

fn backend(backend: &Backend, count: Count) -> Option<Value> {
    Some(Value::U64(backend.total(count)))
}
