//! MPTCP connections of this kernel: mixed peers, mapped addresses, options on fallback connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use proto_core::Protocol;
use proto_core::address::Address;
use proto_core::extension::{Sampled, Value};
use proto_core::info::{FallbackReason, State};
use proto_core::kernel::{Kernel, SocketKind};
use proto_core::options::SocketOption;
use proto_core::protocol::{Listener, accept};
use proto_core::registry::Registry;
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::stream::{Stream, Support};
use proto_core::sys::IPPROTO_MPTCP;

/// Returns whether this kernel has MPTCP, and reports a skipped test if not.
fn available(test: &str) -> bool {
    let missing = Kernel::detect().sockets(SocketKind { inet6: false, ipproto: IPPROTO_MPTCP }).missing;
    if let Some(errno) = missing {
        proto_core::conformance::skipped(test, &format!("no MPTCP on this kernel, error {errno}"));
    }
    missing.is_none()
}

fn listen(protocol: &dyn Protocol, address: &str, options: &[SocketOption]) -> (Address, Box<dyn Listener>) {
    let mut spec = BindSpec::new(address.parse::<SocketAddr>().expect("an address"));
    spec.settings.options = options.iter().cloned().collect();
    let bound = protocol.bind(spec, &Kernel::detect()).expect("it binds");
    (bound.address, bound.socket.listen().expect("it listens"))
}

/// Makes a connection of `protocol` to a listener, and returns the client's end and the server's.
async fn connect(
    protocol: &Arc<dyn Protocol>,
    server: ServerSpec,
    listener: &dyn Listener,
) -> (Box<dyn Stream>, Box<dyn Stream>) {
    let target = Target::new(server.address.clone());
    let connectable = protocol.connector(server, &Kernel::detect()).expect("a connector");
    let (client, incoming) = tokio::join!(connectable.connector.connect(&target), accept(listener));
    (client.expect("it connects"), incoming.expect("it accepts").into_stream().expect("it registers"))
}

#[tokio::test]
async fn a_plain_client_of_an_mptcp_listener_is_a_fallback() {
    if !available("a_plain_client_of_an_mptcp_listener_is_a_fallback") {
        return;
    }
    let (address, listener) = listen(&*proto_mptcp::mptcp4(), "127.0.0.1:0", &[]);
    let (_client, server) = connect(&proto_tcp::tcp4(), ServerSpec::new(address.clone()), &*listener).await;
    assert_eq!(server.info().state, State::Fallback(FallbackReason::Peer));
    assert_eq!(server.info().paths.len(), 1);
    assert!(server.splice_read().is_some(), "the socket is plain TCP, and splices");

    let (_client, server) = connect(&proto_mptcp::mptcp4(), ServerSpec::new(address), &*listener).await;
    assert_eq!(server.info().state, State::Native);
    assert!(server.splice_read().is_none());
    assert!(matches!(server.info().extra("token"), Some(Value::Text(token)) if token.len() == 8));
}

#[tokio::test]
async fn a_server_without_mptcp_is_reached_by_fallback() {
    if !available("a_server_without_mptcp_is_reached_by_fallback") {
        return;
    }
    let (address, listener) = listen(&*proto_tcp::tcp4(), "127.0.0.1:0", &[]);
    let (client, _server) = connect(&proto_mptcp::mptcp4(), ServerSpec::new(address), &*listener).await;
    assert_eq!(client.info().state, State::Fallback(FallbackReason::Peer));
}

#[tokio::test]
async fn an_ipv4_server_is_reached_by_an_ipv6_socket_where_the_family_is_open() {
    if !available("an_ipv4_server_is_reached_by_an_ipv6_socket_where_the_family_is_open") {
        return;
    }
    let (address, listener) = listen(&*proto_mptcp::mptcp4(), "127.0.0.1:0", &[]);
    let protocol = proto_mptcp::mptcp4();
    let open = ServerSpec { any_family: true, ..ServerSpec::new(address.clone()) };
    let (client, server) = connect(&protocol, open.clone(), &*listener).await;
    assert_eq!(client.info().state, State::Native);
    assert_eq!(client.info().extra("note"), None);
    // Unmapped everywhere.
    for stream in [&client, &server] {
        let [path] = &stream.info().paths[..] else { panic!("one path: {:?}", stream.info()) };
        for seen in [&stream.peer_addr(), &stream.local_addr(), &path.local, &path.remote] {
            assert!(seen.inet().is_some_and(|addr| addr.is_ipv4()), "{seen}");
        }
    }
    // IP_TOS holds for the IPv4 packets of an IPv6 socket; MPTCP has no IPV6_TCLASS for the others.
    assert!(matches!(client.set_option(&SocketOption::Tos(32)), Ok(Support::Partly(_))));

    // An IPv4 source address requires an IPv4 socket, whose note says what it lacks.
    let mut bound = open;
    bound
        .settings
        .options
        .set(SocketOption::Source("127.0.0.2:0".parse::<SocketAddr>().expect("an address").into()));
    let (client, server) = connect(&protocol, bound, &*listener).await;
    assert!(server.peer_addr().to_string().starts_with("127.0.0.2:"), "{}", server.peer_addr());
    let note = client.info().extra("note").map(ToString::to_string).unwrap_or_default();
    assert!(note.contains("IPv4 paths only"), "{note}");
}

#[tokio::test]
async fn options_that_a_fallback_connection_does_not_inherit_are_set_on_it() {
    if !available("options_that_a_fallback_connection_does_not_inherit_are_set_on_it") {
        return;
    }
    let options = [SocketOption::NotSentLowat(16_384), SocketOption::UserTimeout(Duration::from_secs(7))];
    let mut spec = BindSpec::new("127.0.0.1:0".parse::<SocketAddr>().expect("an address"));
    spec.settings.options = options.iter().cloned().collect();
    let bound = proto_mptcp::mptcp4().bind(spec, &Kernel::detect()).expect("it binds");
    let [warning] = &bound.warnings[..] else { panic!("tcp-ut is not for MPTCP: {:?}", bound.warnings) };
    assert!(warning.message.contains("connections that turn out plain TCP get it"), "{warning}");

    let listener = bound.socket.listen().expect("it listens");
    let (_client, server) = connect(&proto_tcp::tcp4(), ServerSpec::new(bound.address), &*listener).await;
    let socket = server.splice_read().expect("it is plain TCP").fd();
    for option in &options {
        assert_eq!(
            proto_core::options::apply::holds(socket, option).expect("it can be read"),
            Some(true),
            "{option}"
        );
    }
}

#[tokio::test]
async fn the_samples_distinguish_mptcp_from_plain_tcp() {
    if !available("the_samples_distinguish_mptcp_from_plain_tcp") {
        return;
    }
    let registry = Registry::linked().expect("no registrations conflict");
    let take = |name: &str, stream: &dyn Stream| {
        (registry.sample(name).expect("it is registered").fetch)(&Sampled::new(stream))
    };
    let (address, listener) = listen(&*proto_mptcp::mptcp4(), "127.0.0.1:0", &[]);
    let (_client, native) =
        connect(&proto_mptcp::mptcp4(), ServerSpec::new(address.clone()), &*listener).await;
    assert_eq!(take("mptcp", &*native), Some(Value::Bool(true)));
    assert_eq!(take("mptcp_paths", &*native), Some(Value::Integer(1)));
    let (_client, plain) = connect(&proto_tcp::tcp4(), ServerSpec::new(address), &*listener).await;
    assert_eq!(take("mptcp", &*plain), Some(Value::Bool(false)));
    assert_eq!(take("mptcp_paths", &*plain), None);
}
