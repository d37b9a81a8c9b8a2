//! Hostile or broken clients: random bytes, half connections, resets, trickles, readers that hardly read. No other
//! client is held up, and afterwards nothing of them is left.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use braid_load::{Direction, Job, Mode, Request, Seed, Transport, run};
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::mptcp;
use braid_tests::poll::eventually;
use common::{from_env, has_mptcp, origin, plan};
use socket2::SockRef;

/// The variable with the duration in seconds; an hour is a soak test.
const SECONDS: &str = "BRAID_HOSTILE_SECONDS";
/// The number of equal parts of the duration, after each of which the resident memory is read.
const PARTS: u32 = 32;
/// The shortest run whose second half is compared with its first: a shorter one ends while the pools are still filling.
const SETTLED: Duration = Duration::from_secs(600);
/// The number of concurrent hostile clients.
const CLIENTS: u64 = 16;
const THREADS: u64 = 2;
/// The most bytes that the relays of one thread keep for clients that do not read (`ScratchConfig`); the allocator does
/// not return them to the system.
const KEPT: u64 = 64 << 20;
/// The 64 pipes that stay in the pools of all threads, each with two descriptors.
const POOLED: usize = 64 * 2;
/// How much more the resident memory may grow, in bytes: buffers for copying, arenas.
const GROWTH: u64 = 24 << 20;
/// How much the highest memory of the second half may exceed that of the first, in bytes.
const DRIFT: u64 = 12 << 20;
/// The inactivity timeout of `braid`: longer than an honest client is ever silent.
const SILENCE: &str = "15s";
/// The longest honest exchange. It takes milliseconds, and a busy machine alone does not delay it for so long.
const HELD_UP: Duration = Duration::from_secs(30);

/// A random generator (SplitMix64) with a seed, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn bytes(&mut self, count: u64) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// Makes one hostile connection. Errors are expected.
fn attack(addr: SocketAddr, transport: Transport, random: &mut Random) -> std::io::Result<()> {
    let mut stream = match transport {
        Transport::Tcp => TcpStream::connect(addr)?,
        Transport::Mptcp => mptcp::connect(addr)?,
    };
    // The proxy must not hold up this client either.
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    stream.set_write_timeout(Some(Duration::from_millis(20)))?;
    let request = |mode, bytes| Request { mode, bytes, seed: Seed(7) }.encode();
    let reset = |stream: &TcpStream| SockRef::from(stream).set_linger(Some(Duration::ZERO));
    match random.below(8) {
        // Nothing; a word, then a close; a word and the end, without reading the response.
        0 => {}
        1 => {
            stream.write_all(&random.bytes(1)[..])?;
            stream.shutdown(Shutdown::Write)?;
        }
        2 => {
            let count = 1 + random.below(70_000);
            stream.write_all(&random.bytes(count))?;
            stream.shutdown(Shutdown::Write)?;
            drop(stream.read(&mut [0; 100]));
        }
        // A reset at once, in the middle of an upload, in the middle of a download.
        3 => reset(&stream)?,
        4 => {
            reset(&stream)?;
            stream.write_all(&request(Mode::Up, 1 << 20))?;
            let count = random.below(300_000);
            stream.write_all(&random.bytes(count))?;
        }
        5 => {
            reset(&stream)?;
            stream.write_all(&request(Mode::Down, 4 << 20))?;
            drop(stream.read(&mut [0; 1000]));
        }
        // Byte by byte, each in a segment of its own.
        6 => {
            stream.set_nodelay(true)?;
            for byte in request(Mode::Echo, 16).into_iter().chain(random.bytes(16)) {
                stream.write_all(&[byte])?;
                thread::yield_now();
            }
            stream.shutdown(Shutdown::Write)?;
        }
        // A reader that reads a little of a long response, slowly, and closes.
        _ => {
            stream.write_all(&request(Mode::Down, 8 << 20))?;
            for _ in 0..random.below(40) {
                if stream.read(&mut [0; 64])? == 0 {
                    break;
                }
                thread::park_timeout(Duration::from_millis(1));
            }
        }
    }
    Ok(())
}

/// The results of the honest clients.
#[derive(Debug, Default)]
struct Honest {
    exchanges: u64,
    /// The longest exchange, for TCP and for MPTCP.
    longest: [Duration; 2],
    /// The resident memory of `braid` at the end of each part, in bytes.
    memory: Vec<u64>,
}

