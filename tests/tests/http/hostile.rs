//! Hostile or broken peers, in ways that are specific to HTTP: endless heads, extensions, trailers and interim
//! responses; a byte at a time; responses that are not read.
//!
//! Meanwhile a client beside them is served, and the memory of the program and the time are bounded.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use braid_tests::measured::measured;
use braid_tests::program::Program;
use braid_tests::rows::RowFailure;

use crate::message::Answer;
use crate::origin::{After, Origin, Request, answer, client, dawdle, end};
use crate::peers::LIMIT;
use crate::scenario::Row;
use crate::world::World;

/// How much the resident memory may grow, in bytes: far less than any of the peers sends or requests.
const GROWTH: u64 = 48 << 20;
/// The most bytes that an endless peer sends before it gives up; all clients of a kind together send much more than may
/// be kept.
const ENDLESS: usize = 32 << 20;
/// The same for a head, which no program reads far into.
const HEAD: usize = 1 << 30;
/// How long a byte at a time is sent if no timeout ends it.
const TRICKLE: Duration = Duration::from_secs(3);
/// Longer than the timeout for a client that does not read.
const NO_READER: Duration = Duration::from_millis(1500);
/// The most processor time that the program may need for an attack and the clients beside it.
const MOST_TIME: Duration = Duration::from_secs(20);
/// The status of the reply to a request that was not sent in time.
const LATE: u16 = 408;
/// The most processor time that the program may use while a client beside them waits.
const HELD_UP: Duration = Duration::from_secs(5);
/// The interval at which the memory is read.
const SAMPLE: Duration = Duration::from_millis(10);
/// Timeouts short enough for a test, long enough for a busy machine.
const TIMES: &str = "front: timeout http-request 500
defaults: timeout client 1s
defaults: timeout server 4s
defaults: http-reuse always
front: http-request redirect location http://a/%[req.hdr(x)] if { path /own }";
/// The request of an honest client.
const HONEST: &[u8] = b"GET /honest HTTP/1.1\r\nhost: a\r\n\r\n";
/// The size of the response to a client that does not read.
const LONG: usize = 64 << 20;

/// A number of concurrent clients that do the same.
struct Attack {
    name: &'static str,
    clients: usize,
    attack: fn(&mut TcpStream) -> std::io::Result<()>,
}

/// All kinds. Each ends when it returns, and its errors are expected.
const ATTACKS: [Attack; 12] = [
    Attack {
        name: "head byte by byte",
        clients: 20,
        attack: |stream| trickle(stream, b"GET / HTTP/1.1\r\nx: "),
    },
    Attack {
        name: "body byte by byte",
        clients: 20,
        attack: |stream| {
            trickle(stream, b"POST /honest HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n")
        },
    },
    Attack { name: "no reader", clients: 20, attack: no_reader },
    Attack { name: "head without end", clients: 4, attack: |stream| head(stream, b"GET / HTTP/1.1\r\nx: ") },
    Attack { name: "target without end", clients: 4, attack: |stream| head(stream, b"GET /") },
    Attack {
        name: "chunk extension without end",
        clients: 4,
        attack: |stream| {
            endless(stream, b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5;x=")
        },
    },
    Attack {
        name: "trailers without end",
        clients: 4,
        attack: |stream| {
            let head = b"POST /ignore HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
            repeated(stream, head, b"trailer: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n")
        },
    },
    Attack {
        name: "empty lines without end",
        clients: 4,
        attack: |stream| repeated(stream, b"", b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"),
    },
    Attack { name: "interim answers without end", clients: 2, attack: |stream| ask(stream, "/interim") },
    Attack {
        name: "interim answers that are not read",
        clients: 4,
        attack: |stream| asks_in_vain(stream, b"GET /interim HTTP/1.1\r\nhost: a\r\n\r\n"),
    },
    Attack {
        name: "answers of the proxy that are not read",
        clients: 4,
        attack: |stream| {
            let request = format!("GET /own HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(4000));
            asks_in_vain(stream, request.repeat(5000).as_bytes())
        },
    },
    Attack { name: "answer's head without end", clients: 4, attack: |stream| ask(stream, "/head") },
];

/// Runs all kinds, one after the other.
pub(crate) fn hostile(program: &Program) -> Result<(), RowFailure> {
    let world = World::new(program, &Row::new("hostile", TIMES))?;
    let _origin = Origin::start(world.origin(), Arc::new(serve));
    // The first exchange allocates what is allocated once.
    honest(&world)?;
    for attack in &ATTACKS {
        besiege(&world, attack).map_err(|error| format!("{}: {error}", attack.name))?;
    }
    Ok(())
}

/// Runs more misbehaviours of an origin, each with clients of its own.
pub(crate) fn hostile_origin(program: &Program) -> Result<(), RowFailure> {
    let world = World::new(program, &Row::new("hostile-origin", TIMES))?;
    let _origin = Origin::start(world.origin(), Arc::new(serve));
    honest(&world)?;
    for (name, attack) in [
        ("answer's extension without end", (|stream| ask(stream, "/extension")) as fn(&mut TcpStream) -> _),
        ("answer's trailers without end", |stream| ask(stream, "/trailers")),
        ("answer byte by byte", |stream| ask(stream, "/trickle")),
        ("small chunks without end", |stream| ask(stream, "/chunks")),
    ] {
        besiege(&world, &Attack { name, clients: 4, attack }).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn besiege(world: &World, attack: &Attack) -> Result<(), String> {
    let memory = || world.process.resident_memory().unwrap();
    let used = || world.process.processor_time().unwrap();
    let (start, begin, used_before) = (memory(), Instant::now(), used());
    let (over, highest, served) = (AtomicBool::new(false), AtomicU64::new(start), AtomicU64::new(0));
    let outcome = thread::scope(|scope| {
        let watched = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                highest.fetch_max(memory(), Ordering::Relaxed);
                dawdle(SAMPLE);
            }
        });
        let beside = scope.spawn(|| {
            // At least once, however fast the attack ends.
            loop {
                honest(world)?;
                served.fetch_add(1, Ordering::Relaxed);
                if over.load(Ordering::Relaxed) {
                    return Ok::<_, String>(());
                }
            }
        });
        let attackers: Vec<_> = (0..attack.clients)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = client(world.front()).expect("a client connects");
                    drop((attack.attack)(&mut stream));
                    end(&stream);
                })
            })
            .collect();
        attackers.into_iter().for_each(|attacker| attacker.join().unwrap());
        over.store(true, Ordering::Relaxed);
        watched.join().unwrap();
        beside.join().unwrap()
    });
    outcome?;
    let (growth, time) = (highest.into_inner().saturating_sub(start), used() - used_before);
    measured(format!(
        "{}: {:?}, {time:?} of the processor, {growth} bytes more, {} beside it",
        attack.name,
        begin.elapsed(),
        served.into_inner()
    ));
    if growth > GROWTH {
        return Err(format!("{growth} bytes more than {start}"));
    }
    // Not the time by the clock: other programs may use the processors. Each peer has a deadline of its own.
    if time > MOST_TIME {
        return Err(format!("it took {time:?} of the processor"));
    }
    Ok(())
}

