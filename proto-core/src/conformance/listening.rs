//! A listener of the subject, and connections to it.

use std::sync::Arc;

use super::Subject;
use super::harness::{STILL, runtime, step};
use crate::address::Address;
use crate::error::{BindError, ConnectError, Warning};
use crate::options::SocketOption;
use crate::protocol::{Bound, BoundSocket, Connector, Incoming, Listener, accept, connect_within};
use crate::spec::{BindSpec, Target};
use crate::stream::Stream;

/// A listener of the subject.
pub(super) struct Listening {
    /// The address that it is bound to.
    pub(super) bound: Address,
    /// The address to connect to.
    pub(super) address: Address,
    pub(super) listener: Box<dyn Listener>,
}

impl Listening {
    pub(super) fn start(subject: &Subject) -> Listening {
        Listening::with(subject, [])
    }

    pub(super) fn with(subject: &Subject, options: impl IntoIterator<Item = SocketOption>) -> Listening {
        Listening::of(subject, bind(subject, options).0)
    }

    pub(super) fn of(subject: &Subject, socket: Box<dyn BoundSocket>) -> Listening {
        step("listen");
        let runtime = runtime();
        let _registers_here = runtime.enter();
        let bound = socket.local_addr().clone();
        let address = (subject.leads_to)(&bound);
        Listening { bound, address, listener: socket.listen().expect("it listens") }
    }

    pub(super) async fn connect(&self, subject: &Subject) -> Box<dyn Stream> {
        connect_to(subject, &self.address).await.expect("it connects")
    }

    pub(super) async fn accept(&self) -> Box<dyn Incoming> {
        accept(&*self.listener).await.expect("it accepts")
    }

    /// Makes a connection and returns the client's end and the server's.
    pub(super) async fn pair(&self, subject: &Subject) -> (Box<dyn Stream>, Box<dyn Stream>) {
        step("connect and accept");
        let (client, incoming) = tokio::join!(self.connect(subject), self.accept());
        let server = incoming.into_stream().expect("it registers");
        step("after connect and accept");
        (client, server)
    }
}

/// Binds to a free address.
pub(super) fn bind(
    subject: &Subject,
    options: impl IntoIterator<Item = SocketOption>,
) -> (Box<dyn BoundSocket>, Vec<Warning>) {
    step("bind");
    let mut spec = subject.bind_spec((subject.free)());
    options.into_iter().for_each(|option| spec.settings.options.set(option));
    let bound = bind_as(subject, spec).expect("it binds");
    (bound.socket, bound.warnings)
}

/// Binds, and checks that the result and its socket have the same address.
pub(super) fn bind_as(subject: &Subject, spec: BindSpec) -> Result<Bound, BindError> {
    let bound = subject.protocol.bind(spec, &subject.kernel)?;
    assert_eq!(bound.socket.local_addr(), &bound.address, "the bound address, from the socket and from bind");
    Ok(bound)
}

/// Makes a connector to an address.
pub(super) fn connector(subject: &Subject, address: &Address) -> Arc<dyn Connector> {
    let server = subject.server(address);
    let connectable = subject.protocol.connector(server, &subject.kernel).expect("a connector");
    assert_eq!(connectable.warnings, [], "a plain server needs no warning");
    connectable.connector
}

pub(super) async fn connect_to(
    subject: &Subject,
    address: &Address,
) -> Result<Box<dyn Stream>, ConnectError> {
    connect_within(&*connector(subject, address), &Target::new(address.clone()), STILL).await
}
