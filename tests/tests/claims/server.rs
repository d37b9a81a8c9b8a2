//! Between proxy and server, for clients without MPTCP.

use std::net::SocketAddr;

use braid_load::{Direction, Transport};
use braid_tests::lab;
use braid_tests::skip::Lab;
use braid_tests::topology::{Offer, Site, TwoPaths};

use crate::transfer::{
    BYTES, RATE, Transfer, joined, offer_ipv6_only, one_connection, origin, proxy, tell, tune,
};

/// Runs a plain TCP client beside the proxy that downloads from an origin, reached by IPv4 over the first of two paths,
/// which fails in the middle. Returns the network in its last state.
fn hand_over(lab: &Lab, claim: &str, prepare: impl FnOnce(&TwoPaths)) -> TwoPaths {
    let (proxied, backend) = (lab.namespace("proxy").unwrap(), lab.namespace("backend").unwrap());
    let net = TwoPaths::between(&proxied, &backend, Site(1), Offer::Signal).unwrap();
    tune(&net, RATE);
    prepare(&net);
    let origin = origin(&net.server, Transport::Mptcp);
    let server = SocketAddr::new(net.paths[0].server.v4, origin.addr().port());
    let (braid, port) = proxy(&net.client, "tcp@127.0.0.1:0", &format!("mptcp@{server}"));
    let to = SocketAddr::new([127, 0, 0, 1].into(), port);

    let transfer = Transfer::start(&net.client, to, Transport::Tcp, Direction::Down, BYTES);
    transfer.under_way();
    joined(&net.server, 1);
    net.paths[0].down().unwrap();
    let report = transfer.finish();

    tell(claim, &report);
    let session = one_connection(&braid, origin, &net.server);
    assert_eq!((session.get("client-protocol"), session.get("client-state")), ("tcpv4", "native"));
    assert_eq!((session.get("server-protocol"), session.get("server-state")), ("mptcpv4", "native"));
    assert_eq!(session.get("server"), server.to_string());
    net
}

#[test]
fn a_download_from_the_server_moves_to_the_other_path() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    hand_over(&lab, "hand-over towards the server, down", |_| {});
}

/// The proxy reaches IPv4 servers with IPv6 sockets and mapped addresses, so that it can use what they announce.
#[test]
fn a_connection_to_an_ipv4_server_moves_to_ipv6() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    let net = hand_over(&lab, "IPv4 to IPv6 towards the server, down", |net| offer_ipv6_only(&net.paths[1]));
    let brought = net.paths[1].client_end.ipv6_traffic().unwrap().received;
    assert!(brought > BYTES / 3, "{brought}");
}
