//! The proxy of these tests in its namespace, and its origin.

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use braid_load::{HttpOrigin, OriginPlan, Transport};
use braid_tests::endpoint::{Endpoint, EndpointFlags};
use braid_tests::forward::{Braid, Forward};
use braid_tests::mib::MptcpCounters;
use braid_tests::ns::Namespace;
use braid_tests::topology::TwoPaths;

use crate::log::{Logged, REQUEST};
use crate::transfer::LIMIT;

/// The port; no other program is in the namespace.
pub(crate) const PORT: u16 = 80;

/// A running proxy.
#[derive(Debug)]
pub(crate) struct Proxy(Braid);

impl Proxy {
    /// Starts one in a namespace, with one server.
    pub(crate) fn start(namespace: &Namespace, bind: &str, server: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = std::env::temp_dir().join(format!("braid-{}-{number}-paths.cfg", std::process::id()));
        let limit = LIMIT.as_secs();
        let text = format!(
            "defaults\n mode http\n log stdout format raw local0\n option httplog\n timeout connect {limit}s\n \
             timeout client {limit}s\n timeout server {limit}s\n\
             listen entrance\n bind {bind}\n server origin {server}\n",
        );
        fs::write(&file, text).unwrap();
        let braid = Forward::command().unwrap().args(["-f", file.to_str().unwrap()]).inside(namespace);
        let started = braid.start();
        fs::remove_file(&file).unwrap();
        Self(started.unwrap())
    }

    /// Returns its log of these requests, and checks that there were no others.
    pub(crate) fn logged(&self, count: usize) -> Vec<Logged> {
        let lines = self.0.process.wait_for_lines(REQUEST, count, LIMIT).unwrap();
        let all: Vec<Logged> = lines.iter().map(|line| Logged::parse(line)).collect();
        assert_eq!(all.len(), count, "{all:?}");
        for logged in &all {
            assert_eq!((logged.status, &*logged.termination), (200, "----"), "{logged:?}");
            assert_eq!(logged.client, all[0].client, "one connection: {all:?}");
        }
        all
    }
}

/// Makes a backend announce only the address of its second path, so that the first path that is added is not another
/// one over the first link.
pub(crate) fn announce_second(net: &TwoPaths) {
    net.server.flush_endpoints().unwrap();
    let second = Endpoint::new(net.paths[1].server.v4, EndpointFlags::SIGNAL);
    net.server.add_endpoint(second).unwrap();
}

/// Starts an origin on every address of a namespace.
pub(crate) fn origin(namespace: &Namespace, transport: Transport) -> HttpOrigin {
    let plan = OriginPlan { addr: any(), transport, send_buffer: None, patience: LIMIT };
    namespace.run(|| HttpOrigin::start(&plan).unwrap()).unwrap()
}

fn any() -> SocketAddr {
    ([0, 0, 0, 0], 0).into()
}

/// Checks that the origin was reached by one connection, and got this many requests and nothing wrong.
pub(crate) fn served(origin: HttpOrigin, requests: u64) {
    let counts = origin.stop();
    let wrong = (counts.failed, counts.mismatched);
    assert_eq!((counts.accepted, counts.requests, wrong), (1, requests, (0, 0)), "{counts:?}");
}

/// Checks that the MPTCP listeners of a namespace were connected to once, and with MPTCP.
pub(crate) fn one_connection(acceptor: &Namespace) {
    let counters = MptcpCounters::read(acceptor).unwrap();
    assert_eq!(counters.get("MPCapableACKRX"), Some(1), "{counters:?}");
    assert_eq!(counters.get("MPCapableFallbackACK"), Some(0), "{counters:?}");
}
