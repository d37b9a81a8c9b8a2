//! The generator against its own origin, over loopback: every job, every transport, and errors of the network.

mod common;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use braid_load::{
    Direction, Held, Job, Opening, Origin, OriginPlan, PathCounts, Pid, Plan, Report, Seed, Target,
    Transport, run,
};
use common::{PATIENCE, SEND_BUFFER, transports};

const DIRECTIONS: [Direction; 3] = [Direction::Down, Direction::Up, Direction::Echo];

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn origin(transport: Transport) -> Origin {
    let plan = OriginPlan { addr: loopback(), transport, send_buffer: Some(SEND_BUFFER), patience: PATIENCE };
    Origin::start_with(&plan).expect("loopback can be bound")
}

fn plan(addr: SocketAddr, transport: Transport, job: Job) -> Plan {
    let mut plan = Plan::new(addr, transport, job);
    plan.target.send_buffer = Some(SEND_BUFFER);
    plan.timeout = PATIENCE;
    plan
}

fn ran(plan: &Plan) -> Report {
    run(plan).expect("no process is measured that could be missing")
}

#[test]
fn bulk_of_every_size_direction_and_transport_arrives() {
    for transport in transports("bulk_of_every_size_direction_and_transport_arrives") {
        let origin = origin(transport);
        for direction in DIRECTIONS {
            for (bytes, streams) in [(0, 1), (1, 1), (8 << 20, 1), (1 << 20, 3)] {
                let report = ran(&plan(origin.addr(), transport, Job::bulk(direction, bytes, streams)));
                assert!(report.is_ok(), "{report}");
                assert_eq!((report.bytes, report.ok), (bytes * streams, streams), "{report}");
                let native = if transport == Transport::Mptcp { streams } else { 0 };
                let subflows = u8::from(native > 0);
                let paths =
                    PathCounts { mptcp: native, fallback: 0, subflows_min: subflows, subflows_max: subflows };
                assert_eq!(report.paths, paths, "{report}");
            }
        }
        let counts = origin.stop();
        assert_eq!((counts.accepted, counts.failed, counts.mismatched), (18, 0, 0));
        assert_eq!(counts.mptcp, if transport == Transport::Mptcp { 18 } else { 0 });
    }
}

#[test]
fn mixed_transports_work_and_say_so() {
    if transports("mixed_transports_work_and_say_so").len() < 2 {
        return;
    }
    for (served, used, fallback) in
        [(Transport::Tcp, Transport::Mptcp, 1), (Transport::Mptcp, Transport::Tcp, 0)]
    {
        let origin = origin(served);
        for direction in DIRECTIONS {
            let report = ran(&plan(origin.addr(), used, Job::bulk(direction, 100_000, 1)));
            assert!(report.is_ok(), "{report}");
            assert_eq!((report.paths.mptcp, report.paths.fallback), (0, fallback), "{report}");
        }
        assert_eq!(origin.stop().mptcp, 0);
    }
}

#[test]
fn a_connect_storm_is_counted_exactly() {
    for transport in transports("a_connect_storm_is_counted_exactly") {
        let origin = origin(transport);
        let mut plan = plan(origin.addr(), transport, Job::storm(200, 8));
        plan.target.source = Some(loopback().ip());
        let report = ran(&plan);
        assert!(report.is_ok(), "{report}");
        assert_eq!((report.ok, report.bytes, plan.progress.count()), (200, 20_000, 20_000));
        origin.finished().wait_for(200, PATIENCE).expect("all end when the client closes");
        assert_eq!(origin.stop().accepted, 200);
    }
}

#[test]
fn the_origin_skips_a_client_hello() {
    let origin = origin(Transport::Tcp);
    let mut plan = plan(origin.addr(), Transport::Tcp, Job::storm(20, 2));
    plan.opening = Opening::new(false, Some("example.org"));
    let report = ran(&plan);
    assert!(report.is_ok(), "{report}");
    assert_eq!((report.ok, report.bytes), (20, 2_000));
}

