//! Stopping: SIGUSR1 loses no established connection, SIGINT and SIGTERM do not wait.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use braid_load::{Job, Transport, run};
use braid_tests::forward::{Braid, Forward, LIMIT, inherited};
use braid_tests::mptcp;
use braid_tests::poll::eventually;
use braid_tests::process::Signal;
use common::{from_env, has_mptcp, origin, plan};

/// The variable with the number of connections of the storm across a hand-over; 100,000 take about half a minute.
const CONNECTS: &str = "BRAID_SOFTSTOP_CONNECTS";
/// The payload of each connection of a storm, in bytes.
const BYTES: u64 = 100;
const CONCURRENCY: u64 = 32;
/// Connects of a storm that follows another.
const AFTERWARDS: u64 = 500;

fn transports(test: &str) -> Vec<Transport> {
    let mut all = vec![Transport::Tcp];
    all.extend(has_mptcp(&format!("{test}, of MPTCP")).then_some(Transport::Mptcp));
    all
}

fn connect(transport: Transport, addr: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = match transport {
        Transport::Tcp => TcpStream::connect(addr)?,
        Transport::Mptcp => mptcp::connect(addr)?,
    };
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(stream)
}

fn ended(braid: &Braid) {
    assert_eq!(braid.process.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", braid.process.output());
}

/// The listening socket belongs to the test; two processes inherit it, and the first is stopped in the middle of a
/// storm. Further storms follow until one has begun after its end.
#[test]
fn a_socket_handed_over_loses_no_connect() {
    for transport in transports("a_socket_handed_over_loses_no_connect") {
        let count = from_env(CONNECTS, 10_000) / if transport == Transport::Mptcp { 4 } else { 1 };
        let origin = origin("127.0.0.1", Transport::Tcp);
        let loopback = ([127, 0, 0, 1], 0).into();
        let socket = match transport {
            Transport::Tcp => TcpListener::bind(loopback).unwrap(),
            Transport::Mptcp => mptcp::listen(loopback).unwrap(),
        };
        let start = |socket: &TcpListener| {
            let socket = socket.try_clone().unwrap();
            let server = format!("tcp@{}", origin.addr());
            Forward::quiet(inherited(&socket), server).unwrap().pass(socket).start().unwrap()
        };
        let (first, second) = (start(&socket), start(&socket));
        let addr = socket.local_addr().unwrap();
        // From here on only the two processes hold it.
        drop(socket);
        let mut plan = plan(addr, transport, Job::storm(count, CONCURRENCY));
        plan.timeout = LIMIT * 20;
        let progress = Arc::clone(&plan.progress);
        let has_ended = Arc::new(AtomicBool::new(false));
        let storm = thread::spawn({
            let has_ended = Arc::clone(&has_ended);
            move || {
                let mut reports = vec![run(&plan).unwrap()];
                loop {
                    let is_last = has_ended.load(Ordering::SeqCst);
                    reports.push(
                        run(&self::plan(addr, transport, Job::storm(AFTERWARDS, CONCURRENCY))).unwrap(),
                    );
                    if is_last {
                        return reports;
                    }
                }
            }
        });
        progress.wait_for(count / 2 * BYTES, LIMIT * 10).unwrap();
        first.process.signal(Signal::User1).unwrap();
        ended(&first);
        has_ended.store(true, Ordering::SeqCst);
        let reports = storm.join().unwrap();
        for report in &reports {
            println!("{report}");
            assert!(report.is_ok(), "{report}");
        }
        let count = count + (reports.len() as u64 - 1) * AFTERWARDS;
        second.process.signal(Signal::User1).unwrap();
        ended(&second);
        let counts = origin.stop();
        assert_eq!((counts.finished, counts.failed, counts.mismatched), (count, 0, 0), "{counts:?}");
    }
}

/// No process takes over: each connect is either served or refused, none is reset.
#[test]
fn a_storm_across_a_soft_stop_is_served_or_refused() {
    const COUNT: u64 = 4000;
    for transport in transports("a_storm_across_a_soft_stop_is_served_or_refused") {
        let origin = origin("127.0.0.1", Transport::Tcp);
        let bind = format!("{}@127.0.0.1:0", transport.name());
        let braid = Forward::quiet(bind, format!("tcp@{}", origin.addr())).unwrap().start().unwrap();
        let plan = plan(braid.addr().unwrap(), transport, Job::storm(COUNT, CONCURRENCY));
        let progress = Arc::clone(&plan.progress);
        let storm = thread::spawn(move || run(&plan).unwrap());
        progress.wait_for(COUNT / 8 * BYTES, LIMIT).unwrap();
        braid.process.signal(Signal::User1).unwrap();
        let report = storm.join().unwrap();
        println!("{report}");
        assert_eq!(report.ok + report.errors.refused, COUNT, "{report}");
        assert!(report.ok >= COUNT / 8 && report.errors.refused > 0, "{report}");
        ended(&braid);
        let counts = origin.stop();
        assert_eq!((counts.finished, counts.failed, counts.mismatched), (report.ok, 0, 0), "{counts:?}");
    }
}

/// Connections that wait in the kernel's queue when the signal comes are established, as far as their clients know.
#[test]
fn what_is_in_the_queue_is_served_and_what_is_new_is_refused() {
    const QUEUED: usize = 20;
    for transport in transports("what_is_in_the_queue_is_served_and_what_is_new_is_refused") {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let bind = format!("{}@127.0.0.1:0", transport.name());
        let braid = Forward::new(bind, format!("tcp@{}", server.local_addr().unwrap())).unwrap();
        let braid = braid.args(["--maxconn", "1"]).start().unwrap();
        let addr = braid.addr().unwrap();
        // The first takes the only slot, so that the others stay in the queue.
        let mut clients: Vec<TcpStream> = vec![connect(transport, addr).unwrap()];
        let (mut served, _) = server.accept().unwrap();
        clients.extend((0..QUEUED).map(|_| connect(transport, addr).unwrap()));
        clients.iter_mut().for_each(|client| client.write_all(b"ping").unwrap());
        braid.process.signal(Signal::User1).unwrap();
        let refused = eventually(LIMIT, || connect(transport, addr).err()).expect("no longer accepting");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{refused}");
        // The only slot stays taken for longer than the proxy waits for late handshakes: no connection in the queue is
        // dropped.
        let last = clients.last_mut().unwrap();
        last.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let silence = last.read(&mut [0; 4]).expect_err("it is not served yet");
        assert_eq!(silence.kind(), ErrorKind::WouldBlock, "{transport:?}: {silence}");
        last.set_read_timeout(Some(LIMIT)).unwrap();
        for (at, mut client) in clients.into_iter().enumerate() {
            served.set_read_timeout(Some(LIMIT)).unwrap();
            served.read_exact(&mut [0; 4]).unwrap();
            served.write_all(b"pong").unwrap();
            client.read_exact(&mut [0; 4]).unwrap_or_else(|error| panic!("{transport:?} {at}: {error}"));
            drop((client, served));
            if at == QUEUED {
                break;
            }
            served = server.accept().unwrap().0;
        }
        // With the listener go those connections that came between the signal and the first refusal.
        drop(server);
        ended(&braid);
        let sessions = braid.sessions(QUEUED + 1).unwrap();
        let good = sessions.iter().filter(|session| session.get("ended").ends_with("-fin")).count();
        assert!(good > QUEUED, "{sessions:?}");
    }
}

/// Handshakes that have begun are waited for up to 4 seconds; without any the process ends at once.
#[test]
fn without_connections_it_ends_at_once() {
    for transport in transports("without_connections_it_ends_at_once") {
        let braid = Forward::new(format!("{}@127.0.0.1:0", transport.name()), "tcp@127.0.0.1:1").unwrap();
        let braid = braid.start().unwrap();
        braid.addr().unwrap();
        let stopped = Instant::now();
        braid.process.signal(Signal::User1).unwrap();
        ended(&braid);
        assert!(stopped.elapsed() < Duration::from_secs(3), "{:?}", stopped.elapsed());
    }
}

/// The process goes on while a session lasts, and the log has that session as well.
#[test]
fn the_last_session_ends_it() {
    for transport in transports("the_last_session_ends_it") {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let bind = format!("{}@127.0.0.1:0", transport.name());
        let braid = Forward::new(bind, format!("tcp@{}", server.local_addr().unwrap())).unwrap();
        let braid = braid.start().unwrap();
        let addr = braid.addr().unwrap();
        let mut client = connect(transport, addr).unwrap();
        let (mut served, _) = server.accept().unwrap();
        braid.process.signal(Signal::User1).unwrap();
        eventually(LIMIT, || connect(transport, addr).err()).expect("no longer accepting");
        for _ in 0..100 {
            client.write_all(b"ping").unwrap();
            served.read_exact(&mut [0; 4]).unwrap();
            served.write_all(b"pong").unwrap();
            client.read_exact(&mut [0; 4]).unwrap();
        }
        // A second request changes nothing.
        braid.process.signal(Signal::User1).unwrap();
        client.write_all(b"last").unwrap();
        served.read_exact(&mut [0; 4]).unwrap();
        let name = client.local_addr().unwrap().to_string();
        // With the listener go those connections that came between the signal and the first refusal.
        drop((client, served, server));
        ended(&braid);
        let sessions = braid.sessions(1).unwrap();
        assert!(sessions.iter().any(|session| session.get("client") == name), "{}", braid.process.output());
    }
}

#[test]
fn int_and_term_end_at_once() {
    for (signal, number) in [(Signal::Interrupt, libc::SIGINT), (Signal::Terminate, libc::SIGTERM)] {
        for first in [None, Some(Signal::User1)] {
            let server = TcpListener::bind("127.0.0.1:0").unwrap();
            let server_addr = format!("tcp@{}", server.local_addr().unwrap());
            let braid = Forward::new("tcp@127.0.0.1:0", server_addr).unwrap().start().unwrap();
            let mut client = connect(Transport::Tcp, braid.addr().unwrap()).unwrap();
            let _served = server.accept().unwrap();
            if let Some(first) = first {
                braid.process.signal(first).unwrap();
            }
            braid.process.signal(signal).unwrap();
            let status = braid.process.wait_for_exit(LIMIT).unwrap();
            assert_eq!(status.signal(), Some(number), "{}", braid.process.output());
            assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "the connection is closed");
        }
    }
}
