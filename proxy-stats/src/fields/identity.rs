//! What an object is, and what its configuration says about it.

use proto_core::address::Address;
use proxy_config::Mode;

use crate::field::Field;
use crate::subject::Kind;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(0, "pxname", "KNSV", "name of the section")
        .frontend(|of| Some(Value::text(of.frontend.name())))
        .listener(|of| Some(Value::text(of.frontend.name())))
        .server(|of| Some(Value::text(of.backend.name())))
        .backend(|of| Some(Value::text(of.backend.name()))),
    Field::new(1, "svname", "KNSV", "FRONTEND, BACKEND, or the name of a listener or server")
        .frontend(|_| Some(Value::text("FRONTEND")))
        .listener(|of| Some(Value::Text(of.name())))
        .server(|of| Some(Value::text(of.server.name())))
        .backend(|_| Some(Value::text("BACKEND"))),
    Field::new(26, "pid", "KGPV", "number of the process; there is always one")
        .frontend(|_| Some(Value::U32(1)))
        .listener(|_| Some(Value::U32(1)))
        .server(|_| Some(Value::U32(1)))
        .backend(|_| Some(Value::U32(1))),
    Field::new(27, "iid", "KGSV", "number of the section")
        .frontend(|of| Some(Value::U32(of.frontend.id())))
        .listener(|of| Some(Value::U32(of.frontend.id())))
        .server(|of| Some(Value::U32(of.backend.id())))
        .backend(|of| Some(Value::U32(of.backend.id()))),
    Field::new(28, "sid", "KGSV", "number of the listener or server in its section")
        .frontend(|_| Some(Value::U32(0)))
        .listener(|of| Some(Value::U32(of.listener.observed().id())))
        .server(|of| Some(Value::U32(of.server.id())))
        .backend(|_| Some(Value::U32(0))),
    Field::new(31, "tracked", "CNSV", "server whose state this one has")
        .server(|of| of.server.tracked().map(Value::text)),
    Field::new(32, "type", "CGSV", "kind: 0 frontend, 1 backend, 2 server, 3 listener")
        .frontend(|_| Some(Value::U32(Kind::Frontend as u32)))
        .listener(|_| Some(Value::U32(Kind::Listener as u32)))
        .server(|_| Some(Value::U32(Kind::Server as u32)))
        .backend(|_| Some(Value::U32(Kind::Backend as u32))),
    Field::new(73, "addr", "CGSV", "address, for clients that may see it")
        .listener(|of| of.view.legends.then(|| address(of.listener.observed().address())))
        .server(|of| of.view.legends.then(|| address(&of.server.address()))),
    Field::new(74, "cookie", "CNSV", "name or value of the cookie, for clients that may see it")
        .server(|of| of.server.cookie_value().filter(|_| of.view.legends).map(Value::Text))
        .backend(|of| of.backend.cookie_name().filter(|_| of.view.legends).map(Value::text)),
    Field::new(75, "mode", "CGSV", "mode: tcp or http")
        .frontend(|of| Some(mode(of.frontend.observed().mode() == Mode::Http)))
        .listener(|of| Some(mode(of.frontend.observed().mode() == Mode::Http)))
        .server(|of| Some(mode(of.backend.http().is_some())))
        .backend(|of| Some(mode(of.backend.http().is_some()))),
    Field::new(76, "algo", "CGSV", "balancing algorithm, for clients that may see it")
        .backend(|of| of.view.legends.then(|| Value::text(of.backend.algorithm()))),
    Field::new(103, "srid", "MCPV", "revision of the number of the server").server(|_| Some(Value::U32(0))),
    Field::new(112, "proto", "SGPV", "protocol")
        .listener(|of| Some(Value::text(of.listener.observed().protocol()))),
];

fn mode(is_http: bool) -> Value {
    Value::text(if is_http { "http" } else { "tcp" })
}

/// An address, IPv6 in brackets. The name of a UNIX socket is not shown.
fn address(address: &Address) -> Value {
    match address {
        Address::Inet(inet) => Value::Text(inet.to_string()),
        Address::Unix(_) => Value::text("unix"),
        other => Value::Text(other.to_string()),
    }
}
