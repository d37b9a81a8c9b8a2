//! Sockets that the parent made: `fd@N` and `fd@${VAR}`. Their kind is read from the socket, never assumed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};

use braid_load::{Job, Origin, Transport};
use braid_tests::forward::{Forward, inherited};
use braid_tests::mptcp;
use braid_tests::queue::AcceptQueue;
use common::{has_mptcp, origin, perform, ping};
use socket2::{Domain, Protocol, Socket, Type};

fn tcp_origin() -> (Origin, String) {
    let origin = origin("127.0.0.1", Transport::Tcp);
    let server = format!("tcp@{}", origin.addr());
    (origin, server)
}

fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// Makes a socket that is bound and does not listen.
fn bound(protocol: Protocol) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(protocol)).unwrap();
    socket.bind(&loopback().into()).unwrap();
    socket
}

#[test]
fn one_that_does_not_listen_is_made_to() {
    let (_origin, server) = tcp_origin();
    let socket = bound(Protocol::TCP);
    assert!(!socket.is_listener().unwrap());
    let ours = socket.try_clone().unwrap();
    let braid = Forward::new(inherited(&socket), server).unwrap().pass(socket).start().unwrap();
    assert!(ours.is_listener().unwrap());
    assert_eq!(braid.addr(), ours.local_addr().unwrap().as_socket());
    ping(braid.addr().unwrap());
    assert_eq!(braid.sessions(1).unwrap()[0].get("client-protocol"), "tcpv4");
}

#[test]
fn one_that_listens_is_used_as_it_is() {
    let (_origin, server) = tcp_origin();
    let socket = bound(Protocol::TCP);
    socket.listen(7).unwrap();
    let ours = socket.try_clone().unwrap();
    let addr = ours.local_addr().unwrap().as_socket().unwrap();
    // A client connects before the program runs.
    let early = TcpStream::connect(addr).unwrap();
    assert_eq!(AcceptQueue::of(&ours).unwrap(), AcceptQueue { waiting: 1, limit: 7 });
    let braid = Forward::new(inherited(&socket), server).unwrap().pass(socket).start().unwrap();
    ping(addr);
    assert_eq!(AcceptQueue::of(&ours).unwrap(), AcceptQueue { waiting: 0, limit: 7 });
    let name = early.local_addr().unwrap().to_string();
    drop(early);
    let sessions = braid.sessions(2).unwrap();
    assert!(sessions.iter().any(|session| session.get("client") == name), "{sessions:?}");
}

#[test]
fn its_number_may_come_from_the_environment() {
    let (_origin, server) = tcp_origin();
    let socket = TcpListener::bind(loopback()).unwrap();
    let number = inherited(&socket).replace("fd@", "");
    let braid = Forward::new("fd@${FRONT}", &server).unwrap().env("FRONT", number);
    let braid = braid.pass(socket).start().unwrap();
    ping(braid.addr().unwrap());
}

/// An MPTCP listener reports protocol 262, and only that identifies it.
#[test]
fn mptcp_and_tcp_are_distinguished() {
    if !has_mptcp("mptcp_and_tcp_are_distinguished") {
        return;
    }
    let (_origin, server) = tcp_origin();
    let tcp = OwnedFd::from(TcpListener::bind(loopback()).unwrap());
    let listening = OwnedFd::from(mptcp::listen(loopback()).unwrap());
    let only_bound = OwnedFd::from(bound(Protocol::MPTCP));
    let expected = [
        (tcp, "tcpv4", "native", 0),
        (listening, "mptcpv4", "native", 1),
        (only_bound, "mptcpv4", "native", 1),
    ];
    for (socket, protocol, state, mptcp) in expected {
        let braid = Forward::new(inherited(&socket), &server).unwrap().pass(socket).start().unwrap();
        let report = perform(braid.addr().unwrap(), Transport::Mptcp, Job::storm(1, 1));
        assert_eq!(report.paths.mptcp, mptcp, "{protocol}: {report}");
        let session = &braid.sessions(1).unwrap()[0];
        assert_eq!((session.get("client-protocol"), session.get("client-state")), (protocol, state));
        assert_eq!(braid.warnings(), [""; 0]);
    }
}

#[test]
fn what_is_no_stream_socket_to_listen_on_is_refused() {
    let datagram = OwnedFd::from(UdpSocket::bind(loopback()).unwrap());
    let unix_datagram = OwnedFd::from(UnixDatagram::unbound().unwrap());
    let file = OwnedFd::from(File::open("/dev/null").unwrap());
    let half = OwnedFd::from(UnixStream::pair().unwrap().0);
    let packets = OwnedFd::from(Socket::new(Domain::UNIX, Type::SEQPACKET, None).unwrap());
    for (socket, message) in [
        (datagram, "is a datagram socket, but a stream socket is needed here"),
        (unix_datagram, "is a datagram socket, but a stream socket is needed here"),
        (file, "is not a socket"),
        (
            half,
            "is a socket of family AF_UNIX (1), type SOCK_STREAM (1), protocol 0, without a name, and no protocol of \
             this binary knows such a socket",
        ),
        (
            packets,
            "is a socket of family AF_UNIX (1), type SOCK_SEQPACKET (5), protocol 0, without a name, and no protocol \
             of this binary knows such a socket",
        ),
    ] {
        let bind = inherited(&socket);
        let (code, output) = Forward::new(&bind, "tcp@127.0.0.1:1").unwrap().pass(socket).run().unwrap();
        assert_eq!(code, Some(1), "{output}");
        let whom = format!("file descriptor {} ", bind.trim_start_matches("fd@"));
        assert!(output.contains(message) && output.contains(&whom), "{bind}: {output}");
    }
}

#[test]
fn a_descriptor_that_is_not_open_is_refused() {
    let (code, output) = Forward::new("fd@987", "tcp@127.0.0.1:1").unwrap().run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("file descriptor 987 is not open"), "{output}");
}

/// A connected socket cannot listen, which has to be found before the first client connects.
#[test]
fn a_connection_is_refused() {
    let listener = TcpListener::bind(loopback()).unwrap();
    let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let bind = inherited(&connection);
    let (code, output) = Forward::new(bind, "tcp@127.0.0.1:1").unwrap().pass(connection).run().unwrap();
    assert_eq!(code, Some(1), "{output}");
}
