//! The calls that a transport on top of another one passes on.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::super::harness::{block_on, step};
use super::super::stub::{Calls, Marker, OPTION, Stub, client, original, warning};
use super::super::{Ended, Subject};
use crate::error::BindError;
use crate::info::PathEvent;
use crate::options::SocketOption;
use crate::protocol::{BoundSocket, accept};
use crate::spec::{BindSpec, Settings, Target};
use crate::stream::{Stream, Support};

/// Begins a step for a call, and returns a check that the call arrived.
fn calling(call: &'static str) -> impl Fn(&Calls) {
    step(format!("{call}, on a transport on top of a stub"));
    move |calls| assert!(calls.has(call), "{call} does not reach the transport below")
}

pub(super) fn every_call_is_forwarded(subject: &Subject) -> Ended {
    let Some(over) = subject.over else {
        return Ended::DoesNotApply(
            "it is not built on another transport (which `.over(..)` declares)".to_owned(),
        );
    };
    let calls = Calls::default();
    let protocol = over(Arc::new(Stub::new(*subject.protocol.descriptor(), &calls)));
    let address = (subject.free)();
    let mut settings: Settings = subject.settings.clone();
    settings.options.set(OPTION);
    settings.extensions.insert(Marker);
    let warned = [warning(subject.name())];
    block_on(async {
        let arrives = calling("bind with the settings of the line");
        let spec = BindSpec { settings: settings.clone(), share: true, ..BindSpec::new(address.clone()) };
        let bound = protocol.bind(spec, &subject.kernel).expect("it binds");
        arrives(&calls);
        assert_eq!(
            (&bound.address, &bound.warnings[..]),
            (&address, &warned[..]),
            "address and warnings of the bind"
        );
        let listener = listening(bound.socket, &calls);
        let arrives = calling("refuse_new");
        assert!(listener.refuse_new(), "its answer is lost");
        arrives(&calls);
        let arrives = calling("expects_more");
        assert!(!listener.expects_more(), "its answer is lost");
        arrives(&calls);
        let arrives = calling("poll_accept");
        let incoming = accept(&*listener).await.expect("it accepts");
        arrives(&calls);
        assert_eq!(incoming.peer_addr(), &client(), "the peer of an accepted connection");
        let arrives = calling("into_stream");
        let accepted = incoming.into_stream().expect("it registers");
        arrives(&calls);
        connection(accepted, &calls).abort();
        calling("abort")(&calls);

        let arrives = calling("connector with the settings of the line");
        let spec = crate::spec::ServerSpec { settings, ..subject.server(&address) };
        let connectable = protocol.connector(spec, &subject.kernel).expect("a connector");
        arrives(&calls);
        assert_eq!(connectable.warnings, warned, "warnings of the connector");
        let arrives = calling("connect with the whole target");
        let target = Target { client: Some(client()), data_ready: true, ..Target::new(address.clone()) };
        let connected = connectable.connector.connect(&target).await.expect("it connects");
        arrives(&calls);
        drop(connection(connected, &calls));
    });
    Ended::Passed
}

/// Makes the calls of a bound socket.
fn listening(socket: Box<dyn BoundSocket>, calls: &Calls) -> Box<dyn crate::protocol::Listener> {
    let arrives = calling("try_clone");
    let other = socket.try_clone().expect("it is duplicated");
    arrives(calls);
    let arrives = calling("publish");
    other.publish().expect("it is published");
    arrives(calls);
    let arrives = calling("hand_over");
    other.hand_over();
    arrives(calls);
    let arrives = calling("suspend");
    let refused = other.suspend();
    arrives(calls);
    assert!(matches!(refused, Err(BindError::Refused { .. })), "the refusal became {refused:?}");
    let arrives = calling("as_fd");
    assert!(other.as_fd().is_some(), "its answer is lost");
    arrives(calls);
    let arrives = calling("listen");
    let listener = socket.listen().expect("it listens");
    arrives(calls);
    listener
}

/// Makes the calls of a connection.
fn connection(mut stream: Box<dyn Stream>, calls: &Calls) -> Box<dyn Stream> {
    let mut cx = Context::from_waker(Waker::noop());
    let arrives = calling("set_option");
    let support = stream.set_option(&SocketOption::KeepAlive).expect("the stub takes it");
    arrives(calls);
    assert!(matches!(support, Support::Partly(_)), "the answer became {support:?}");
    let arrives = calling("original_dst");
    assert_eq!(stream.original_dst(), Some(original()), "its answer is lost");
    arrives(calls);
    let arrives = calling("has_ended");
    assert!(stream.has_ended(), "its answer is lost");
    arrives(calls);
    let arrives = calling("poll_event");
    let event = stream.path_events().map(|events| events.poll_event(&mut cx));
    assert!(
        matches!(event, Some(Poll::Ready(PathEvent::Down { id: 7, .. }))),
        "path_events became {event:?}"
    );
    arrives(calls);
    let arrives = calling("info");
    stream.info();
    arrives(calls);
    let arrives = calling("poll_write");
    let written = Pin::new(&mut *stream).poll_write(&mut cx, b"something");
    assert!(matches!(written, Poll::Ready(Ok(9))), "a write of 9 bytes: {written:?}");
    // A stream that buffers bytes may write them only here.
    let flushed = Pin::new(&mut *stream).poll_flush(&mut cx);
    assert!(matches!(flushed, Poll::Ready(Ok(()))), "a flush: {flushed:?}");
    arrives(calls);
    let arrives = calling("poll_flush");
    let flushed = Pin::new(&mut *stream).poll_flush(&mut cx);
    assert!(matches!(flushed, Poll::Ready(Ok(()))), "a flush: {flushed:?}");
    arrives(calls);
    let arrives = calling("poll_shutdown");
    let shut = Pin::new(&mut *stream).poll_shutdown(&mut cx);
    assert!(matches!(shut, Poll::Ready(Ok(()))), "a shutdown: {shut:?}");
    arrives(calls);
    let arrives = calling("detach");
    let incoming = stream.detach().expect("it detaches");
    arrives(calls);
    incoming.into_stream().expect("it registers")
}
