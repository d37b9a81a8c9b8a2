//! Break before make: for a while there is no path at all.
//!
//! This is what happens when a machine leaves one network and later joins another: the link goes down, and the network
//! manager (NetworkManager, a phone) removes its address, its routes and its endpoint. With the endpoint the client's
//! kernel closes the subflows; the peer cannot be notified, so the proxy keeps its ends of them and retransmits without
//! an answer. When there is a network again, address, routes and endpoint are added, and for a new `subflow` endpoint
//! the kernel opens a subflow on every connection that exists, also on one without any (Linux 6.18). It does so within
//! `close_timeout`, 60 s; after that the connection is closed.
//!
//! Links that only pause, as in a lift, and come back as they were are another case: nothing has been closed, and the
//! old subflows continue with the next retransmission. It matters that both come back: data assigned to a subflow that
//! stays dead is moved to the other one by the kernel piece by piece, one each 200 ms, until the kernel has marked it
//! stale (up to 15 s, Linux 6.18).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use braid_load::{Direction, Transport};
use braid_tests::endpoint::{Endpoint, EndpointFlags};
use braid_tests::lab;
use braid_tests::skip::Lab;
use braid_tests::topology::{Path, TwoPaths};

use crate::transfer::{BYTES, RATE, Transfer, joined, one_connection, origin, proxy, tell, tune};

/// If nothing arrives for this time all paths are down: on a working one a retransmission would come earlier.
const QUIET: Duration = Duration::from_secs(1);

/// If no more than this is missing the sender may have sent the end of its stream, after data that waits in its
/// buffers. From then on the kernel refuses new subflows, and a connection without one is lost (Linux 6.18).
const UNSENT: u64 = 4 << 20;

/// Makes the client leave the network of a path, whose link is down.
fn leave(path: &Path) {
    let client = path.client_end.namespace();
    for cidr in path.client.each() {
        path.client_end.remove_address(cidr).unwrap();
        let endpoints = client.endpoints().unwrap();
        let known = endpoints.iter().find(|endpoint| endpoint.address == cidr.address).unwrap();
        client.delete_endpoint(known.id.unwrap()).unwrap();
    }
}

/// Makes the client join the network of a path.
fn join(path: &Path) {
    for cidr in path.client.each() {
        path.client_end.add_address(cidr).unwrap();
    }
    path.up().unwrap();
    for cidr in path.client.each() {
        let endpoint = Endpoint::new(cidr.address, EndpointFlags::SUBFLOW);
        path.client_end.namespace().add_endpoint(endpoint).unwrap();
    }
}

/// What is done when all links are down, how there is a path again, and how many subflows have been added to the first
/// one by the end.
struct Gap {
    begin: Option<fn(&Path)>,
    end: fn(&TwoPaths),
    joins: u64,
}

/// The client moves from two networks to none to one.
const MOVE: Gap = Gap { begin: Some(leave), end: |net| join(&net.paths[1]), joins: 2 };
/// Both networks are silent for a while.
const PAUSE: Gap =
    Gap { begin: None, end: |net| net.paths.iter().for_each(|path| path.up().unwrap()), joins: 1 };

/// Runs a transfer with a gap in the middle.
fn outlive(gap: &Gap, lab: &Lab, claim: &str, direction: Direction) {
    let net = TwoPaths::new(lab).unwrap();
    tune(&net, RATE);
    let origin = origin(&net.server, Transport::Tcp);
    let (braid, port) = proxy(&net.server, "mptcp@:0", &format!("tcp@127.0.0.1:{}", origin.addr().port()));
    let to = SocketAddr::new(net.paths[0].server.v4, port);

    let transfer = Transfer::start(&net.client, to, Transport::Mptcp, direction, BYTES);
    transfer.under_way();
    joined(&net.server, 1);
    let begin = Instant::now();
    net.paths.iter().for_each(|path| path.down().unwrap());
    gap.begin.iter().for_each(|leave| net.paths.iter().for_each(leave));
    let before = transfer.standstill(QUIET);
    assert!(before < BYTES - UNSENT, "too late: {before} bytes had arrived when the paths were down");
    let without = begin.elapsed();
    (gap.end)(&net);
    let report = transfer.finish();

    tell(&format!("{claim}, {} ({} ms without a path)", direction.name(), without.as_millis()), &report);
    assert!(report.longest_stall >= QUIET, "{report}");
    joined(&net.server, gap.joins);
    let session = one_connection(&braid, origin, &net.server);
    assert_eq!((session.get("client-protocol"), session.get("client-state")), ("mptcpv4", "native"));
}

#[test]
fn a_download_outlives_the_loss_of_all_paths() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    outlive(&MOVE, &lab, "break before make", Direction::Down);
}

#[test]
fn an_upload_outlives_the_loss_of_all_paths() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    outlive(&MOVE, &lab, "break before make", Direction::Up);
}

#[test]
fn a_download_outlives_a_pause_of_all_links() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    outlive(&PAUSE, &lab, "pause of all links", Direction::Down);
}