#[test]
fn refused_connections_are_counted_as_such() {
    // Bound and not listening: no other process can take the port, and it refuses connections.
    let closed = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    closed.bind(&loopback().into()).expect("a free port");
    let addr = closed.local_addr().expect("bound").as_socket().expect("an IP address");
    for transport in transports("refused_connections_are_counted_as_such") {
        let report = ran(&plan(addr, transport, Job::storm(10, 2)));
        assert_eq!((report.ok, report.errors.refused, report.errors.total()), (0, 10, 10), "{report}");
        assert!(!report.is_ok());
    }
}

#[test]
fn a_silent_origin_is_a_timeout_and_in_time() {
    let listener = TcpListener::bind(loopback()).expect("a free port");
    let addr = listener.local_addr().expect("bound");
    let jobs = DIRECTIONS.map(|direction| Job::bulk(direction, 64 << 20, 2));
    for job in jobs.into_iter().chain([Job::storm(5, 2)]) {
        let begin = Instant::now();
        let report = ran(&Plan { timeout: Duration::from_millis(300), ..plan(addr, Transport::Tcp, job) });
        assert_eq!((report.ok, report.errors.timeout, report.errors.total()), (0, 2, 2), "{report}");
        assert_eq!(report.not_tried(), report.connections - 2);
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    }
}

#[test]
fn an_origin_times_out_and_ignores_silent_clients() {
    let plan = OriginPlan { patience: Duration::from_millis(100), ..origin_plan() };
    let origin = Origin::start_with(&plan).expect("loopback can be bound");
    drop(TcpStream::connect(origin.addr()).expect("it listens"));
    let _silent = TcpStream::connect(origin.addr()).expect("it listens");
    origin.finished().wait_for(1, PATIENCE).expect("the silent client times out");
    let counts = origin.stop();
    assert_eq!((counts.accepted, counts.silent, counts.failed, counts.finished), (2, 1, 1, 1));
}

fn origin_plan() -> OriginPlan {
    OriginPlan { addr: loopback(), transport: Transport::Tcp, send_buffer: None, patience: PATIENCE }
}

#[test]
fn a_cut_in_the_middle_is_seen_where_it_happens() {
    for transport in transports("a_cut_in_the_middle_is_seen_where_it_happens") {
        for direction in DIRECTIONS {
            let origin = origin(transport);
            let plan = plan(origin.addr(), transport, Job::bulk(direction, 1 << 40, 1));
            let progress = Arc::clone(&plan.progress);
            let running = thread::spawn(move || ran(&plan));
            progress.wait_for(4 << 20, PATIENCE).expect("a transfer makes progress");
            origin.stop();
            let report = running.join().expect("no panic");
            assert!(!report.is_ok() && report.errors.mismatch == 0 && report.errors.timeout == 0, "{report}");
            assert!(direction == Direction::Up || report.bytes >= 4 << 20, "{report}");
            progress.wait_for(1 << 40, PATIENCE).expect_err("a run that has ended wakes the waiting thread");
        }
    }
}

#[test]
fn held_connections_stay_and_lost_ones_are_counted() {
    for transport in transports("held_connections_stay_and_lost_ones_are_counted") {
        let origin = origin(transport);
        let mut target = Target::new(origin.addr(), transport);
        target.processes = vec![Pid(std::process::id())];
        let held = Held::open(&target, 50, Seed::random(), PATIENCE).expect("this process can be measured");
        assert_eq!((held.count(), origin.counts().finished), (50, 0));
        let report = held.close();
        assert!(report.is_ok() && report.cost.is_some(), "{report}");
        origin.finished().wait_for(50, PATIENCE).expect("all end when the client closes");

        let held = Held::open(&target, 20, Seed::random(), PATIENCE).expect("this process can be measured");
        assert_eq!(held.alive(), 20);
        origin.stop();
        let give_up = Instant::now() + PATIENCE;
        while held.alive() > 0 && Instant::now() < give_up {
            thread::yield_now();
        }
        let report = held.close();
        assert_eq!((report.ok, report.errors.total()), (0, 20), "{report}");
    }
}

#[test]
fn ipv6_works_too() {
    let addr = SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 0));
    match Origin::start(addr, Transport::Tcp) {
        Err(error) => eprintln!("skipped: ipv6_works_too: {error}"),
        Ok(origin) => {
            let report = ran(&plan(origin.addr(), Transport::Tcp, Job::bulk(Direction::Echo, 100_000, 1)));
            assert!(report.is_ok(), "{report}");
        }
    }
}
