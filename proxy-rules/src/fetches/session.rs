//! `src`, `src_port`, `dst`, `dst_port`: both ends of the client's connection, as changed by rules; `fc_src` and the
//! others: the real ones, which only rules about connections change.

use proto_core::address::Address;

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

fn ip(address: &Address) -> Option<Sample<'static>> {
    address.known_as().map(|address| Sample::Ip(address.ip()))
}

fn port(address: &Address) -> Option<Sample<'static>> {
    // Port 0 means that there is none.
    address
        .known_as()
        .map(|address| address.port())
        .filter(|port| *port > 0)
        .map(|port| Sample::Integer(port.into()))
}

simple!("src", Type::Ip, Need::Client, "the client's address", |context| ip(context.source()));
simple!("src_port", Type::Integer, Need::Client, "the client's port", |context| port(context.source()));
simple!("dst", Type::Ip, Need::Client, "the address that the client connected to", |context| {
    ip(context.destination())
});
simple!("dst_port", Type::Integer, Need::Client, "the port that the client connected to", |context| {
    port(context.destination())
});
simple!("fc_src", Type::Ip, Need::Client, "the address of the client's connection", |context| {
    ip(context.session.connection_source())
});
simple!("fc_src_port", Type::Integer, Need::Client, "the port of the client's connection", |context| {
    port(context.session.connection_source())
});
simple!("fc_dst", Type::Ip, Need::Client, "the address at this end of the client's connection", |context| {
    ip(context.session.connection_destination())
});
simple!(
    "fc_dst_port",
    Type::Integer,
    Need::Client,
    "the port at this end of the client's connection",
    |context| { port(context.session.connection_destination()) }
);
