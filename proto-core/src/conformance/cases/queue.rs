//! The accept queue: its order, its handles, and how it is closed.

use std::task::{Context, Poll, Waker};

use super::super::bytes::{receive, send};
use super::super::harness::{block_on, step};
use super::super::listening::{Listening, bind, connect_to};
use super::super::{Ended, Subject, Trait};
use super::runtime::poll_once;
use crate::error::{AcceptError, BindError, ConnectFailure};
use crate::protocol::{Incoming, accept};

pub(super) fn accept_is_cancel_safe(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        for _ in 0..4 {
            step("drop an accept that has waited since before the connect");
            let mut cancelled = Box::pin(accept(&*listening.listener));
            assert!(poll_once(cancelled.as_mut()).is_pending(), "there is no connection yet");
            // The connection arrives while the future waits; dropping the future must not drop the connection.
            let client = listening.connect(subject).await;
            drop(cancelled);
            step("accept the connection that the dropped future did not");
            let incoming = listening.accept().await;
            assert_eq!(incoming.peer_addr(), &client.local_addr(), "none is lost");

            step("drop an accept that was polled after it was woken");
            let client = listening.connect(subject).await;
            let incoming = match woken(&listening).await {
                Some(result) => result.expect("it accepts"),
                None => {
                    step("accept the connection that the dropped future did not");
                    listening.accept().await
                }
            };
            assert_eq!(incoming.peer_addr(), &client.local_addr(), "none is lost");
        }
    });
    Ended::Passed
}

/// Polls an accept until it is woken, then once more with another waker, and drops it.
async fn woken(listening: &Listening) -> Option<Result<Box<dyn Incoming>, AcceptError>> {
    let mut first = true;
    std::future::poll_fn(|cx| {
        if std::mem::take(&mut first) {
            return listening.listener.poll_accept(cx).map(Some);
        }
        Poll::Ready(match listening.listener.poll_accept(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        })
    })
    .await
}

pub(super) fn a_silent_client_is_accepted(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        step("accept a client that sends nothing");
        let (mut silent, incoming) = tokio::join!(listening.connect(subject), listening.accept());
        step("register a client that sends nothing");
        let mut of_silent = incoming.into_stream().expect("it registers");
        step("serve another client meanwhile");
        let (mut client, incoming) = tokio::join!(listening.connect(subject), listening.accept());
        send(&mut client, b"hello").await;
        let mut server = incoming.into_stream().expect("it registers");
        assert_eq!(receive(&mut server, 5).await, b"hello");
        step("the silent client sends");
        send(&mut silent, b"later").await;
        assert_eq!(receive(&mut of_silent, 5).await, b"later");
    });
    Ended::Passed
}

pub(super) fn many_at_once(subject: &Subject) -> Ended {
    const MANY: usize = 100;
    let listening = Listening::start(subject);
    step("serve a hundred at once");
    let serve = async {
        let mut servers = Vec::new();
        for _ in 0..MANY {
            servers.push(listening.accept().await.into_stream().expect("it registers"));
        }
        for server in &mut servers {
            let bytes = receive(server, 1000).await;
            send(server, &bytes).await;
        }
    };
    let ask = async {
        let mut clients = Vec::new();
        for n in 0..MANY {
            let mut client = listening.connect(subject).await;
            send(&mut client, &[n as u8; 1000]).await;
            clients.push(client);
        }
        for (n, client) in clients.iter_mut().enumerate() {
            assert_eq!(receive(client, 1000).await, [n as u8; 1000], "connection {n}");
        }
    };
    block_on(async { tokio::join!(serve, ask) });
    Ended::Passed
}

pub(super) fn clones_share_one_queue(subject: &Subject) -> Ended {
    let (socket, _) = bind(subject, []);
    step("try_clone");
    let other = socket.try_clone().expect("it can be duplicated");
    assert_eq!(socket.local_addr(), other.local_addr());
    block_on(async {
        let (first, second) = (Listening::of(subject, socket), Listening::of(subject, other));
        step("connect twice");
        let _one = first.connect(subject).await;
        let mut two = first.connect(subject).await;
        step("accept on one handle");
        first.accept().await;
        drop(first);
        step("accept on the other handle after the first was dropped");
        let mut server = second.accept().await.into_stream().expect("it registers");
        step("exchange bytes over a connection that a clone accepted");
        send(&mut two, b"to the clone").await;
        assert_eq!(receive(&mut server, 12).await, b"to the clone");
        send(&mut server, b"from the clone").await;
        assert_eq!(receive(&mut two, 14).await, b"from the clone");
    });
    Ended::Passed
}

pub(super) fn suspended_it_refuses(subject: &Subject) -> Ended {
    let (socket, _) = bind(subject, []);
    let address = (subject.leads_to)(socket.local_addr());
    block_on(async {
        let listening = Listening::of(subject, socket.try_clone().expect("it can be duplicated"));
        listening.pair(subject).await;
        drop(listening);
        step("suspend");
        match socket.suspend() {
            Ok(()) => {}
            Err(BindError::Refused { source, .. }) => return Ended::DoesNotApply(source.to_string()),
            Err(error) => panic!("{error}"),
        }
        step("connect to the suspended socket");
        let error = connect_to(subject, &address).await.expect_err("nothing listens");
        assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
        let listening = Listening::of(subject, socket);
        listening.pair(subject).await;
        Ended::Passed
    })
}

pub(super) fn refusing_new_keeps_those_inside(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        step("connect five clients that are not accepted yet");
        let mut early = Vec::new();
        for _ in 0..5 {
            early.push(listening.connect(subject).await);
        }
        step("refuse_new");
        assert!(listening.listener.refuse_new(), "refuse_new returns false: it could not");
        step("connect after refuse_new");
        let error = connect_to(subject, &listening.address).await.expect_err("new ones are refused");
        assert_eq!(error.failure(), ConnectFailure::Refused, "{error}");
        for mut client in early {
            step("accept one that was in the queue");
            let mut server = listening.accept().await.into_stream().expect("it registers");
            send(&mut server, b"served").await;
            assert_eq!(receive(&mut client, 6).await, b"served");
        }
        step("accept after all have been accepted");
        let mut none = std::pin::pin!(accept(&*listening.listener));
        assert!(poll_once(none.as_mut()).is_pending(), "the queue is empty");
    });
    Ended::Passed
}

pub(super) fn what_it_lacks_it_refuses(subject: &Subject) -> Ended {
    let (socket, _) = bind(subject, []);
    block_on(async {
        let listening = Listening::of(subject, socket.try_clone().expect("it can be duplicated"));
        listening.pair(subject).await;
        if subject.lacks(Trait::Suspend).is_some() {
            step("suspend, which it declares that it lacks");
            match socket.suspend() {
                Err(BindError::Refused { .. }) => {}
                other => panic!("a typed refusal was expected, not {other:?}"),
            }
        }
        if subject.lacks(Trait::RefuseNew).is_some() {
            step("refuse_new, which it declares that it lacks");
            assert!(!listening.listener.refuse_new(), "refuse_new returns true");
        }
        listening.pair(subject).await;
    });
    Ended::Passed
}
