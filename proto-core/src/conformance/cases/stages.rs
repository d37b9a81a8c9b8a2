//! The stages of a listener and of a connection, and the addresses that each reports.

use tokio::io::AsyncWriteExt;

use super::super::bytes::{read_to_end, receive, send};
use super::super::harness::{block_on, join, spawn, step};
use super::super::listening::{Listening, bind};
use super::super::{Ended, Subject};

pub(super) fn bind_reports_the_real_address(subject: &Subject) -> Ended {
    let (first, second) = (bind(subject, []).0, bind(subject, []).0);
    step("compare the addresses");
    assert_ne!(first.local_addr(), second.local_addr(), "two sockets have different addresses");
    let family = first.local_addr().family();
    assert!(subject.protocol.descriptor().families.contains(&family), "'{family}' is not of its families");
    assert!(first.local_addr().inet().is_none_or(|inet| inet.port() != 0), "port 0 has become a port");
    Ended::Passed
}

pub(super) fn accept_and_connect(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    assert_eq!(listening.listener.local_addr(), &listening.bound, "the listener's address and the bound one");
    block_on(async {
        step("connect and accept");
        let (client, incoming) = tokio::join!(listening.connect(subject), listening.accept());
        step("compare the addresses");
        assert_eq!(
            incoming.peer_addr(),
            &client.local_addr(),
            "the peer that was accepted and the client's address"
        );
        let server = incoming.into_stream().expect("it registers");
        assert_eq!(client.peer_addr(), listening.address, "the peer of the client");
        assert_eq!(server.local_addr(), listening.bound, "the local address of the server");
        assert_eq!(server.peer_addr(), client.local_addr(), "the peer of the server");
    });
    Ended::Passed
}

pub(super) fn incoming_crosses_threads(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        step("connect and accept");
        let (mut client, incoming) = tokio::join!(listening.connect(subject), listening.accept());
        step("register on another thread, write there and read here");
        let worker = spawn(move || {
            block_on(async {
                let mut server = incoming.into_stream().expect("it registers elsewhere");
                send(&mut server, b"from another thread").await;
                server.shutdown().await.expect("it shuts down");
            });
        });
        assert_eq!(read_to_end(&mut client).await, b"from another thread");
        join(worker);
    });
    Ended::Passed
}

pub(super) fn detach_and_back(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        let (client, mut server) = listening.pair(subject).await;
        let (local, peer, transport) = (client.local_addr(), client.peer_addr(), client.info().transport);
        step("detach");
        let detached = client.detach().expect("it detaches");
        assert_eq!(detached.peer_addr(), &peer);
        step("register on another thread and exchange bytes");
        let worker = spawn(move || {
            block_on(async move {
                let mut client = detached.into_stream().expect("it registers elsewhere");
                assert_eq!((client.local_addr(), client.peer_addr()), (local, peer), "the ends are the same");
                assert_eq!(client.info().transport, transport);
                assert_eq!(receive(&mut client, 4).await, b"ping");
                send(&mut client, b"pong").await;
                client.detach().expect("it detaches again")
            })
        });
        send(&mut server, b"ping").await;
        assert_eq!(receive(&mut server, 4).await, b"pong");
        step("register on the first thread again");
        let mut client = join(worker).into_stream().expect("it comes back");
        send(&mut client, b"back").await;
        assert_eq!(receive(&mut server, 4).await, b"back");
        send(&mut server, b"and forth").await;
        assert_eq!(receive(&mut client, 9).await, b"and forth");
    });
    Ended::Passed
}
