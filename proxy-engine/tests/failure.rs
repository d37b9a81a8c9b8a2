//! A worker whose acceptor panics: the wait for the end of the engine reports the failure.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::net::TcpStream;
use std::sync::Arc;
use std::task::{Context, Poll};

use proto_core::address::Address;

use proto_core::error::{AcceptError, BindError};
use proto_core::protocol::{BoundSocket, Incoming, Listener};
use proxy_engine::{AcceptedRecord, Engine, FrontendConfig, Notice, Observer, SessionRecord};

/// A socket that panics at the first connection.
#[derive(Debug)]
struct Panics<S>(S);

impl BoundSocket for Panics<Box<dyn BoundSocket>> {
    fn local_addr(&self) -> &Address {
        self.0.local_addr()
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        self.0.try_clone()
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        Ok(Box::new(Panics(self.0.listen()?)))
    }

    fn suspend(&self) -> Result<(), BindError> {
        self.0.suspend()
    }
}

impl Listener for Panics<Box<dyn Listener>> {
    fn local_addr(&self) -> &Address {
        self.0.local_addr()
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        match self.0.poll_accept(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(_) => panic!("as planned"),
        }
    }
}

#[derive(Debug)]
struct Nobody;

impl Observer for Nobody {
    fn accepted(&self, _: &AcceptedRecord<'_>) {}

    fn session(&self, _: &SessionRecord<'_>) {}

    fn notice(&self, _: &Notice) {}
}

#[tokio::test]
async fn a_worker_that_panics_ends_the_engine() {
    let (mut listener, address) = common::listener(1);
    listener.socket = Box::new(Panics(listener.socket));
    let frontend = FrontendConfig::new("fe", 1, vec![listener]);
    let engine = Engine::start(common::config(2, 10), vec![frontend], Arc::new(Nobody)).unwrap();
    assert!(!engine.has_failed());
    let _client = TcpStream::connect(address).unwrap();
    engine.over().await;
    assert!(engine.has_failed());
}
