//! Pausing: after SIGTTOU nothing listens, after SIGTTIN everything does again, and sessions notice neither.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use braid_tests::forward::{Braid, Forward, LIMIT, inherited};
use braid_tests::mptcp;
use braid_tests::poll::eventually;
use braid_tests::process::Signal;
use common::has_mptcp;

/// How long a connection in the queue is watched that is not to be served.
const UNSERVED: Duration = Duration::from_millis(300);

/// Sends a signal and waits for what the program says then.
fn tell(braid: &Braid, signal: Signal, said: &str) {
    let mark = braid.process.mark();
    braid.process.signal(signal).unwrap();
    braid.process.wait_for_line_after(mark, said, LIMIT).unwrap();
}

fn pause(braid: &Braid) {
    tell(braid, Signal::TerminalOutput, "paused: ");
}

fn resume(braid: &Braid) {
    tell(braid, Signal::TerminalInput, "resumed");
}

fn is_refused(addr: SocketAddr) {
    let refused = eventually(LIMIT, || TcpStream::connect(addr).err()).expect("no longer listening");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{refused}");
}

/// Exchanges something over a session.
fn talk(mut client: impl Read + Write, served: &mut TcpStream) {
    served.set_read_timeout(Some(LIMIT)).unwrap();
    client.write_all(b"ping").unwrap();
    served.read_exact(&mut [0; 4]).unwrap();
    served.write_all(b"pong").unwrap();
    client.read_exact(&mut [0; 4]).unwrap();
}

/// Makes a session.
fn connected(addr: SocketAddr, server: &TcpListener, connect: Connect) -> (TcpStream, TcpStream) {
    let client = eventually(LIMIT, || connect(addr).ok()).expect("it listens");
    client.set_read_timeout(Some(LIMIT)).unwrap();
    // Those that came before it was paused, and ended at once, are served as well.
    (&client).write_all(b"ping").unwrap();
    loop {
        let mut served = server.accept().unwrap().0;
        served.set_read_timeout(Some(LIMIT)).unwrap();
        if served.read_exact(&mut [0; 4]).is_ok() {
            served.write_all(b"pong").unwrap();
            (&client).read_exact(&mut [0; 4]).unwrap();
            return (client, served);
        }
    }
}

type Connect = fn(SocketAddr) -> std::io::Result<TcpStream>;

fn start(bind: &str, server: &TcpListener) -> Forward {
    Forward::new(bind, format!("tcp@{}", server.local_addr().unwrap())).unwrap()
}

#[test]
fn connections_are_refused_while_paused_and_sessions_go_on() {
    let mut transports: Vec<(&str, Connect)> = vec![("tcp", |addr| TcpStream::connect(addr))];
    if has_mptcp("connections_are_refused_while_paused_and_sessions_go_on, of MPTCP") {
        transports.push(("mptcp", |addr| mptcp::connect(addr)));
    }
    for (transport, connect) in transports {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let braid = start(&format!("{transport}@127.0.0.1:0"), &server).start().unwrap();
        let addr = braid.addr().unwrap();
        let (client, mut served) = connected(addr, &server, connect);
        for _ in 0..3 {
            pause(&braid);
            is_refused(addr);
            talk(&client, &mut served);
            // It is paused already.
            braid.process.signal(Signal::TerminalOutput).unwrap();
            resume(&braid);
            let (new, mut new_served) = connected(addr, &server, connect);
            talk(&new, &mut new_served);
            talk(&client, &mut served);
        }
        // A paused process stops softly, and does not listen again.
        pause(&braid);
        is_refused(addr);
        braid.process.signal(Signal::User1).unwrap();
        braid.process.signal(Signal::TerminalInput).unwrap();
        talk(&client, &mut served);
        is_refused(addr);
        // With the listener go those connections that came between a signal and the first refusal.
        drop((client, served, server));
        let status = braid.process.wait_for_exit(LIMIT).unwrap();
        assert_eq!(status.code(), Some(0), "{}", braid.process.output());
    }
}

/// A socket that other processes may hold is left alone, and a UNIX socket cannot stop listening.
#[test]
fn connections_wait_in_the_queue_of_a_socket_that_cannot_be_paused() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = socket.local_addr().unwrap();
    let path = std::env::temp_dir().join(format!("braid-{}-pause", std::process::id()));
    let from_unix = start(&format!("unix@{}", path.to_str().unwrap()), &server).start().unwrap();
    let from_inherited = start(&inherited(&socket), &server).pass(socket).start().unwrap();
    for braid in [from_inherited, from_unix] {
        let is_unix = braid.addr().is_none();
        let connect = || -> Box<dyn Duplex> {
            if is_unix {
                let client = UnixStream::connect(&path).unwrap();
                client.set_read_timeout(Some(UNSERVED)).unwrap();
                Box::new(client)
            } else {
                let client = TcpStream::connect(addr).unwrap();
                client.set_read_timeout(Some(UNSERVED)).unwrap();
                Box::new(client)
            }
        };
        let mut first = connect();
        let mut first_served = server.accept().unwrap().0;
        talk(&mut first, &mut first_served);
        pause(&braid);
        // What comes while the workers learn of it is still served; there are not many such.
        server.set_nonblocking(true).unwrap();
        let queued = (0..100).find_map(|_| {
            let mut client = connect();
            client.write_all(b"ping").unwrap();
            let silence = client.read(&mut [0]).expect_err("nothing was sent");
            assert_eq!(silence.kind(), ErrorKind::WouldBlock, "{silence}");
            server.accept().is_err().then_some(client)
        });
        server.set_nonblocking(false).unwrap();
        talk(&mut first, &mut first_served);
        resume(&braid);
        let mut served = server.accept().unwrap().0;
        served.set_read_timeout(Some(LIMIT)).unwrap();
        served.read_exact(&mut [0; 4]).unwrap();
        talk(queued.expect("it is paused"), &mut served);
    }
}

trait Duplex: Read + Write {}

impl<T: Read + Write> Duplex for T {}

/// An address that somebody else took meanwhile is listened on again when it is free and the signal comes again.
#[test]
fn an_address_that_is_taken_while_paused_stays_paused() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let braid = start("tcp@127.0.0.1:0", &server).start().unwrap();
    let addr = braid.addr().unwrap();
    pause(&braid);
    is_refused(addr);
    let other = TcpListener::bind(addr).expect("the address of a paused listener can be had");
    tell(&braid, Signal::TerminalInput, "still paused: ");
    drop(other);
    resume(&braid);
    let (client, mut served) = connected(addr, &server, TcpStream::connect);
    talk(&client, &mut served);
}
