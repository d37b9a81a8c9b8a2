//! What the claims share: a transfer that runs while the test changes the network, and what has to hold after it.

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

/// The longest wait for anything that happens by itself. Only a broken proxy, or a machine that is stuck, takes so
/// long.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);
/// The rate of the links: fast enough for short tests, and slow enough that the links are the bottleneck, also on a
/// busy machine; a test that is late by a second still finds the transfer running.
pub(crate) const RATE: Rate = Rate::mbit(80);
/// The size of the transfers during which something happens: some seconds at `RATE`.
pub(crate) const BYTES: u64 = 32 << 20;

/// The links have to be the bottleneck, never a receiver's window: at its limit an MPTCP sender waits for its
/// retransmission timer, 200 ms each time (Linux 6.18; in a proxy's configuration `sndbuf` avoids it). So a receiver
/// starts with the window that it would grow to, even if it gets no processor for a while, and a sender may have less
/// in flight than that: a megabyte per path, twice the 50 ms of a link's queue at `RATE`.
const BUFFERS: [(&str, &str); 2] =
    [("net.ipv4.tcp_rmem", "4096 4194304 6291456"), ("net.ipv4.tcp_wmem", "4096 16384 1048576")];

/// Limits the rate of a network's links, and sets its hosts to the same parameters on every machine.
pub(crate) fn tune(net: &TwoPaths, rate: Rate) {
    net.set_rate(rate).unwrap();
    for (namespace, (key, value)) in
        [&net.client, &net.server].into_iter().flat_map(|n| BUFFERS.map(|b| (n, b)))
    {
        namespace.set_sysctl(key, value).unwrap();
    }
}

/// Starts an origin on every address of a namespace, both families.
pub(crate) fn origin(namespace: &Namespace, transport: Transport) -> Origin {
    let addr = "[::]:0".parse().unwrap();
    let plan = OriginPlan { addr, transport, send_buffer: None, patience: LIMIT };
    namespace.run(|| Origin::start_with(&plan).unwrap()).unwrap()
}

/// Starts a proxy in a namespace, and returns it with its port.
pub(crate) fn proxy(namespace: &Namespace, bind: &str, server: &str) -> (Braid, u16) {
    let braid = Forward::new(bind, server).unwrap().inside(namespace).start().unwrap();
    let port = braid.addr().unwrap().port();
    (braid, port)
}

/// A running transfer.
pub(crate) struct Transfer {
    bytes: u64,
    progress: Arc<Progress>,
    runner: JoinHandle<Report>,
}

impl Transfer {
    /// Starts a transfer over one connection that is made in a namespace.
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

    /// Waits until an eighth of the bytes has arrived.
    pub(crate) fn under_way(&self) {
        let waited = self.progress.wait_for(self.bytes / 8, LIMIT);
        waited.unwrap_or_else(|error| panic!("{error}; {}", circumstances()));
    }

    /// Waits until nothing has arrived for a while, and returns how much had arrived by then.
    pub(crate) fn standstill(&self, quiet: Duration) -> u64 {
        eventually(LIMIT, || {
            let count = self.progress.count();
            self.progress.wait_for(count + 1, quiet).is_err().then_some(count)
        })
        .expect("bytes still arrive over paths that are down")
    }

    /// Waits for the end, and checks that everything was right.
    pub(crate) fn finish(self) -> Report {
        let report = self.runner.join().unwrap();
        assert!(report.is_ok(), "{report}; {}", circumstances());
        assert_eq!((report.bytes, report.connections), (self.bytes, 1), "{report}");
        report
    }
}

/// Waits until connections that `namespace` has accepted have been joined by this many more paths.
pub(crate) fn joined(namespace: &Namespace, count: u64) {
    let joins = || MptcpCounters::read(namespace).unwrap();
    let enough = || (joins().get("MPJoinAckRx")? >= count).then_some(());
    eventually(LIMIT, enough).unwrap_or_else(|| panic!("not {count} joins: {:?}", joins()));
}

/// Checks that everything went over one connection: of the client, of the origin, and of the kernel of `acceptor`, the
/// namespace whose MPTCP listener was connected to. Returns the proxy's log line about it.
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

/// Describes what outside of the test can be the reason of a failure.
pub(crate) fn circumstances() -> String {
    TcpMemory::read().map(|memory| memory.to_string()).unwrap_or_default()
}

/// Reports a transfer.
pub(crate) fn tell(claim: &str, report: &Report) {
    measured(format_args!(
        "{claim}: longest stall {:.0} ms, {:.1} Mbit/s",
        report.longest_stall.as_secs_f64() * 1e3,
        report.megabytes_per_second() * 8.0,
    ));
}

/// Returns `address` as a connection of an IPv6 socket has it: only such a connection can use paths of both families
/// (Linux 6.18).
pub(crate) fn mapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(_) => address,
    }
}

/// Makes the server's end of a path announce its IPv6 address and no other, so that no other path can be added.
pub(crate) fn offer_ipv6_only(path: &Path) {
    let server = path.server_end.namespace();
    server.flush_endpoints().unwrap();
    server.add_endpoint(Endpoint::new(path.server.v6, EndpointFlags::SIGNAL)).unwrap();
}
