//! The engine's limits from outside: `maxconn`, and a process that runs out of descriptors. That takes a configuration
//! that allows it: without `no strict-limits` no process starts that may run out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use braid_load::{Held, Job, Seed, Target, Transport, run};
use braid_tests::forward::{Braid, Forward, LIMIT, inherited};
use braid_tests::poll::eventually;
use braid_tests::queue::AcceptQueue;
use common::{origin, plan};

/// Connects a client that sends its number.
fn client(addr: SocketAddr, id: u8) -> TcpStream {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(&[id]).unwrap();
    stream
}

/// Reads the number of a client.
fn named(mut stream: TcpStream) -> (u8, TcpStream) {
    let mut id = [0];
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.read_exact(&mut id).unwrap();
    (id[0], stream)
}

/// A proxy with fewer descriptors than its 1000 connections would take.
struct Scarce {
    braid: Braid,
    addr: SocketAddr,
    file: PathBuf,
}

impl Scarce {
    /// `name` is the name of its configuration file.
    fn start(name: &str, files: u32, server: SocketAddr) -> Scarce {
        let file = std::env::temp_dir().join(format!("braid-{}-{name}.cfg", std::process::id()));
        let front = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = front.local_addr().unwrap();
        let text = format!(
            "global\n nbthread 2\n maxconn 1000\n no strict-limits\n\
             defaults\n timeout connect 10s\n timeout client 1m\n timeout server 1m\n\
             listen scarce\n bind {}\n server s tcp@{server}\n",
            inherited(&front)
        );
        fs::write(&file, text).unwrap();
        let braid = Forward::command().unwrap().args(["-f", file.to_str().unwrap()]);
        let braid = braid.pass(front).open_files(files).start().unwrap();
        Scarce { braid, addr, file }
    }
}

impl Drop for Scarce {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.file));
    }
}

/// Connection N+1 waits in the kernel's queue until one of the N ends, and is served then.
#[test]
fn maxconn_is_exact() {
    const MAXCONN: usize = 5;
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let front = TcpListener::bind("127.0.0.1:0").unwrap();
    let queue = front.try_clone().unwrap();
    let braid = Forward::new(inherited(&front), format!("tcp@{}", server.local_addr().unwrap())).unwrap();
    let braid = braid.args(["--maxconn", "5", "--threads", "2"]).pass(front).start().unwrap();
    let addr = braid.addr().unwrap();
    let mut clients: BTreeMap<u8, TcpStream> =
        (0..MAXCONN as u8 + 3).map(|id| (id, client(addr, id))).collect();
    // Two workers serve them in no fixed order, so each client sends its number.
    let mut served: Vec<(u8, TcpStream)> = (0..MAXCONN).map(|_| named(server.accept().unwrap().0)).collect();
    let waiting = || AcceptQueue::of(&queue).unwrap().waiting;
    assert!(eventually(LIMIT, || (waiting() == 3).then_some(())).is_some(), "{} wait", waiting());
    server.set_nonblocking(true).unwrap();
    for left in (0..3).rev() {
        // A further connection that had been accepted would be here.
        assert_eq!(server.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(waiting(), left + 1);
        let (id, stream) = served.remove(0);
        drop((clients.remove(&id), stream));
        served.push(named(eventually(LIMIT, || server.accept().ok()).expect("the next one is served").0));
        assert_eq!(waiting(), left);
    }
    let ids: BTreeSet<u8> = served.iter().map(|(id, _)| *id).collect();
    assert!(ids.iter().eq(clients.keys()), "{ids:?}");
    assert_eq!(braid.sessions(3).unwrap().len(), 3);
}

/// A storm over a limit far below its concurrency: every client is served, none above the limit.
#[test]
fn a_storm_over_maxconn_is_served_in_turn() {
    let origin = origin("127.0.0.1", Transport::Tcp);
    let braid = Forward::quiet("tcp@127.0.0.1:0", format!("tcp@{}", origin.addr())).unwrap();
    let braid = braid.args(["--maxconn", "4"]).start().unwrap();
    common::perform(braid.addr().unwrap(), Transport::Tcp, Job::storm(2000, 64));
}

/// Connections are made one by one until there are no descriptors left, and then more: those wait, and are served as
/// soon as others end.
#[test]
fn without_descriptors_it_pauses_and_recovers() {
    const FILES: u32 = 96;
    let origin = origin("127.0.0.1", Transport::Tcp);
    let began = Instant::now();
    let scarce = Scarce::start("pauses", FILES, origin.addr());
    let braid = &scarce.braid;
    assert!(braid.warnings().iter().any(|warning| warning.contains("open files")), "{:?}", braid.warnings());
    let target = Target::new(scarce.addr, Transport::Tcp);
    let before = braid.process.open_files().unwrap();

    // As many as fit, each with two descriptors, and one more that gets no first byte.
    let fit = (FILES as usize - before) / 2;
    let held = Held::open(&target, fit as u64, Seed(1), LIMIT).unwrap();
    assert_eq!(held.count(), fit);
    let late: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(target.addr).unwrap()).collect();
    let paused = braid.process.wait_for_line("accepting is paused", LIMIT).unwrap();
    // The last descriptor may be the client's or the one for the server.
    let causes = ["Too many open files", "wait for descriptors"];
    assert!(causes.iter().any(|cause| paused.contains(cause)), "{paused}");
    assert_eq!(held.alive(), fit, "existing ones are not disturbed");

    // Meanwhile a storm connects; it is served when the others leave, the late ones first.
    let storm = plan(target.addr, Transport::Tcp, Job::storm(200, 16));
    let storm = std::thread::spawn(move || run(&storm).unwrap());
    let report = held.close();
    assert!(report.is_ok(), "{report}");
    let report = storm.join().unwrap();
    assert!(report.is_ok(), "{report}");
    drop(late);
    let told = braid.process.output().matches("accepting is paused").count() as u64;
    // Rate-limited: one line in ten seconds for each of the two acceptors, however long the machine took.
    assert!(told <= 2 * (1 + began.elapsed().as_secs() / 10), "{}", braid.process.output());
    let back = || (braid.process.open_files().unwrap() <= before + 2).then_some(());
    assert!(
        eventually(LIMIT, back).is_some(),
        "{} files, {before} before",
        braid.process.open_files().unwrap()
    );
}

