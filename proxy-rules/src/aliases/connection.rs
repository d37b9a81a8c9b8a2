//! `%ci`, `%cp`, `%fi`, `%fp`: both ends of the client's connection.

use proto_core::address::Address;

use crate::format::AliasEntry;
use crate::points::Need;
use crate::sample::Sample;

/// The IP address; of a UNIX socket there is a word for it.
fn host(address: &Address) -> Option<Sample<'static>> {
    Some(match address {
        Address::Inet(address) => Sample::Ip(address.ip()),
        Address::Unix(_) => Sample::Text(b"unix"[..].into()),
        Address::Other(_) => return None,
    })
}

fn port(address: &Address) -> Option<Sample<'static>> {
    address.inet().map(|address| Sample::Integer(address.port().into()))
}

inventory::submit! {
    AliasEntry::new("ci", Need::Client, "the client's address", |context| host(context.session.source()))
}

inventory::submit! {
    AliasEntry::new("cp", Need::Client, "the client's port", |context| port(context.session.source()))
}

inventory::submit! {
    AliasEntry::new("fi", Need::Client, "the address that the client connected to", |context| {
        host(context.session.destination())
    })
}

inventory::submit! {
    AliasEntry::new("fp", Need::Client, "the port that the client connected to", |context| {
        port(context.session.destination())
    })
}