/// Makes one exchange, and checks its time. A client of a busy machine may itself be too late for the timeouts, which
/// are as short as the attacks need: it tries again.
fn honest(world: &World) -> Result<(), String> {
    let used = || world.process.processor_time().map_err(|error| error.to_string());
    let before = used()?;
    let mut status = LATE;
    while status == LATE {
        status = exchange(world)?;
        // Not the time by the clock, which other programs take, too.
        let used = used()? - before;
        if used > HELD_UP {
            return Err(format!("the client beside it: {status} after {used:?} of the processor"));
        }
    }
    Ok(())
}

/// Makes one attempt at an exchange, and returns its status.
fn exchange(world: &World) -> Result<u16, String> {
    let mut stream = client(world.front()).map_err(|error| error.to_string())?;
    stream.write_all(HONEST).map_err(|error| error.to_string())?;
    let got = Answer::read(&mut stream, false).map_err(|error| format!("the client beside it: {error}"))?;
    if got.status != LATE && got.body != b"honest" {
        return Err(format!("the client beside it: {}", got.status));
    }
    Ok(got.status)
}

fn serve(request: &Request, stream: &mut TcpStream) -> std::io::Result<After> {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    match &*request.path {
        "/honest" => {
            answer(stream, b"honest")?;
            return Ok(After::GoOn);
        }
        "/long" => answer(stream, &vec![b'x'; LONG])?,
        "/interim" => repeated(stream, b"", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")?,
        "/head" => repeated(stream, b"HTTP/1.1 200 OK\r\n", b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")?,
        "/extension" => endless(stream, &[chunked, &b"5;x="[..]].concat())?,
        "/trailers" => {
            repeated(stream, &[chunked, &b"0\r\n"[..]].concat(), b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")?;
        }
        "/trickle" => trickle(stream, b"HTTP/1.1 200 OK\r\nx: ")?,
        "/chunks" => repeated(stream, chunked, b"1\r\nx\r\n")?,
        // Neither reads nor sends anything more.
        _ => drop(stream.read(&mut [0; 1000])),
    }
    Ok(After::Close)
}

/// Sends the beginning, then a byte now and then until the peer takes no more.
fn trickle(stream: &mut TcpStream, begin: &[u8]) -> std::io::Result<()> {
    stream.write_all(begin)?;
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    let limit = Instant::now() + TRICKLE;
    while Instant::now() < limit {
        stream.write_all(b"x")?;
        match stream.read(&mut [0; 1000]) {
            Ok(0) => return Ok(()),
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Sends the beginning, and then the same byte repeatedly.
fn endless(stream: &mut TcpStream, begin: &[u8]) -> std::io::Result<()> {
    repeated(stream, begin, b"x")
}

/// Sends the beginning, and then the same part repeatedly, until the peer takes no more.
fn repeated(stream: &mut TcpStream, begin: &[u8], part: &[u8]) -> std::io::Result<()> {
    send(stream, begin, part, ENDLESS)
}

/// Sends the same byte repeatedly, up to the limit for heads.
fn head(stream: &mut TcpStream, begin: &[u8]) -> std::io::Result<()> {
    send(stream, begin, b"x", HEAD)
}

fn send(stream: &mut TcpStream, begin: &[u8], part: &[u8], most: usize) -> std::io::Result<()> {
    let piece = part.repeat((1 << 16) / part.len());
    stream.set_write_timeout(Some(LIMIT / 5))?;
    stream.write_all(begin)?;
    (0..most).step_by(piece.len()).try_for_each(|_| stream.write_all(&piece))
}

/// Requests a long response and reads nothing of it, until the peer closes.
fn no_reader(stream: &mut TcpStream) -> std::io::Result<()> {
    asks_in_vain(stream, b"GET /long HTTP/1.1\r\nhost: a\r\n\r\n")
}

/// Sends requests and reads nothing of the responses, until the peer closes.
fn asks_in_vain(stream: &mut TcpStream, requests: &[u8]) -> std::io::Result<()> {
    stream.set_write_timeout(Some(NO_READER))?;
    stream.write_all(requests)?;
    dawdle(NO_READER);
    Ok(())
}

/// Sends a request and reads to the end, which has to come.
fn ask(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes())?;
    std::io::copy(stream, &mut std::io::sink()).map(drop)
}
