//! A proxy of HTTP with one worker, whose allocations are counted, and its server.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use proxy_config::{Values, testing};
use proxy_engine::policy::{FrontendPolicy, HttpPolicy};
use proxy_engine::{
    AcceptedRecord, Backend, BackendConfig, Engine, FrontendConfig, Notice, Observer, SessionRecord,
};

use crate::{common, counting};

#[derive(Debug)]
struct Nobody;

impl Observer for Nobody {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, notice: &Notice) {
        panic!("not expected: {notice}");
    }
}

/// Starts a server that sends the response for each read that it answers: requests arrive in one piece.
fn origin(response: &'static [u8], answers: fn(&[u8]) -> bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut request) {
                    if answers(&request[..length]) {
                        stream.write_all(response).unwrap();
                    }
                }
            });
        }
    });
    address
}

/// Returns the values of a `listen` section with these lines.
pub(crate) fn values(lines: &str) -> Values {
    let limits = "timeout client 1m\n timeout server 1m\n timeout connect 1m";
    let reading = testing::read(format!("defaults\n {limits}\n mode http\nlisten x\n{lines}\n"));
    assert_eq!(reading.in_short(), Vec::<String>::new());
    reading.configuration.proxies[0].values.clone()
}

/// Starts the proxy, with a server that answers reads so. Returns it with its address.
pub(crate) fn start(
    http: HttpPolicy,
    maxconn: usize,
    response: &'static [u8],
    answers: fn(&[u8]) -> bool,
) -> (Engine, SocketAddr) {
    let ((listener, address), http) = (common::listener(1), Arc::new(http));
    let servers = vec![common::server("s", origin(response, answers))];
    let config = BackendConfig { http: Some(Arc::clone(&http)), ..common::backend_config(servers) };
    let frontend = FrontendConfig {
        backend: Some(Backend::new(config)),
        policy: FrontendPolicy { http: Some(http), ..FrontendPolicy::default() },
        ..FrontendConfig::new("fe", 1, vec![listener])
    };
    let config = common::config(1, maxconn);
    let engine = Engine::start_with(config, vec![frontend], Arc::new(Nobody), |_| counting::watch());
    (engine.unwrap(), address)
}
