//! QUIC is known and refused: its addresses parse, and no descriptor is opened.

use std::net::SocketAddr;

use proto_core::address::{Address, NoEnvironment, Parser, Rules};
use proto_core::conformance::refusal_suite;
use proto_core::protocol::Kind;
use proto_core::registry::Registry;

fn v4() -> Address {
    "127.0.0.1:443".parse::<SocketAddr>().expect("an address").into()
}

fn v6() -> Address {
    "[::1]:443".parse::<SocketAddr>().expect("an address").into()
}

refusal_suite!(quic4, proto_quic_stub::quic4, v4);
refusal_suite!(quic6, proto_quic_stub::quic6, v6);

#[test]
fn its_addresses_parse_and_select_it() {
    // Linked by the suites above.
    let registry = Registry::linked().expect("no registrations conflict");
    let parser = Parser::new(&registry, &Rules::BIND);
    for (text, name) in [("quic4@:443", "quicv4"), ("quic6@:443", "quicv6"), ("quic+ipv4@*:443", "quicv4")] {
        let spec = parser.parse(text, &NoEnvironment).expect("it parses");
        let family = spec.host.family().expect("an address");
        let descriptor = *registry.select(&spec.selector, family).expect("it is registered").descriptor();
        assert_eq!((descriptor.name, descriptor.kind), (name, Kind::Multiplexed));
    }
}
