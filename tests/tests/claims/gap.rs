//! Break before make: for a while there is no path at all.
//!
//! What a machine that leaves one network and later joins another really does: the link goes, and whoever manages the
//! network (NetworkManager, a phone) takes away its address, its routes and its endpoint. With the endpoint the client's
//! kernel closes the subflows; nobody can be told, so the proxy keeps its ends of them and retransmits into the void. When
//! a network is there again, address, routes and endpoint are added, and for a new `subflow` endpoint the kernel opens a
//! subflow on every connection that lives, also on one without any (Linux 6.18). It does so within `close_timeout`, 60 s;
//! after that the connection is over.
//!
//! Links that only pause, as in a lift, and come back as they were are another case: nothing has been closed, and the old
//! subflows go on when TCP retransmits next. That both come back matters: what was assigned to a subflow that stays dead the
//! kernel moves to the other piece by piece, one each 200 ms, until it has found it stale (seen for 15 s, Linux 6.18).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use braid_load::{Direction, Transport};
use braid_tests::endpoint::{Endpoint, EndpointFlags};
use braid_tests::lab;
use braid_tests::skip::Lab;
use braid_tests::topology::{Path, TwoPaths};

use crate::transfer::{BYTES, RATE, Transfer, joined, one_connection, origin, proxy, tell, tune};

/// That nothing moves for so long shows that all paths are gone: a retransmission would come earlier on one that is not.
const QUIET: Duration = Duration::from_secs(1);

/// When no more than this is missing the sender may have sent the end of its stream, after data that waits in its buffers.
/// From then on the kernel refuses new subflows, and a connection without one is lost (Linux 6.18).
const UNSENT: u64 = 4 << 20;

/// The client leaves the network of a path, whose link is gone.
fn leave(path: &Path) {
    let client = path.client_end.namespace();
    for cidr in path.client.each() {
        path.client_end.remove_address(cidr).unwrap();
        let endpoints = client.endpoints().unwrap();
        let known = endpoints.iter().find(|endpoint| endpoint.address == cidr.address).unwrap();
        client.delete_endpoint(known.id.unwrap()).unwrap();
    }
}

/// The client joins the network of a path.
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

/// What is done when all links are down, how there is a path again, and how many subflows have been added to the first in
/// the end.
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

/// There is a gap in the middle of a transfer.
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
    assert!(before < BYTES - UNSENT, "too late: {before} bytes had come when the paths were gone");
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
