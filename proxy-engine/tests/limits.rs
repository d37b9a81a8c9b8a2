//! `maxconn` of the process, of a frontend and of a listener is exact, and log lines and counters of real connections
//! are right.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use proxy_engine::policy::FrontendPolicy;
use proxy_engine::{
    AcceptedRecord, AccessLog, Engine, Frontend, FrontendConfig, LogTarget, Notice, Observer, SessionRecord,
};
use proxy_rules::log::LogPolicy;

mod common;

const LIMIT: Duration = Duration::from_secs(20);

/// A log target that keeps the lines.
#[derive(Debug)]
struct Lines(Mutex<mpsc::Sender<String>>);

impl Observer for Lines {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, notice: &Notice) {
        panic!("not expected: {notice}");
    }
}

impl LogTarget for Lines {
    fn wants(&self, _: proxy_rules::Severity) -> bool {
        true
    }

    fn write(&self, _: proxy_rules::Severity, line: &[u8], _: &[u8]) {
        self.0.lock().unwrap().send(String::from_utf8(line.to_vec()).unwrap()).unwrap();
    }
}

/// Starts a server that speaks first, so that a client knows that it was admitted, and stays until the client closes.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let _ = stream.write_all(b"!");
                let _ = stream.read_to_end(&mut Vec::new());
            });
        }
    });
    address
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

/// Opens `count` connections. Asserts that `let_in` of them are admitted, and another one for each that closes.
fn check(frontend: &Frontend, addresses: &[SocketAddr], count: usize, let_in: usize) {
    let clients: Vec<TcpStream> =
        (0..count).map(|at| TcpStream::connect(addresses[at % addresses.len()]).unwrap()).collect();
    wait_until("as many as may come in", || frontend.counters().current() == let_in);
    let mut inside = 0;
    let mut waiting = clients;
    while !waiting.is_empty() {
        waiting.retain_mut(|client| {
            client.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
            match client.read(&mut [0]) {
                Ok(1) => {
                    inside += 1;
                    assert!(frontend.counters().current() <= let_in);
                    false
                }
                Ok(_) => panic!("closed without a word"),
                Err(_) => true,
            }
        });
    }
    assert_eq!(inside, count, "everybody was let in at some time");
    wait_until("all have left", || frontend.counters().current() == 0);
    assert_eq!(frontend.counters().peak(), let_in);
}

#[test]
fn maxconn_is_exact_at_each_level() {
    let server = origin();
    for (process, of_frontend, of_listener, let_in) in
        [(3, None, None, 3), (100, Some(4), None, 4), (100, Some(10), Some(2), 4), (3, Some(9), Some(5), 3)]
    {
        let (mut first, a) = common::listener(1);
        let (mut second, b) = common::listener(2);
        first.maxconn = of_listener;
        second.maxconn = of_listener;
        let backend = Some(common::backend(vec![common::server("s1", server)]));
        let listeners = vec![first, second];
        let policy = FrontendPolicy { maxconn: of_frontend, ..FrontendPolicy::default() };
        let frontend = FrontendConfig { backend, policy, ..FrontendConfig::new("fe", 1, listeners) };
        let observer = Arc::new(Lines(Mutex::new(mpsc::channel().0)));
        let engine = Engine::start(common::config(2, process), vec![frontend], observer).unwrap();
        check(&engine.frontends()[0], &[a, b], 24, let_in);
        for listener in engine.frontends()[0].listeners() {
            assert!(of_listener.is_none_or(|limit| listener.observed().counters().peak() <= limit));
        }
    }
}

#[test]
fn lines_and_counters() {
    let (listener, address) = common::listener(1);
    let backend = common::backend(vec![common::server("s1", origin())]);
    let reading = proxy_config::testing::read("frontend x\n option tcplog\n");
    let policy = LogPolicy::of(&reading.configuration.proxies[0].values);
    let (sender, lines) = mpsc::channel();
    let observer = Arc::new(Lines(Mutex::new(sender)));
    let target = Arc::clone(&observer) as Arc<dyn LogTarget>;
    let frontend = FrontendConfig {
        backend: Some(backend),
        log: AccessLog::options(&policy, 1024),
        access_log: Some(Arc::new(AccessLog::new(policy, target))),
        ..FrontendConfig::new("fe", 1, vec![listener])
    };
    let engine = Engine::start(common::config(1, 10), vec![frontend], observer).unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"four").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "!");

    let line = lines.recv_timeout(LIMIT).unwrap();
    let (head, tail) = line.split_once("] ").unwrap();
    let (from, date) = head.split_once(" [").unwrap();
    assert_eq!(from, client.local_addr().unwrap().to_string());
    // Such as 06/Feb/2026:12:12:51.443
    let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!((shape.len(), &shape[..3], &shape[6..]), (24, "00/", "/0000:00:00:00.000"), "{date}");
    let words: Vec<&str> = tail.split(' ').collect();
    let [name, led, times, "1", "--", "1/1/0/0/0", "0/0"] = words[..] else { panic!("{line}") };
    assert_eq!((name, led), ("fe", "be/s1"));
    let times: Vec<i64> = times.split('/').map(|time| time.parse().unwrap()).collect();
    assert!(times.len() == 3 && times.iter().all(|time| *time >= 0) && times[2] >= times[1], "{line}");

    let backends = engine.backends();
    let counters = backends[0].counters();
    // The line is written before the session releases its slot.
    wait_until("the session has left", || counters.current() == 0);
    assert_eq!((counters.total(), counters.current(), backends[0].bytes()), (1, 0, (4, 1)));
    assert_eq!(engine.frontends()[0].bytes(), (4, 1));
}

#[test]
fn a_server_is_moved() {
    let (listener, address) = common::listener(1);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let backend = common::backend(vec![common::server("s1", nobody.local_addr().unwrap())]);
    drop(nobody);
    backend.server("s1").unwrap().set_address(origin().into());
    let frontend = FrontendConfig { backend: Some(backend), ..FrontendConfig::new("fe", 1, vec![listener]) };
    let observer = Arc::new(Lines(Mutex::new(mpsc::channel().0)));
    let _engine = Engine::start(common::config(1, 10), vec![frontend], observer).unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap(), 1);
}
