//! Shared parts of the end-to-end tests: peers of the load generator and the checks of their results.
#![allow(dead_code, reason = "each test program is compiled with all of it and uses a part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "a module of a test program has no outside")]

use std::net::SocketAddr;

use braid_load::{Direction, Job, Origin, OriginPlan, Plan, Report, Transport, run};
use braid_tests::forward::LIMIT;
use braid_tests::skip::skip;

/// The bytes of each direction; several times the buffers on the way.
const BYTES: u64 = 2 << 20;
/// Below the window of a receiver on loopback, where MPTCP would otherwise stall (Linux 6.18).
const SEND_BUFFER: Option<usize> = Some(128 << 10);

/// Returns whether MPTCP works here; if not, `test` is counted as skipped.
pub fn has_mptcp(test: &str) -> bool {
    Transport::Mptcp.probe().inspect_err(|error| skip(test, &format!("no MPTCP: {error}"))).is_ok()
}

/// Starts an origin on a free port of an address, or on the given port.
pub fn origin(addr: &str, transport: Transport) -> Origin {
    let addr = if addr.parse::<SocketAddr>().is_ok() { addr.to_owned() } else { format!("{addr}:0") };
    let addr = addr.parse().unwrap();
    Origin::start_with(&OriginPlan { addr, transport, send_buffer: SEND_BUFFER, patience: LIMIT }).unwrap()
}

/// Makes a plan with the timeouts of these tests.
pub fn plan(addr: SocketAddr, transport: Transport, job: Job) -> Plan {
    let mut plan = Plan { timeout: LIMIT, ..Plan::new(addr, transport, job) };
    plan.target.send_buffer = SEND_BUFFER;
    plan
}

/// Runs a job and checks that nothing failed.
pub fn perform(addr: SocketAddr, transport: Transport, job: Job) -> Report {
    let report = run(&plan(addr, transport, job)).unwrap();
    assert!(report.is_ok(), "{report}");
    report
}

/// Transfers up, down and both ways: three connections.
pub fn transfer(addr: SocketAddr, transport: Transport) -> [Report; 3] {
    [Direction::Up, Direction::Down, Direction::Echo]
        .map(|direction| perform(addr, transport, Job::bulk(direction, BYTES, 1)))
}

/// Makes one short connection.
pub fn ping(addr: SocketAddr) {
    perform(addr, Transport::Tcp, Job::storm(1, 1));
}

/// Reads a number from the environment, for runs longer than a test should be.
pub fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}