/// Runs hostile and honest clients at the same time. Returns the number of hostile connections, too.
fn run_clients(braid: &Braid, transports: &[Transport], seed: u64, time: Duration) -> (u64, Honest) {
    let addr = braid.addr().unwrap();
    let (over, attacks) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (over, attacks) = (&over, &attacks);
            let transport = transports[client as usize % transports.len()];
            let mut random = Random(seed ^ (client << 32));
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    drop(attack(addr, transport, &mut random));
                    attacks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // A failed assertion in here must end the others, too.
        let honest = thread::scope(|inner| inner.spawn(|| honest(braid, transports, time)).join());
        over.store(true, Ordering::Relaxed);
        let honest = honest.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (attacks.load(Ordering::Relaxed), honest)
    })
}

fn honest(braid: &Braid, transports: &[Transport], time: Duration) -> Honest {
    let (addr, begin) = (braid.addr().unwrap(), Instant::now());
    let mut honest = Honest::default();
    while begin.elapsed() < time || honest.exchanges == 0 {
        for transport in transports {
            for job in [Job::storm(1, 1), Job::bulk(Direction::Echo, 100_000, 1)] {
                let report = run(&plan(addr, *transport, job)).unwrap();
                assert!(report.is_ok() && report.elapsed < HELD_UP, "{report}");
                honest.exchanges += 1;
                let longest = &mut honest.longest[usize::from(*transport == Transport::Mptcp)];
                *longest = report.elapsed.max(*longest);
            }
        }
        if begin.elapsed() > time * (honest.memory.len() as u32 + 1) / PARTS {
            honest.memory.push(braid.process.resident_memory().unwrap());
        }
    }
    honest
}

/// Waits until no connection is left.
fn at_rest(braid: &Braid, files: usize) {
    let rest = eventually(LIMIT, || (braid.process.open_files().unwrap() <= files).then_some(()));
    assert!(rest.is_some(), "{} open files, {files} before", braid.process.open_files().unwrap());
}

#[test]
fn hostile_clients_hold_up_no_others_and_leave_nothing() {
    let mut transports = vec![Transport::Tcp];
    if has_mptcp("hostile_clients_hold_up_no_others_and_leave_nothing, of MPTCP") {
        transports.push(Transport::Mptcp);
    }
    let seed = from_env("BRAID_HOSTILE_SEED", 1);
    let time = Duration::from_secs(from_env(SECONDS, 5));
    let origin = origin("127.0.0.1", Transport::Tcp);
    let bind = if transports.len() == 2 { "mptcp@127.0.0.1:0" } else { "tcp@127.0.0.1:0" };
    let braid = Forward::quiet(bind, format!("tcp@{}", origin.addr())).unwrap();
    // For an MPTCP client that closed with bytes on the way to it, the kernel may report only that it sends no more:
    // the connection has no path left and waits for one (Linux 6.18). Then the inactivity timeout ends it.
    let braid = braid.args(["--threads", &THREADS.to_string(), "--timeout", SILENCE]).start().unwrap();
    let addr = braid.addr().unwrap();
    let files = braid.process.open_files().unwrap();
    let start = braid.process.resident_memory().unwrap();
    let (attacks, honest) = run_clients(&braid, &transports, seed, time);
    at_rest(&braid, files + POOLED);
    let end = braid.process.resident_memory().unwrap();
    let left = braid.process.open_files().unwrap() - files;
    println!(
        "seed {seed}: {attacks} hostile connections, {honest:?}; {left} more files than {files}, memory {start}, {end} bytes"
    );
    assert!(end < start + THREADS * KEPT + GROWTH, "{start} bytes at first, {end} at the end");
    let (first, second) = honest.memory.split_at(honest.memory.len() / 2);
    let (first, second) = (first.iter().max(), second.iter().max());
    assert!(
        time < SETTLED || second < first.map(|highest| highest + DRIFT).as_ref(),
        "{first:?} bytes at most in the first half, {second:?} in the second"
    );
    assert!(attacks > 100, "only {attacks} attacks");
    let output = braid.process.output();
    assert!(!output.contains("panic") && braid.warnings().is_empty(), "{output}");
    common::transfer(addr, transports[0]);
    // Random bytes are not a request; that the origin has reported this shows that they got through.
    let counts = origin.stop();
    assert!(counts.mismatched > 0 && counts.failed > 0, "{counts:?}");
}
