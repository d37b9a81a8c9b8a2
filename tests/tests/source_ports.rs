//! Ports towards servers: a connection that the proxy ends leaves none behind. With 200 of them, 400 clients in a row are
//! served, each over a connection of its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use braid_load::{HttpOrigin, OriginPlan, Transport};
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::lab;
use braid_tests::ns::Namespace;
use braid_tests::poll::eventually;
use braid_tests::skip::Lab;
use socket2::{Domain, Socket, Type};

/// Where the proxy's ports towards the server are taken from.
const PORTS: &str = "40000 40199";
/// Twice as many clients as there are ports.
const CLIENTS: u16 = 400;
/// The first port of a client: the range of the proxy is not theirs.
const FIRST_CLIENT: u16 = 20000;
/// Of the proxy. Nobody else is in the namespace.
const BIND: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 80);

/// A proxy whose section says this, before an origin.
fn start(namespace: &Namespace, settings: &str, server: &str, with: &str) -> Braid {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("braid-{}-{number}-ports.cfg", std::process::id()));
    let text = format!(
        "defaults\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n{settings}\n\
         listen entrance\n bind {BIND}\n server origin {server} {with}\n"
    );
    fs::write(&file, text).unwrap();
    let started = Forward::command().unwrap().args(["-f", file.to_str().unwrap()]).inside(namespace).start();
    fs::remove_file(&file).unwrap();
    started.unwrap()
}

/// What a client gets that makes one request, over a connection from a port of its own.
fn ask(number: u16, request: &str) -> String {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], FIRST_CLIENT + number)).into()).unwrap();
    socket.connect(&BIND.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// States of a connection in `/proc/net/tcp`.
const TIME_WAIT: &str = "06";
const CLOSE_WAIT: &str = "08";

/// Connections in a state whose local (field 1) or remote (field 2) port is this one.
fn in_state(state: &str, field: usize, port: u16) -> usize {
    let port = format!(":{port:04X}");
    let all = fs::read_to_string("/proc/thread-self/net/tcp").unwrap();
    let fields = all.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    fields.filter(|fields| fields.get(3) == Some(&state) && fields[field].ends_with(&port)).count()
}

fn serves_more_clients_than_it_has_ports(lab: &Lab, settings: &str, transport: Transport, with: &str) {
    let namespace = lab.namespace("ports").unwrap();
    namespace.set_sysctl("net.ipv4.ip_local_port_range", PORTS).unwrap();
    let plan =
        OriginPlan { addr: ([127, 0, 0, 1], 81).into(), transport, send_buffer: None, patience: LIMIT };
    let origin = namespace.run(|| HttpOrigin::start(&plan).unwrap()).unwrap();
    let server = match transport {
        Transport::Tcp => "127.0.0.1:81",
        Transport::Mptcp => "mptcp4@127.0.0.1:81",
    };
    let braid = start(&namespace, settings, server, with);
    let request = "GET /128 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answers =
        namespace.run(|| (0..CLIENTS).map(|number| ask(number, request)).collect::<Vec<_>>()).unwrap();
    let wrong: Vec<_> = answers.iter().filter(|answer| *answer != "HTTP/1.1 200 OK").collect();
    assert!(wrong.is_empty(), "{} of {CLIENTS}, {:?}, with{settings}, {with}", wrong.len(), wrong.first());
    assert_eq!(namespace.run(|| in_state(TIME_WAIT, 2, 81)).unwrap(), 0, "with{settings}, {with}");
    drop((braid, origin));
}

#[test]
fn a_server_connection_that_is_closed_leaves_no_port_behind() {
    let Some(lab) = lab!() else { return };
    for (settings, with) in [
        (" mode http", ""),
        (" mode http\n option httpclose", ""),
        (" mode http\n option http-server-close", ""),
        (" mode http\n http-reuse never", ""),
        (" mode http\n http-reuse always", "max-reuse 0"),
        (" mode http\n http-reuse always", "pool-max-conn 0"),
        (" mode http", "pool-purge-delay 10ms"),
    ] {
        serves_more_clients_than_it_has_ports(&lab, settings, Transport::Tcp, with);
    }
}

#[test]
fn nor_does_one_of_mptcp() {
    let Some(lab) = lab!(Mptcp) else { return };
    serves_more_clients_than_it_has_ports(&lab, " mode http\n http-reuse never", Transport::Mptcp, "");
}

/// A server of mode tcp that is silent for too long reads the end, and leaves no port behind either.
#[test]
fn a_session_whose_server_is_silent_leaves_no_port_behind() {
    let Some(lab) = lab!() else { return };
    let namespace = lab.namespace("ports").unwrap();
    let listener = namespace.run(|| std::net::TcpListener::bind("127.0.0.1:81").unwrap()).unwrap();
    let braid = start(&namespace, " mode tcp\n timeout server 100ms", "127.0.0.1:81", "");
    let mut client = namespace.run(|| TcpStream::connect(BIND).unwrap()).unwrap();
    client.write_all(b"word").unwrap();
    let mut server = listener.accept().unwrap().0;
    server.set_read_timeout(Some(LIMIT)).unwrap();
    let mut word = Vec::new();
    server.read_to_end(&mut word).unwrap();
    assert_eq!(word, b"word");
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    let is_reset = || (namespace.run(|| in_state(CLOSE_WAIT, 1, 81)).unwrap() == 0).then_some(());
    eventually(Duration::from_secs(5), is_reset).unwrap();
    drop(server);
    assert_eq!(namespace.run(|| in_state(TIME_WAIT, 2, 81)).unwrap(), 0);
    drop(braid);
}
