//! A real HAProxy takes over the listening sockets of a running Braid, as it does from one of its own kind (`-x`).
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use braid_tests::directory::Directory;
use braid_tests::forward::{Forward, LIMIT};
use braid_tests::process::Signal;
use braid_tests::rows::with_haproxy;

/// A server that sends one letter to each client.
fn server(letter: u8) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream.unwrap().write_all(&[letter]));
        }
    });
    address
}

/// An address that nothing listens on.
fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Returns the letter of the server that a client is led to.
fn letter(address: SocketAddr) -> u8 {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    let mut letter = [0];
    client.read_exact(&mut letter).unwrap();
    letter[0]
}

/// Returns a configuration with two listeners, of which the second is restricted to an interface.
fn configuration(global: &str, binds: [SocketAddr; 2], server: SocketAddr) -> String {
    let [first, second] = binds;
    format!(
        "global\n    {global}\ndefaults\n    timeout connect 10s\n    timeout client 10s\n    timeout server 10s\n\
         listen l\n    bind {first}\n    bind {second} interface lo\n    server s {server}\n"
    )
}

#[test]
fn haproxy_takes_the_sockets_over_and_no_client_is_refused() {
    with_haproxy("haproxy_takes_the_sockets_over_and_no_client_is_refused", |haproxy| {
        let directory = Directory::new("handover").unwrap();
        let (old, new, socket) = (directory.file("old"), directory.file("new"), directory.file("socket"));
        let binds = [free(), free()];
        let exposed = format!("stats socket {} level admin expose-fd listeners", socket.display());
        fs::write(&old, configuration(&exposed, binds, server(b'o'))).unwrap();
        fs::write(&new, configuration("maxconn 100", binds, server(b'n'))).unwrap();
        let braid = Forward::command().unwrap().args(["-f", old.to_str().unwrap()]).start().unwrap();
        assert_eq!(binds.map(letter), [b'o'; 2]);

        let served = Arc::new(AtomicUsize::new(0));
        let storm = thread::spawn({
            let served = Arc::clone(&served);
            move || {
                // Ends once only the successor has served for a while.
                let mut by_successor = 0;
                while by_successor < 500 {
                    let letters = binds.map(letter);
                    by_successor = if letters == [b'n'; 2] { by_successor + 1 } else { 0 };
                    served.fetch_add(1, SeqCst);
                }
            }
        });
        let from = socket.to_str().unwrap();
        let pid = braid.process.pid().to_string();
        let arguments = ["-db", "-f", new.to_str().unwrap(), "-x", from, "-sf", &pid];
        let successor = haproxy.start_with(&arguments).unwrap();
        let ended = braid.process.wait_for_exit(LIMIT).unwrap();
        assert_eq!(ended.code(), Some(0), "{}", braid.process.output());
        storm
            .join()
            .unwrap_or_else(|_| panic!("after {} clients: {}", served.load(SeqCst), successor.output()));
        assert_eq!(binds.map(letter), [b'n'; 2]);
        successor.signal(Signal::Terminate).unwrap();
    });
}

#[test]
fn without_the_word_nothing_is_passed() {
    with_haproxy("without_the_word_nothing_is_passed", |haproxy| {
        let directory = Directory::new("no-handover").unwrap();
        let (old, new, socket) = (directory.file("old"), directory.file("new"), directory.file("socket"));
        let binds = [free(), free()];
        let hidden = format!("stats socket {} level admin", socket.display());
        fs::write(&old, configuration(&hidden, binds, server(b'o'))).unwrap();
        fs::write(&new, configuration("maxconn 100", binds, server(b'n'))).unwrap();
        let braid = Forward::command().unwrap().args(["-f", old.to_str().unwrap()]).start().unwrap();
        let arguments = ["-db", "-f", new.to_str().unwrap(), "-x", socket.to_str().unwrap()];
        let successor = haproxy.start_with(&arguments).unwrap();
        assert_ne!(successor.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", successor.output());
        assert_eq!(binds.map(letter), [b'o'; 2]);
        drop(braid);
    });
}
