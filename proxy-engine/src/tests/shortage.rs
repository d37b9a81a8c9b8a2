//! Sessions without a descriptor for their server: they wait, but not forever.

use std::io;

use async_trait::async_trait;
use proto_core::error::{ConnectError, Step};
use proto_core::protocol::Connector;
use proto_core::spec::Target;

use super::*;

/// A connector that always lacks a descriptor.
#[derive(Debug)]
struct Exhausted;

#[async_trait]
impl Connector for Exhausted {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let source = io::Error::from_raw_os_error(libc::EMFILE);
        Err(ConnectError::system(Step::Create, &target.address, source))
    }
}

/// Makes a backend with one server, for which there is no descriptor.
fn starved(connect: Option<Duration>) -> BackendConfig {
    let server = ServerConfig::new("s1", 1, Arc::new(Exhausted), address("s1"));
    let backend = config(vec![Server::new(server)], "roundrobin");
    BackendConfig { timeouts: BackendTimeouts { connect, ..backend.timeouts }, ..backend }
}

#[test]
fn a_session_waits_as_long_as_it_may_connect() {
    run(|mut lab| async move {
        let entry = lab.open(starved(Some(ms(600))));
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/600 0 RC 1/1/0/0/0 0/0");
    });
}

#[test]
fn without_a_limit_it_does_not_wait_for_ever() {
    run(|mut lab| async move {
        let entry = lab.entry(Some(Backend::new(starved(None))), ms(60_000), LogMoment::Ended);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/30000 0 RC 1/1/0/0/0 0/0");
    });
}
