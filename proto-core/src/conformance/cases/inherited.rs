//! Sockets that another process has too: taken over, and handed over.

use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixStream};

use socket2::{Domain, Socket, Type};

use super::super::bytes::{receive, send};
use super::super::harness::{block_on, step};
use super::super::listening::{Listening, bind, bind_as};
use super::super::{Ended, Subject};
use super::runtime::poll_once;
use crate::address::InheritedSocket;
use crate::descriptor::{Slot, SocketType};
use crate::error::BindError;
use crate::protocol::{BoundSocket, accept};
use crate::spec::BindSpec;

/// Returns a duplicate of a socket's descriptor in blocking mode, as a parent's may be.
fn blocking(socket: &dyn BoundSocket) -> Option<OwnedFd> {
    let fd = socket.as_fd()?.try_clone_to_owned().expect("a duplicate");
    socket2::SockRef::from(&fd).set_nonblocking(false).expect("it can block");
    Some(fd)
}

pub(super) fn an_inherited_socket_is_taken_as_it_is(subject: &Subject) -> Ended {
    let (original, _) = bind(subject, []);
    let Some(fd) = blocking(&*original) else {
        return Ended::DoesNotApply("its sockets have no descriptor".to_owned());
    };
    step("bind with BindSpec::socket, which is bound and blocks");
    // As for `fd@`: the address is the socket's, or the protocol's if it claims the socket.
    let facts = InheritedSocket::facts_of(fd.as_fd()).expect("its facts");
    let claimed = subject.protocol.owns(&facts, fd.as_fd()).or(facts.address);
    let known = claimed.filter(|address| address.family() == original.local_addr().family());
    let address = known.unwrap_or_else(|| original.local_addr().clone());
    let bound = match bind_as(subject, BindSpec { socket: Some(fd), ..subject.bind_spec(address) }) {
        Ok(bound) => bound,
        Err(BindError::Refused { source, .. }) => return Ended::DoesNotApply(source.to_string()),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(&bound.address, original.local_addr(), "the address of the socket that was taken over");
    step("publish the original");
    original.publish().expect("it is published");
    block_on(async {
        let listening = Listening::of(subject, bound.socket);
        let (mut client, mut server) = listening.pair(subject).await;
        step("accept with an empty queue: a socket that was left blocking blocks the worker now");
        let mut none = Box::pin(accept(&*listening.listener));
        assert!(poll_once(none.as_mut()).is_pending(), "the queue is empty");
        drop(none);
        step("exchange bytes over the socket that was taken over");
        send(&mut client, b"question").await;
        assert_eq!(receive(&mut server, 8).await, b"question");

        step("refuse_new on a socket that another process has too");
        assert!(
            !listening.listener.refuse_new(),
            "refuse_new returns true: it stopped the other process too"
        );
        step("drop the socket that was taken over");
        drop(listening);
        let listening = Listening::of(subject, original);
        listening.pair(subject).await;
        Ended::Passed
    })
}

pub(super) fn a_handed_over_socket_is_left_alone(subject: &Subject) -> Ended {
    let (socket, _) = bind(subject, []);
    let Some(fd) = blocking(&*socket) else {
        return Ended::DoesNotApply("its sockets have no descriptor".to_owned());
    };
    block_on(async {
        step("publish");
        socket.publish().expect("it is published");
        step("publish a second time, which has no further effect");
        socket.publish().expect("it is published");
        let address = socket.local_addr().clone();
        let listening = Listening::of(subject, socket.try_clone().expect("it can be duplicated"));
        listening.pair(subject).await;
        step("hand_over");
        socket.hand_over();
        step("refuse_new after hand_over");
        assert!(
            !listening.listener.refuse_new(),
            "refuse_new returns true: it stopped the other process too"
        );
        step("suspend after hand_over");
        match socket.suspend() {
            Err(BindError::Refused { .. }) => {}
            other => panic!("a typed refusal was expected, not {other:?}"),
        }
        let successor = match bind_as(subject, BindSpec { socket: Some(fd), ..subject.bind_spec(address) }) {
            Ok(bound) => Listening::of(subject, bound.socket),
            Err(BindError::Refused { .. }) => return,
            Err(error) => panic!("{error}"),
        };
        step("drop all handles of the process that handed it over, and connect");
        drop((socket, listening));
        successor.pair(subject).await;
    });
    Ended::Passed
}

pub(super) fn it_owns_its_sockets_and_no_others(subject: &Subject) -> Ended {
    let (socket, _) = bind(subject, []);
    let place = subject.protocol.descriptor().place;
    step("ask whether it owns a socket of its own");
    let fd = socket.as_fd().unwrap_or_else(|| {
        panic!("as_fd is None (a transport without: `.without(Trait::Descriptors, \"why\")`)")
    });
    if let (Ok(facts), Some((SocketType::Stream, _))) = (InheritedSocket::facts_of(fd), place) {
        let owned = subject.protocol.owns(&facts, fd);
        assert!(owned.is_some(), "it has a cell, and does not claim its own socket: {facts:?}");
    }
    let claims = |what: &str, fd: BorrowedFd<'_>| {
        step(format!("ask whether it owns {what}"));
        let facts = InheritedSocket::facts_of(fd).expect("its facts");
        let owned = subject.protocol.owns(&facts, fd);
        assert!(owned.is_none(), "it claims {what}, which nothing proves to be its own: {facts:?}");
    };
    // The defaults of the table own the sockets that nothing else distinguishes.
    if place != Some((SocketType::Stream, Slot::Default)) {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            if let Ok(plain) = TcpListener::bind(address) {
                claims("a plain TCP listener", plain.as_fd());
            }
        }
        let path = std::env::temp_dir().join(format!("braid-owns-{}-{}", std::process::id(), subject.name()));
        if let Ok(plain) = std::os::unix::net::UnixListener::bind(&path) {
            let _ = std::fs::remove_file(&path);
            claims("a plain UNIX listener", plain.as_fd());
        }
    }
    let (one, _other) = UnixStream::pair().expect("a pair");
    claims("half of a UNIX pair, which cannot listen", one.as_fd());
    let (one, _other) = Socket::pair(Domain::UNIX, Type::SEQPACKET, None).expect("a pair");
    claims("half of a UNIX pair of sequenced packets", one.as_fd());
    claims("a UNIX datagram socket", UnixDatagram::unbound().expect("a socket").as_fd());
    if let Ok(datagrams) = UdpSocket::bind("127.0.0.1:0") {
        claims("a UDP socket", datagrams.as_fd());
    }
    Ended::Passed
}
