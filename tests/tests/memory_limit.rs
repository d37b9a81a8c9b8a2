//! A limit on memory (`-m`) under an attack: the process lives, refuses what it has no memory for, and serves afterwards.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use braid_load::{HttpOrigin, OriginPlan, Transport};
use braid_tests::forward::{Braid, Forward, LIMIT, inherited};
use braid_tests::loopback::room_for;
use braid_tests::skip::skip;

/// Slow clients, each with this many bytes of a head: more than the limit holds.
const CLIENTS: usize = 3000;
const HEAD: usize = 14_000;
/// More than there are clients, so that it is not this that holds them back.
const MAXCONN: usize = 4000;
/// What HAProxy 3.5 holds under the same limit.
const HELD: usize = 1700;

fn ask(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(b"GET /128 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// Whether a client is still waited for: it was neither answered nor closed.
fn is_held(client: &mut TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    matches!(client.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

fn start(listener: TcpListener, server: SocketAddr) -> Braid {
    let bind = inherited(&listener);
    let file = std::env::temp_dir().join(format!("braid-{}-memory.cfg", std::process::id()));
    let text = format!(
        "global\n nbthread 1\n maxconn {MAXCONN}\n\
         defaults\n mode http\n timeout connect 20s\n timeout client 60s\n timeout server 20s\n\
         listen entrance\n bind {bind}\n server origin {server}\n"
    );
    fs::write(&file, text).unwrap();
    let started = Forward::command()
        .unwrap()
        .args(["-m", "60", "-f", file.to_str().unwrap()])
        .pass(listener)
        .open_files(2 * MAXCONN as u32 + 1000)
        .start();
    fs::remove_file(&file).unwrap();
    started.unwrap()
}

#[test]
fn slow_heads_do_not_end_a_process_with_a_limit_on_memory() {
    if let Err(reason) = room_for(CLIENTS as u64 + 100) {
        return skip("slow_heads_do_not_end_a_process_with_a_limit_on_memory", &reason);
    }
    let plan = OriginPlan {
        addr: ([127, 0, 0, 1], 0).into(),
        transport: Transport::Tcp,
        send_buffer: None,
        patience: LIMIT,
    };
    let origin = HttpOrigin::start(&plan).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let braid = start(listener, origin.addr());
    assert_eq!(ask(address), "HTTP/1.1 200 OK");
    let field = format!("x: {}\r\n", "v".repeat(195));
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\n{}", field.repeat(HEAD / field.len()));
    let mut clients: Vec<TcpStream> = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let mut client = TcpStream::connect(address).unwrap();
        // One that was refused has been reset, perhaps.
        let _ = client.write_all(head.as_bytes());
        clients.push(client);
    }
    let held = clients.iter_mut().filter_map(|client| is_held(client).then_some(())).count();
    assert!(held >= HELD, "{held}");
    drop(clients);
    assert_eq!(ask(address), "HTTP/1.1 200 OK", "{}", braid.process.output());
}
