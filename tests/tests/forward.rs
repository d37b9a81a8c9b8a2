//! Bytes through `braid forward`, and what its log says of the connections: MPTCP on both sides, and each way in which
//! one of them falls back.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use braid_load::Transport;
use braid_tests::forward::{Forward, Session};
use braid_tests::mptcp;
use common::{has_mptcp, origin, perform, transfer};

const HOSTS: [&str; 2] = ["127.0.0.1", "[::1]"];

/// Returns protocol and state of both sides.
fn states(session: &Session) -> [&str; 4] {
    ["client-protocol", "client-state", "server-protocol", "server-state"].map(|key| session.get(key))
}

#[test]
fn mptcp_to_mptcp_over_both_families() {
    if !has_mptcp("mptcp_to_mptcp_over_both_families") {
        return;
    }
    for (host, protocol) in HOSTS.into_iter().zip(["mptcpv4", "mptcpv6"]) {
        let origin = origin(host, Transport::Mptcp);
        let braid = Forward::new(format!("mptcp@{host}:0"), format!("mptcp@{}", origin.addr())).unwrap();
        let braid = braid.start().unwrap();
        for report in transfer(braid.addr().unwrap(), Transport::Mptcp) {
            assert_eq!((report.paths.mptcp, report.paths.fallback), (1, 0), "{report}");
        }
        for session in braid.sessions(3).unwrap() {
            assert_eq!(states(&session), [protocol, "native", protocol, "native"]);
            assert_eq!(session.get("listener"), braid.addr().unwrap().to_string());
            assert_eq!(session.get("server"), origin.addr().to_string());
        }
        assert_eq!(braid.warnings(), [""; 0]);
        let counts = origin.stop();
        assert_eq!((counts.mptcp, counts.finished, counts.failed, counts.mismatched), (3, 3, 0, 0));
    }
}

#[test]
fn tcp_to_tcp_over_both_families() {
    for (host, protocol) in HOSTS.into_iter().zip(["tcpv4", "tcpv6"]) {
        let origin = origin(host, Transport::Tcp);
        let braid = Forward::new(format!("tcp@{host}:0"), format!("tcp@{}", origin.addr())).unwrap();
        let braid = braid.start().unwrap();
        transfer(braid.addr().unwrap(), Transport::Tcp);
        for session in braid.sessions(3).unwrap() {
            assert_eq!(states(&session), [protocol, "native", protocol, "native"]);
        }
    }
}

#[test]
fn a_tcp_client_of_an_mptcp_listener_is_served() {
    if !has_mptcp("a_tcp_client_of_an_mptcp_listener_is_served") {
        return;
    }
    let origin = origin("127.0.0.1", Transport::Mptcp);
    let braid = Forward::new("mptcp@127.0.0.1:0", format!("mptcp@{}", origin.addr())).unwrap();
    let braid = braid.start().unwrap();
    transfer(braid.addr().unwrap(), Transport::Tcp);
    for session in braid.sessions(3).unwrap() {
        assert_eq!(states(&session), ["mptcpv4", "fallback:peer", "mptcpv4", "native"]);
    }
    assert_eq!(braid.warnings(), [""; 0]);
}

#[test]
fn a_tcp_server_is_reached_with_mptcp() {
    if !has_mptcp("a_tcp_server_is_reached_with_mptcp") {
        return;
    }
    let origin = origin("127.0.0.1", Transport::Tcp);
    let braid = Forward::new("mptcp@127.0.0.1:0", format!("mptcp@{}", origin.addr())).unwrap();
    let braid = braid.start().unwrap();
    for report in transfer(braid.addr().unwrap(), Transport::Mptcp) {
        assert_eq!(report.paths.mptcp, 1, "{report}");
    }
    for session in braid.sessions(3).unwrap() {
        assert_eq!(states(&session), ["mptcpv4", "native", "mptcpv4", "fallback:peer"]);
    }
}

/// An IPv6 socket serves IPv4: on the listener because of the configuration, to the server because MPTCP prefers it.
/// This must not be visible.
#[test]
fn ipv4_over_ipv6_sockets_shows_as_ipv4() {
    if !has_mptcp("ipv4_over_ipv6_sockets_shows_as_ipv4") {
        return;
    }
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let braid = Forward::new("mptcp@[::]:0 v4v6", format!("mptcp@{address}")).unwrap().start().unwrap();
    let port = braid.addr().unwrap().port();
    let mut client = mptcp::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    client.write_all(b"ping").unwrap();
    let (mut accepted, peer) = server.accept().unwrap();
    accepted.read_exact(&mut [0; 4]).unwrap();
    assert!(peer.is_ipv4(), "{peer}");
    let name = client.local_addr().unwrap();
    drop((accepted, client));

    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!(session.get("client"), name.to_string());
    assert_eq!(session.get("listener"), format!("127.0.0.1:{port}"));
    assert_eq!(session.get("server"), address.to_string());
    assert!(!braid.process.output().contains("::ffff:"), "{}", braid.process.output());
}

#[test]
fn a_missing_server_is_logged() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let braid = Forward::new("tcp@127.0.0.1:0", format!("tcp@{gone}")).unwrap().start().unwrap();
    let mut client = TcpStream::connect(braid.addr().unwrap()).unwrap();
    // Closed or reset: it ends, and without a byte.
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!(session.get("ended"), "not-connected");
    assert_eq!(session.get("server"), gone.to_string());
}

#[test]
fn the_log_counts_bytes_and_names_the_side_that_ended() {
    let origin = origin("127.0.0.1", Transport::Tcp);
    let braid = Forward::new("tcp@127.0.0.1:0", format!("tcp@{}", origin.addr())).unwrap().start().unwrap();
    perform(braid.addr().unwrap(), Transport::Tcp, braid_load::Job::storm(1, 1));
    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!(session.get("down"), "100");
    assert_eq!(session.get("ended"), "client-fin");
    let up: u64 = session.get("up").parse().unwrap();
    assert!(up > 100, "the request precedes the payload: {up}");
}
