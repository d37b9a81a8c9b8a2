//! Two paths together are faster than one.

use std::net::SocketAddr;
use std::thread;

use braid_load::{Direction, Report, Transport};
use braid_tests::lab;
use braid_tests::measured::measured;
use braid_tests::skip::Lab;
use braid_tests::tc::Rate;
use braid_tests::topology::TwoPaths;

use crate::transfer::{Transfer, circumstances, joined, one_connection, origin, proxy, tell, tune};

/// The rate of each link.
const RATE: Rate = Rate::mbit(40);
/// The size of the download: five seconds of one link.
const BYTES: u64 = 24 << 20;

/// Downloads over one path or over both.
fn download(lab: &Lab, paths: usize) -> Report {
    let net = TwoPaths::new(lab).unwrap();
    tune(&net, RATE);
    if paths == 1 {
        net.client.flush_endpoints().unwrap();
    }
    let origin = origin(&net.server, Transport::Tcp);
    let (braid, port) = proxy(&net.server, "mptcp@:0", &format!("tcp@127.0.0.1:{}", origin.addr().port()));
    let to = SocketAddr::new(net.paths[0].server.v4, port);
    let transfer = Transfer::start(&net.client, to, Transport::Mptcp, Direction::Down, BYTES);
    if paths == 2 {
        joined(&net.server, 1);
    }
    let report = transfer.finish();
    one_connection(&braid, origin, &net.server);
    report
}

/// Both downloads run at the same time, each in a network of its own, so that other load of the machine affects both.
#[test]
fn two_paths_are_faster_than_one() {
    let Some(lab) = lab!(Mptcp, Rate, Memory) else { return };
    let [one, two] = thread::scope(|scope| {
        let lab = &lab;
        [1, 2].map(|paths| scope.spawn(move || download(lab, paths))).map(|run| run.join().unwrap())
    });
    tell("one path", &one);
    tell("two paths", &two);
    let gain = two.megabytes_per_second() / one.megabytes_per_second();
    measured(format_args!("two paths together: {gain:.2} times one"));
    assert!(gain >= 1.6, "{gain:.2}: {one}; {two}; {}", circumstances());
    // Faster than one link can be, however badly the other run went.
    assert!(two.elapsed < RATE.time_for(BYTES as usize), "{two}");
}
