//! Long connections are spread evenly over the workers, whatever the order of their arrival.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use proxy_engine::{AcceptedRecord, Engine, FrontendConfig, Notice, Observer, SessionRecord};

mod common;

const LIMIT: Duration = Duration::from_secs(20);

/// An observer that ignores everything.
#[derive(Debug)]
struct Silent;

impl Observer for Silent {
    fn accepted(&self, accepted: &AcceptedRecord<'_>) {
        panic!("not wanted: {accepted:?}");
    }

    fn session(&self, record: &SessionRecord<'_>) {
        panic!("not wanted: {record:?}");
    }

    fn notice(&self, notice: &Notice) {
        panic!("not expected: {notice}");
    }
}

fn start(workers: usize, server: SocketAddr) -> (Engine, SocketAddr) {
    let (listener, addr) = common::listener(1);
    let backend = Some(common::backend(vec![common::server("server", server)]));
    let frontend = FrontendConfig { backend, ..FrontendConfig::new("test", 1, vec![listener]) };
    let config = common::config(workers, 1000);
    (Engine::start(config, vec![frontend], Arc::new(Silent)).unwrap(), addr)
}

fn loads(engine: &Engine) -> Vec<usize> {
    engine.counters().iter().map(|counters| counters.connections).collect()
}

fn wait_for(engine: &Engine, total: usize) -> Vec<usize> {
    let end = Instant::now() + LIMIT;
    loop {
        let loads = loads(engine);
        if loads.iter().sum::<usize>() == total {
            return loads;
        }
        assert!(Instant::now() < end, "{loads:?} instead of {total} in all");
        std::thread::yield_now();
    }
}

/// Of 64 long connections on two workers, one after the other or all at once, no worker has more than 1.1 times the
/// mean.
#[test]
fn long_connections_are_spread_evenly() {
    const CONNECTIONS: usize = 64;
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let (engine, addr) = start(2, server.local_addr().unwrap());
    for at_once in [1, CONNECTIONS] {
        let (mut clients, mut served) = (Vec::new(), Vec::new());
        for _ in 0..CONNECTIONS / at_once {
            clients.extend((0..at_once).map(|_| TcpStream::connect(addr).unwrap()));
            served.extend((0..at_once).map(|_| server.accept().unwrap().0));
        }
        let loads = wait_for(&engine, CONNECTIONS);
        println!("{at_once} at once: {loads:?}");
        let most = loads.iter().max().copied().unwrap_or(0);
        assert!(most * 2 * 10 <= CONNECTIONS * 11, "{at_once} at once: {loads:?}");
        drop((clients, served));
        wait_for(&engine, 0);
    }
}

/// New connections go to the worker whose connections have ended.
#[test]
fn what_ended_makes_room() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let (engine, addr) = start(4, server.local_addr().unwrap());
    let open = |count: usize| -> Vec<(TcpStream, TcpStream)> {
        (0..count).map(|_| (TcpStream::connect(addr).unwrap(), server.accept().unwrap().0)).collect()
    };
    let mut pairs = open(40);
    assert_eq!(wait_for(&engine, 40), [10; 4]);
    // Every third connection.
    let mut at = 0;
    pairs.retain(|_| {
        at += 1;
        at % 3 != 0
    });
    wait_for(&engine, pairs.len());
    pairs.extend(open(40 - pairs.len()));
    assert_eq!(wait_for(&engine, 40), [10; 4]);
    // The others were not disturbed.
    for (client, served) in &mut pairs {
        served.shutdown(std::net::Shutdown::Write).unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
}
