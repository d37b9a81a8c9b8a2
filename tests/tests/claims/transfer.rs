//! What the claims share: a transfer that runs while the test changes the network, and what must be true of it after.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use braid_load::{Direction, Job, Origin, OriginPlan, Plan, Progress, Report, Transport, run};
use braid_tests::endpoint::{Endpoint, EndpointFlags};
use braid_tests::forward::{Braid, Forward, Session};
use braid_tests::measured::measured;
use braid_tests::memory::TcpMemory;
use braid_tests::mib::MptcpCounters;
use braid_tests::ns::Namespace;
use braid_tests::poll::eventually;
use braid_tests::tc::Rate;
use braid_tests::topology::{Path, TwoPaths};

/// For anything that happens by itself. Only a broken proxy, or a machine that stands still, takes so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);
/// Fast enough for short tests, and so slow that the links are what limits, also on a busy machine; a test that is late by
/// a second still finds the transfer under way.
pub(crate) const RATE: Rate = Rate::mbit(80);
/// Of the transfers during which something happens: some seconds at `RATE`.
pub(crate) const BYTES: u64 = 32 << 20;

/// The links shall limit, never a receiver's window: where it does, an MPTCP sender waits for its retransmission timer,
/// 200 ms each time (Linux 6.18; on a proxy's line `sndbuf` is the cure). So a receiver starts with the window that it would
/// grow to, even if it gets no processor for a while, and a sender may have less under way than that: a megabyte per path,
/// twice the 50 ms of a link's queue at `RATE`.
const BUFFERS: [(&str, &str); 2] =
    [("net.ipv4.tcp_rmem", "4096 4194304 6291456"), ("net.ipv4.tcp_wmem", "4096 16384 1048576")];

/// Makes the links of a network slow, and its hosts alike on every machine.
pub(crate) fn tune(net: &TwoPaths, rate: Rate) {
    net.set_rate(rate).unwrap();
    for (namespace, (key, value)) in
        [&net.client, &net.server].into_iter().flat_map(|n| BUFFERS.map(|b| (n, b)))
    {
        namespace.set_sysctl(key, value).unwrap();
    }
}

/// An origin on every address of a namespace, both families.
pub(crate) fn origin(namespace: &Namespace, transport: Transport) -> Origin {
    let addr = "[::]:0".parse().unwrap();
    let plan = OriginPlan { addr, transport, send_buffer: None, patience: LIMIT };
    namespace.run(|| Origin::start_with(&plan).unwrap()).unwrap()
}

/// A proxy that serves in a namespace, and its port.
pub(crate) fn proxy(namespace: &Namespace, bind: &str, server: &str) -> (Braid, u16) {
    let braid = Forward::new(bind, server).unwrap().inside(namespace).start().unwrap();
    let port = braid.addr().unwrap().port();
    (braid, port)
}

/// A transfer under way.
pub(crate) struct Transfer {
    bytes: u64,
    progress: Arc<Progress>,
    runner: JoinHandle<Report>,
}

impl Transfer {
    /// Begins a transfer over one connection that is made in a namespace.
    pub(crate) fn start(
        namespace: &Namespace,
        to: SocketAddr,
        transport: Transport,
        direction: Direction,
        bytes: u64,
    ) -> Self {
        let plan = Plan { timeout: LIMIT, ..Plan::new(to, transport, Job::bulk(direction, bytes, 1)) };
        let progress = Arc::clone(&plan.progress);
        let runner = namespace.thread(move || run(&plan).unwrap()).unwrap();
        Self { bytes, progress, runner }
    }

    /// Waits until it is well under way, an eighth done.
    pub(crate) fn under_way(&self) {
        let waited = self.progress.wait_for(self.bytes / 8, LIMIT);
        waited.unwrap_or_else(|error| panic!("{error}; {}", circumstances()));
    }

    /// Waits until nothing has come for a while, and gives how much had come by then.
    pub(crate) fn standstill(&self, quiet: Duration) -> u64 {
        eventually(LIMIT, || {
            let count = self.progress.count();
            self.progress.wait_for(count + 1, quiet).is_err().then_some(count)
        })
        .expect("bytes still come over paths that are gone")
    }

    /// Waits for the end; everything must have been right.
    pub(crate) fn finish(self) -> Report {
        let report = self.runner.join().unwrap();
        assert!(report.is_ok(), "{report}; {}", circumstances());
        assert_eq!((report.bytes, report.connections), (self.bytes, 1), "{report}");
        report
    }
}

/// Waits until connections that `namespace` has accepted have been joined by that many more paths.
pub(crate) fn joined(namespace: &Namespace, count: u64) {
    let joins = || MptcpCounters::read(namespace).unwrap();
    let enough = || (joins().get("MPJoinAckRx")? >= count).then_some(());
    eventually(LIMIT, enough).unwrap_or_else(|| panic!("not {count} joins: {:?}", joins()));
}

/// All went over one connection: of the client, of the origin, and of the kernel of `acceptor`, the namespace whose MPTCP
/// listener was connected to. Gives the proxy's line about it.
pub(crate) fn one_connection(braid: &Braid, origin: Origin, acceptor: &Namespace) -> Session {
    let sessions = braid.sessions(1).unwrap();
    let [session] = sessions.as_slice() else { panic!("not one session: {sessions:?}") };
    let counts = origin.stop();
    assert_eq!((counts.accepted, counts.finished, counts.failed, counts.mismatched), (1, 1, 0, 0));
    let counters = MptcpCounters::read(acceptor).unwrap();
    assert_eq!(counters.get("MPCapableACKRX"), Some(1), "{counters:?}");
    assert_eq!(counters.get("MPCapableFallbackACK"), Some(0), "{counters:?}");
    session.clone()
}

/// What outside the test can be the reason why it failed.
pub(crate) fn circumstances() -> String {
    TcpMemory::read().map(|memory| memory.to_string()).unwrap_or_default()
}

/// Prints what a transfer was like.
pub(crate) fn tell(claim: &str, report: &Report) {
    measured(format_args!(
        "{claim}: longest stall {:.0} ms, {:.1} Mbit/s",
        report.longest_stall.as_secs_f64() * 1e3,
        report.megabytes_per_second() * 8.0,
    ));
}

/// `address` as a connection of an IPv6 socket names it: only such a connection can use paths of both families
/// (Linux 6.18).
pub(crate) fn mapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(_) => address,
    }
}

/// Has the server's end of a path offer its IPv6 address and nothing else, so that no other path can be added.
pub(crate) fn offer_ipv6_only(path: &Path) {
    let server = path.server_end.namespace();
    server.flush_endpoints().unwrap();
    server.add_endpoint(Endpoint::new(path.server.v6, EndpointFlags::SIGNAL)).unwrap();
}
