//! Between client and proxy: hand-over in both directions, and from IPv4 to IPv6.

use std::net::SocketAddr;

use braid_load::{Direction, Transport};
use braid_tests::lab;
use braid_tests::skip::Lab;
use braid_tests::topology::{Offer, Site, TwoPaths};

use crate::transfer::{
    BYTES, RATE, Transfer, joined, mapped, offer_ipv6_only, one_connection, origin, proxy, tell, tune,
};

/// Makes the path on which the connection was made fail in the middle of a transfer; the rest takes the other path.
fn hand_over(lab: &Lab, direction: Direction) {
    let net = TwoPaths::new(lab).unwrap();
    tune(&net, RATE);
    let origin = origin(&net.server, Transport::Tcp);
    let (braid, port) = proxy(&net.server, "mptcp@:0", &format!("tcp@127.0.0.1:{}", origin.addr().port()));
    let to = SocketAddr::new(net.paths[0].server.v4, port);

    let transfer = Transfer::start(&net.client, to, Transport::Mptcp, direction, BYTES);
    transfer.under_way();
    joined(&net.server, 1);
    net.paths[0].down().unwrap();
    let report = transfer.finish();

    tell(&format!("hand-over, {}", direction.name()), &report);
    assert_eq!((report.paths.mptcp, report.paths.fallback), (1, 0), "{report}");
    let carried = net.paths[1].client_end.traffic().unwrap().total();
    assert!(carried > BYTES / 3, "the other path carried {carried} bytes: it ended before the path did");
    let session = one_connection(&braid, origin, &net.server);
    assert_eq!((session.get("client-protocol"), session.get("client-state")), ("mptcpv4", "native"));
}

#[test]
fn a_download_moves_to_the_other_path() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    hand_over(&lab, Direction::Down);
}

#[test]
fn an_upload_moves_to_the_other_path() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    hand_over(&lab, Direction::Up);
}

/// The first link carries IPv4 and the second IPv6. The client knows only an IPv4 address; the other is announced.
#[test]
fn an_ipv4_connection_moves_to_ipv6() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    let (client, server) = (lab.namespace("client").unwrap(), lab.namespace("proxy").unwrap());
    let net = TwoPaths::between(&client, &server, Site(1), Offer::Signal).unwrap();
    tune(&net, RATE);
    let [v4, v6] = &net.paths;
    offer_ipv6_only(v6);
    let origin = origin(&net.server, Transport::Tcp);
    let server = format!("tcp@127.0.0.1:{}", origin.addr().port());
    let (braid, port) = proxy(&net.server, "mptcp@[::]:0 v4v6", &server);
    let to = SocketAddr::new(mapped(v4.server.v4), port);

    let transfer = Transfer::start(&net.client, to, Transport::Mptcp, Direction::Down, BYTES);
    transfer.under_way();
    joined(&net.server, 1);
    v4.down().unwrap();
    let report = transfer.finish();

    tell("IPv4 to IPv6, down", &report);
    let session = one_connection(&braid, origin, &net.server);
    assert_eq!((session.get("client-protocol"), session.get("client-state")), ("mptcpv6", "native"));
    assert_eq!(session.get("listener"), SocketAddr::new(v4.server.v4, port).to_string());
    // What the first path had not carried came over IPv6.
    let brought = [v4.client_end.traffic(), v6.client_end.ipv6_traffic()].map(|side| side.unwrap().received);
    assert!(brought[0] > 0 && brought[0] < BYTES && brought[0] + brought[1] > BYTES, "{brought:?}");
}
