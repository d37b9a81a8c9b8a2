//! Actions that change the packets of a connection, observed by a packet filter in a namespace: `set-fc-mark`,
//! `set-fc-tos` and their older names, `set-bc-mark`, `set-bc-tos`, and `silent-drop`.
//!
//! `BRAID_HAPROXY` names a HAProxy that is held to the same tables.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::lab;
use braid_tests::ns::Namespace;
use braid_tests::poll::eventually;
use braid_tests::process::Process;
use braid_tests::program::{Program, Version};
use braid_tests::rows::with_haproxy;
use braid_tests::skip::{Lab, skip};

const LIMIT: Duration = Duration::from_secs(20);
/// The port of the proxy, in a namespace of its own.
const FRONT: u16 = 80;
/// The port of the server.
const BACK: u16 = 81;
/// What the filter counts of packets that leave a socket: the name of the counter, and which packets. 32 is the type of
/// service of class selector 1.
const COUNTED: [(&str, &str); 7] = [
    ("fc-mark", "tcp sport 80 meta mark 7"),
    ("fc-tos", "tcp sport 80 ip dscp cs1"),
    ("bc-mark", "tcp dport 81 meta mark 7"),
    ("bc-tos", "tcp dport 81 ip dscp cs1"),
    ("sent-fin", "tcp sport 80 tcp flags & fin == fin"),
    ("sent-reset", "tcp sport 80 tcp flags & rst == rst"),
    ("sent-reset-ttl-3", "tcp sport 80 ip ttl 3 tcp flags & rst == rst"),
];

/// Runs `nft`; the error says why that is not possible here.
fn nft(namespace: &Namespace, words: &str) -> Result<(), String> {
    let mut command = Command::new("nft");
    command.arg(words);
    let nft = namespace.spawn(command).map_err(|error| format!("no nft: {error}"))?;
    match nft.wait_for_exit(LIMIT).unwrap().success() {
        true => Ok(()),
        false => Err(format!("nft does not take '{words}': {}", nft.output())),
    }
}

/// A proxy with one rule before a server.
struct Scene {
    namespace: Namespace,
    server: TcpListener,
    _front: TcpListener,
    _process: Process,
    _directory: Directory,
}

impl Scene {
    fn new(lab: &Lab, program: &Program, rule: &str) -> Result<Scene, String> {
        let namespace = lab.namespace("marks").unwrap();
        let counters = COUNTED.map(|(name, packets)| {
            format!("; add counter ip t {name}; add rule ip t out {packets} counter name {name}")
        });
        let table = "add table ip t; add chain ip t out { type filter hook output priority 0; }";
        nft(&namespace, &format!("{table}{}", counters.concat()))?;
        let listen =
            |port| namespace.run(|| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap()).unwrap();
        let (front, server) = (listen(FRONT), listen(BACK));
        let inherited = OwnedFd::from(front.try_clone().unwrap());
        let directory = Directory::new(&format!("{}-marks", program.name)).unwrap();
        let file = directory.file("cfg");
        let text = format!(
            "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
             listen entrance\n bind fd@{}\n {rule}\n server origin 127.0.0.1:{BACK}\n",
            inherited.as_raw_fd()
        );
        fs::write(&file, text).unwrap();
        let process = program.start_inside(&file, inherited, &namespace).unwrap();
        Ok(Scene { namespace, server, _front: front, _process: process, _directory: directory })
    }

    fn client(&self) -> TcpStream {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, FRONT));
        let client = self.namespace.run(|| TcpStream::connect(to).unwrap()).unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        client
    }

    /// The names of the counters that have counted anything.
    fn counted(&self) -> Vec<&'static str> {
        let mut command = Command::new("nft");
        command.arg("list counters table ip t");
        let nft = self.namespace.spawn(command).unwrap();
        nft.wait_for_lines("packets ", COUNTED.len(), LIMIT).unwrap();
        let said = nft.output();
        let has_counted = |name: &str| {
            let (_, counter) = said.split_once(&format!("counter {name} {{")).unwrap();
            !counter.trim_start().starts_with("packets 0 ")
        };
        COUNTED.iter().map(|(name, _)| *name).filter(|name| has_counted(name)).collect()
    }

    /// Whether any connection is left at the proxy's port, as the system lists them: local port, then state.
    fn is_open(&self) -> bool {
        const LISTENS: &str = "0A";
        let all = self.namespace.run(|| fs::read_to_string("/proc/thread-self/net/tcp").unwrap()).unwrap();
        let port = format!(":{FRONT:04X}");
        let mut fields = all.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        fields.any(|fields| fields[1].ends_with(&port) && fields[3] != LISTENS)
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// One exchange through the proxy; returns what was counted.
fn exchange(scene: &Scene) -> Vec<&'static str> {
    let mut client = scene.client();
    client.write_all(REQUEST).unwrap();
    let mut server = scene.server.accept().unwrap().0;
    server.set_read_timeout(Some(LIMIT)).unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        let mut bytes = [0; 1000];
        let n = server.read(&mut bytes).unwrap();
        assert_ne!(n, 0, "a request ends with an empty line");
        received.extend_from_slice(&bytes[..n]);
    }
    server.write_all(RESPONSE).unwrap();
    client.read_exact(&mut [0; RESPONSE.len()]).unwrap();
    scene.counted()
}

