//! Connections passed over a descriptor.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod common;

use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use common::{run, speak};
use proto_core::address::{Address, OtherAddress};
use proto_core::error::{AcceptError, BindError, ConnectError, ConnectFailure, Refusal};
use proto_core::kernel::Kernel;
use proto_core::protocol::{Bound, Connector, accept, connect_within};
use proto_core::spec::{BindSpec, ServerSpec, Target};

fn on(number: i32) -> Address {
    Address::Other(OtherAddress::new(proto_unix::SOCKPAIR, number.to_string()))
}

fn bind(channel: &impl AsRawFd) -> Result<Bound, BindError> {
    proto_unix::sockpair().bind(BindSpec::new(on(channel.as_raw_fd())), &Kernel::detect())
}

fn connector(channel: &impl AsRawFd) -> Result<Arc<dyn Connector>, ConnectError> {
    let spec = ServerSpec::new(on(channel.as_raw_fd()));
    proto_unix::sockpair().connector(spec, &Kernel::detect()).map(|connectable| connectable.connector)
}

#[test]
fn a_connection_is_passed_and_works() {
    let (here, there) = UnixStream::pair().unwrap();
    let (bound, connector) = (bind(&there).unwrap(), connector(&here).unwrap());
    assert_eq!(bound.address, on(there.as_raw_fd()));
    assert!(matches!(bound.socket.suspend().unwrap_err().refusal(), Some(Refusal::Policy(_))));
    run(async {
        let spare = bound.socket.try_clone().unwrap().listen().unwrap();
        let listener = bound.socket.listen().unwrap();
        let target = Target::new(on(here.as_raw_fd()));
        let mut first = connector.connect(&target).await.unwrap();
        let mut second = connector.connect(&target).await.unwrap();
        let mut taken = accept(&*listener).await.unwrap().into_stream().unwrap();
        speak(&mut *first, &mut *taken, b"there").await;
        speak(&mut *taken, &mut *first, b"back").await;
        let mut taken = accept(&*spare).await.unwrap().into_stream().unwrap();
        speak(&mut *second, &mut *taken, b"each message has one").await;
        assert_eq!(taken.info().transport, "sockpair");
        assert_eq!((taken.local_addr(), first.peer_addr()), (on(there.as_raw_fd()), target.address));
    });
}

#[test]
fn a_full_channel_waits_for_room() {
    let (here, there) = UnixStream::pair().unwrap();
    let (bound, connector) = (bind(&there).unwrap(), connector(&here).unwrap());
    run(async {
        let listener = bound.socket.listen().unwrap();
        let target = Target::new(on(here.as_raw_fd()));
        let mut sent = Vec::new();
        let error = loop {
            match connect_within(&*connector, &target, Duration::from_millis(50)).await {
                Ok(stream) => sent.push(stream),
                Err(error) => break error,
            }
        };
        assert_eq!(error.failure(), ConnectFailure::TimedOut);
        let (waited, ()) = tokio::join!(connector.connect(&target), async {
            for _ in 0..sent.len() {
                accept(&*listener).await.unwrap();
            }
        });
        waited.unwrap();
    });
}

#[test]
fn the_end_of_the_channel_is_reported() {
    let (here, there) = UnixStream::pair().unwrap();
    let (bound, connector) = (bind(&there).unwrap(), connector(&here).unwrap());
    let target = Target::new(on(here.as_raw_fd()));
    run(async {
        let listener = bound.socket.listen().unwrap();
        drop((here, connector));
        let error = accept(&*listener).await.unwrap_err();
        assert!(matches!(error, AcceptError::Broken(_)), "{error}");
    });
    let (here, there) = UnixStream::pair().unwrap();
    let connector = self::connector(&here).unwrap();
    drop(there);
    run(async {
        let target = Target { address: on(here.as_raw_fd()), ..target };
        let error = connector.connect(&target).await.unwrap_err();
        assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
    });
}

#[test]
fn a_message_without_a_connection_is_skipped() {
    let (mut here, there) = UnixStream::pair().unwrap();
    let (bound, connector) = (bind(&there).unwrap(), connector(&here).unwrap());
    run(async {
        let listener = bound.socket.listen().unwrap();
        here.write_all(b"no").unwrap();
        let error = accept(&*listener).await.unwrap_err();
        assert!(matches!(error, AcceptError::Connection(_)), "{error}");
        connector.connect(&Target::new(on(here.as_raw_fd()))).await.unwrap();
        accept(&*listener).await.unwrap();
    });
}

#[test]
fn a_descriptor_that_is_no_channel_is_refused() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file: OwnedFd = std::fs::File::open("/").unwrap().into();
    for result in [bind(&listener), bind(&file), bind(&-1)] {
        assert!(matches!(result.unwrap_err(), BindError::System { .. }));
    }
    assert!(matches!(connector(&listener).unwrap_err(), ConnectError::System { .. }));
    let inet: Address = "127.0.0.1:1".parse::<std::net::SocketAddr>().unwrap().into();
    let error = proto_unix::sockpair().bind(BindSpec::new(inet), &Kernel::detect()).unwrap_err();
    assert!(matches!(error.refusal(), Some(Refusal::WrongFamily { .. })));
}