/// A burst instead of one by one: all are accepted at once, and there is no descriptor left to reach the server with.
#[test]
fn a_burst_over_the_descriptors_is_served() {
    let origin = origin("127.0.0.1", Transport::Tcp);
    let scarce = Scarce::start("burst", 64, origin.addr());
    let report = run(&plan(scarce.addr, Transport::Tcp, Job::storm(400, 100))).unwrap();
    assert!(report.is_ok(), "{report}\n{:?}", scarce.braid.warnings());
}

#[test]
fn more_connections_than_open_files_are_refused_at_the_start() {
    let braid = Forward::quiet("tcp@127.0.0.1:0", "tcp@127.0.0.1:1").unwrap();
    let (code, output) = braid.args(["--maxconn", "1000"]).open_files(96).run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(
        output.contains("1000 concurrent connections are too many") && output.contains("at most 96"),
        "{output}"
    );
}

/// Without `--maxconn` the limit on open files decides, and the process does not run out.
#[test]
fn the_default_maxconn_fits_the_open_files() {
    let origin = origin("127.0.0.1", Transport::Tcp);
    let braid = Forward::quiet("tcp@127.0.0.1:0", format!("tcp@{}", origin.addr())).unwrap();
    let braid = braid.open_files(320).start().unwrap();
    let ready = braid.process.wait_for_line("ready", Duration::ZERO).unwrap();
    let (_, most) = ready.split_once("at most ").unwrap();
    let most: u32 = most.trim_end_matches(" connections").parse().unwrap();
    assert!((1..160).contains(&most), "{ready}");
    common::perform(braid.addr().unwrap(), Transport::Tcp, Job::storm(400, 100));
    assert!(!braid.process.output().contains("paused"), "{}", braid.process.output());
    let few = Forward::quiet("tcp@127.0.0.1:0", "tcp@127.0.0.1:1").unwrap().open_files(64);
    let (code, output) = few.run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("the limit on open files leaves none for connections"), "{output}");
}
