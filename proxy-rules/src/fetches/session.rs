//! `src`, `src_port`, `dst`, `dst_port`: both ends of the client's connection.

use proto_core::address::Address;

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

fn ip(address: &Address) -> Option<Sample<'static>> {
    address.known_as().map(|address| Sample::Ip(address.ip()))
}

fn port(address: &Address) -> Option<Sample<'static>> {
    // Port 0 is none.
    address
        .known_as()
        .map(|address| address.port())
        .filter(|port| *port > 0)
        .map(|port| Sample::Integer(port.into()))
}

simple!("src", Type::Ip, Need::Client, "the client's address", |context| ip(context.session.source()));
simple!("src_port", Type::Integer, Need::Client, "the client's port", |context| port(
    context.session.source()
));
simple!("dst", Type::Ip, Need::Client, "the address that the client connected to", |context| {
    ip(context.session.destination())
});
simple!("dst_port", Type::Integer, Need::Client, "the port that the client connected to", |context| {
    port(context.session.destination())
});