fn packets_are_marked(lab: &Lab, program: &Program) -> Result<(), String> {
    for (rule, counter) in [
        ("tcp-request connection set-mark 7", "fc-mark"),
        ("tcp-request connection set-fc-mark 7", "fc-mark"),
        ("tcp-request session set-fc-mark int(7)", "fc-mark"),
        ("tcp-request content set-fc-mark 0x7", "fc-mark"),
        ("http-request set-mark 7", "fc-mark"),
        ("http-request set-fc-mark int(7)", "fc-mark"),
        ("http-response set-fc-mark 7", "fc-mark"),
        ("tcp-request connection set-tos 32", "fc-tos"),
        ("tcp-request connection set-fc-tos 32", "fc-tos"),
        ("tcp-request session set-fc-tos int(32)", "fc-tos"),
        ("tcp-request content set-fc-tos 0x20", "fc-tos"),
        ("http-request set-tos 32", "fc-tos"),
        ("http-request set-fc-tos int(32)", "fc-tos"),
        ("http-response set-fc-tos 32", "fc-tos"),
        ("tcp-request content set-bc-mark 7", "bc-mark"),
        ("http-request set-bc-mark int(7)", "bc-mark"),
        ("tcp-request content set-bc-tos int(32)", "bc-tos"),
        ("http-request set-bc-tos 32", "bc-tos"),
        ("http-request set-bc-tos 32 if FALSE", ""),
    ] {
        let counted = exchange(&Scene::new(lab, program, rule)?);
        let expected: &[&str] = if counter.is_empty() { &[] } else { &[counter] };
        assert_eq!(counted, expected, "{}: {rule}", program.name);
    }
    Ok(())
}

/// The client is told nothing, or is sent a reset for a number of routers; loopback has none.
fn connections_are_dropped(lab: &Lab, program: &Program) -> Result<(), String> {
    for (rule, has_request, counted) in [
        ("tcp-request connection silent-drop", false, &[][..]),
        ("tcp-request content silent-drop", true, &[]),
        ("http-request silent-drop", true, &[]),
        ("tcp-request connection silent-drop rst-ttl 3", false, &["sent-reset", "sent-reset-ttl-3"]),
        ("http-request silent-drop rst-ttl 3", true, &["sent-reset", "sent-reset-ttl-3"]),
    ] {
        let scene = Scene::new(lab, program, rule)?;
        let mut client = scene.client();
        if has_request {
            client.write_all(REQUEST).unwrap();
        }
        let what = format!("{}: {rule}", program.name);
        eventually(LIMIT, || (!scene.is_open()).then_some(()))
            .unwrap_or_else(|| panic!("{what}: it is open"));
        assert_eq!(scene.counted(), counted, "{what}");
        client.set_nonblocking(true).unwrap();
        let read = client.read(&mut [0]).unwrap_err().kind();
        let expected = if counted.is_empty() { ErrorKind::WouldBlock } else { ErrorKind::ConnectionReset };
        assert_eq!(read, expected, "{what}");
    }
    Ok(())
}

/// What runs a table with a program; the error is why the machine cannot.
type Table = fn(&Lab, &Program) -> Result<(), String>;

fn run(test: &str, lab: &Lab, program: &Program, table: Table) {
    table(lab, program).unwrap_or_else(|why| skip(test, &why));
}

/// Runs a table with the HAProxy, if there is one that knows the actions.
fn run_haproxy(test: &str, lab: &Lab, table: Table) {
    with_haproxy(test, |program| match program.is_too_old(Version(3, 5)) {
        Some(why) => skip(test, &why),
        None => run(test, lab, program, table),
    });
}

#[test]
fn braid_marks_packets() {
    let Some(lab) = lab!() else { return };
    run("braid_marks_packets", &lab, &Program::braid().unwrap(), packets_are_marked);
}

#[test]
fn haproxy_marks_packets() {
    let Some(lab) = lab!() else { return };
    run_haproxy("haproxy_marks_packets", &lab, packets_are_marked);
}

#[test]
fn braid_drops_connections_silently() {
    let Some(lab) = lab!() else { return };
    run("braid_drops_connections_silently", &lab, &Program::braid().unwrap(), connections_are_dropped);
}

#[test]
fn haproxy_drops_connections_silently() {
    let Some(lab) = lab!() else { return };
    run_haproxy("haproxy_drops_connections_silently", &lab, connections_are_dropped);
}
