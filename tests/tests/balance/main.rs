//! The same key leads to the same server as with HAProxy: tables of servers that a real one has chosen, for each hash type
//! and each kind of key.
//!
//! `golden.txt` has a line for each configuration: its name, a digest of the servers of 100,000 keys, and the servers of
//! the first 256. Braid is compared with it, and so is HAProxy where there is one that has these configurations. The unit
//! tests of the engine compare the digests.
//!
//! `BRAID_BALANCE_ROW` selects configurations by a part of their names. `BRAID_BALANCE_KEYS` is the number of keys that are sent instead, up to 100,000, which are then compared with the
//! digest; `BRAID_BALANCE_WRITE` names a file for the lines that HAProxy's servers make.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod client;
mod origin;
mod table;

use std::fmt::Write as _;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, thread};

use braid_tests::directory::Directory;
use braid_tests::loopback::{address, listening, room_for};
use braid_tests::process::Process;
use braid_tests::program::{Program, Version};
use braid_tests::rows::with_haproxy;
use braid_tests::skip::skip;
use origin::Origins;
use socket2::Socket;
use table::{ALL, CASES, Case, EMPTY, Keys, digest};

/// The first version with all of these keywords: `hash-preserve-affinity`.
const SINCE: Version = Version(3, 3);
/// The number of keys of which a line has the servers.
const SAMPLE: u64 = 256;
/// The configurations that are checked at once.
const SIDE_BY_SIDE: usize = 4;
/// The most connections of one client for each of its keys: more would use up its ports.
const MOST_CONNECTIONS: u64 = 4096;
/// The sockets of the origins: of each backend to each server, on both sides.
const SOCKETS: u64 = 4096;

const DEFAULTS: &str = "
global
    nbthread 1
defaults
    mode http
    timeout client 30s
    timeout connect 30s
    timeout server 30s
    http-reuse always
";
const HTTP: &str = "
frontend front
    bind fd@{fd}
    use_backend %[req.hdr(x-back)]
";
const RDP: &str = "
frontend front
    mode tcp
    bind fd@{fd}
    tcp-request inspect-delay 30s
    tcp-request content accept if { req.rdp_cookie_cnt gt 0 }
    use_backend rdp-cookie-name if { req.rdp_cookie_cnt(name) gt 0 }
    default_backend rdp-cookie
";

/// Returns the digest and the servers of a configuration.
fn golden(name: &str) -> Option<(String, String)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/balance/golden.txt");
    let lines = fs::read_to_string(file).unwrap();
    let rest = lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    rest.split_once(' ').map(|(digest, servers)| (digest.to_owned(), servers.to_owned()))
}

/// A running proxy with all backends of one kind.
struct Proxy {
    _process: Process,
    front: Socket,
    _directory: Directory,
}

impl Proxy {
    fn start(program: &Program, frontend: &str, cases: &[&Case]) -> Proxy {
        let directory = Directory::new(&format!("{}-balance", program.name)).unwrap();
        let front = listening(None).unwrap();
        let mut text = DEFAULTS.to_owned() + &frontend.replace("{fd}", &front.as_raw_fd().to_string());
        text.extend(cases.iter().map(|case| case.section()));
        let file = directory.file("cfg");
        fs::write(&file, text).unwrap();
        let process = program.start(&file, &front).unwrap_or_else(|error| panic!("{error:?}"));
        Proxy { _process: process, front, _directory: directory }
    }
}

/// Returns the line of a configuration, and what is wrong with it.
fn compare(case: &Case, servers: &[u8]) -> (String, Option<String>) {
    let text = |servers: &[u8]| String::from_utf8_lossy(servers).into_owned();
    let sample = text(&servers[..servers.len().min(SAMPLE as usize)]);
    let all = format!("{:016x}", servers.iter().fold(EMPTY, |so_far, server| digest(so_far, *server)));
    let line = format!("{} {all} {sample}\n", case.name);
    let Some((golden_digest, golden_sample)) = golden(case.name) else {
        return (line, Some("it has no line".to_owned()));
    };
    let is_whole = servers.len() as u64 == keys(case, ALL);
    let difference = if !golden_sample.starts_with(&*sample) {
        Some(format!("\n  {sample}, and not\n  {}", golden_sample))
    } else if is_whole && golden_digest != all {
        Some(format!("the digest is {all}, and not {}", golden_digest))
    } else {
        None
    };
    (line, difference)
}

/// Returns the number of keys of a configuration, of those that are wanted.
fn keys(case: &Case, wanted: u64) -> u64 {
    if case.keys == Keys::Rdp { wanted.min(MOST_CONNECTIONS) } else { wanted }
}

/// Compares the servers that a program chooses with the table. Returns the lines.
fn check(program: &Program) -> Vec<String> {
    let wanted = env::var("BRAID_BALANCE_KEYS").map_or(SAMPLE, |keys| keys.parse().unwrap());
    let only = env::var("BRAID_BALANCE_ROW").unwrap_or_default();
    let cases: Vec<&Case> = CASES.iter().filter(|case| case.name.contains(&only)).collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(vec![(String::new(), None); cases.len()]));
    let (rdp, http): (Vec<&Case>, Vec<&Case>) = CASES.iter().partition(|case| case.keys == Keys::Rdp);
    let (http, rdp) = (Proxy::start(program, HTTP, &http), Proxy::start(program, RDP, &rdp));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(at) else { return };
            let proxy = if case.keys == Keys::Rdp { &rdp } else { &http };
            let servers = client::servers(address(&proxy.front), case, keys(case, wanted));
            let compared = match servers {
                Ok(servers) => compare(case, &servers),
                Err(error) => (String::new(), Some(error.to_string())),
            };
            found.lock().unwrap_or_else(PoisonError::into_inner)[at] = compared;
        }
    };
    thread::scope(|scope| (0..SIDE_BY_SIDE).for_each(|_| drop(scope.spawn(work))));
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let wrong: String = cases.iter().zip(&found).fold(String::new(), |mut wrong, (case, (_, difference))| {
        if let Some(difference) = difference {
            writeln!(wrong, "{}: {difference}", case.name).unwrap();
        }
        wrong
    });
    let lines = found.into_iter().map(|(line, _)| line).collect();
    if env::var_os("BRAID_BALANCE_WRITE").is_none() {
        assert!(wrong.is_empty(), "{wrong}");
    }
    lines
}

/// Both programs, one after the other: the servers have fixed addresses.
#[test]
fn the_same_key_leads_to_the_same_server() {
    let test = "the_same_key_leads_to_the_same_server";
    if let Err(reason) = room_for(SOCKETS) {
        return skip(test, &reason);
    }
    let _origins = match Origins::listen() {
        Ok(origins) => origins,
        Err(error) => return skip(test, &format!("the addresses of servers: {error}")),
    };
    with_haproxy(test, |haproxy| {
        if let Some(reason) = haproxy.is_too_old(SINCE) {
            return skip(test, &reason);
        }
        let lines = check(haproxy);
        if let Some(file) = env::var_os("BRAID_BALANCE_WRITE") {
            fs::write(file, lines.concat()).unwrap();
        }
    });
    check(&Program::braid().unwrap());
}
