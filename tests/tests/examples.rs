//! The configurations of `examples/` do what they say. Each is started unchanged, in a namespace where its ports are
//! free and the addresses of its servers exist.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use braid_tests::address::Cidr;
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::link::Interface;
use braid_tests::ns::Namespace;
use braid_tests::process::Process;
use braid_tests::skip::{Lab, skip};
use braid_tests::{lab, mptcp};

fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

/// Runs the configuration of an example.
fn braid(host: &Namespace, name: &str) -> Braid {
    let file = example(name);
    Forward::command().unwrap().args(["-f", file.to_str().unwrap()]).inside(host).start().unwrap()
}

/// Returns whether the servers of some examples can run; if not, `test` is counted as skipped.
fn has_python(test: &str) -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        skip(test, "no python3");
    }
    there
}

/// Starts a server in Python, and waits until it prints that it listens.
fn python(host: &Namespace, words: &[&str], listens: &str) -> Process {
    let mut command = Command::new("python3");
    command.arg("-u").args(words);
    let process = host.spawn(command).unwrap();
    process.wait_for_line(listens, LIMIT).unwrap();
    process
}

/// The function that connects a client.
type Connect = fn(SocketAddr) -> std::io::Result<TcpStream>;
const TCP: Connect = TcpStream::connect;
const MPTCP: Connect = mptcp::connect;

fn connect(host: &Namespace, by: Connect, to: &str) -> TcpStream {
    let to = to.parse().unwrap();
    let stream = host.run(|| by(to)).unwrap().unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Returns the response to one request, given by its first line and optional fields.
fn ask(host: &Namespace, by: Connect, to: &str, request: &str) -> String {
    let mut stream = connect(host, by, to);
    stream.write_all(format!("{request}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn log(braid: &Braid, count: usize) -> Vec<String> {
    braid.process.wait_for_lines(" HTTP/1.1\"", count, LIMIT).unwrap()
}

#[test]
fn quickstart() {
    let Some(lab) = lab!() else { return };
    if !has_python("quickstart") {
        return;
    }
    let host = lab.namespace("quickstart").unwrap();
    let folder = example("");
    let words = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", folder.to_str().unwrap(), "8080"];
    let _server = python(&host, &words, "Serving HTTP");
    let _braid = braid(&host, "quickstart.cfg");
    let answer = ask(&host, TCP, "127.0.0.1:5000", "GET /quickstart.cfg HTTP/1.1\r\nHost: here");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    // The server speaks HTTP/1.0.
    assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
    assert_eq!(body, fs::read_to_string(example("quickstart.cfg")).unwrap());
}

/// Server and log agree on the transport of each connection.
#[test]
fn mptcp_on_both_sides() {
    let Some(lab) = lab!(Mptcp) else { return };
    if !has_python("mptcp_on_both_sides") {
        return;
    }
    const ENTRANCE: &str = "127.0.0.1:4330";
    let host = lab.namespace("mptcp").unwrap();
    let script = example("mptcp-backend.py");
    let _servers = ["4331", "4332"].map(|port| {
        python(&host, &[script.to_str().unwrap(), port], &format!("listening on 127.0.0.1:{port}, MPTCP"))
    });
    let braid = braid(&host, "mptcp.cfg");
    // A client that sends the header itself.
    let request = "GET /path HTTP/1.1\r\nHost: here\r\nX-MPTCP-Paths: 9";
    let (tcp, mptcp) = ("TCP\n", "MPTCP, paths: 1\n");
    let clients = [
        (TCP, "client=mptcpv4/fallback:peer/1", tcp, "one"),
        (MPTCP, "client=mptcpv4/native/1", mptcp, "two"),
        (MPTCP, "client=mptcpv4/native/1", mptcp, "one"),
    ];
    for (number, (by, client, said, server)) in clients.into_iter().enumerate() {
        let answer = ask(&host, by, ENTRANCE, request);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains(&format!(" over {mptcp}for 127.0.0.1, ")), "{answer}");
        assert!(answer.ends_with(&format!("reached the proxy over {said}")), "{answer}");
        let line = log(&braid, number + 1).pop().unwrap();
        let end = format!(" ---- 1/1/0/0/0 0/0 \"GET /path HTTP/1.1\" {client} server=mptcpv4/native/1");
        assert!(line.contains(&format!(" entrance web/{server} ")) && line.ends_with(&end), "{line}");
    }
    let probe = Forward::command().unwrap().args(["probe", "--get", "/", ENTRANCE]).inside(&host).run();
    let (code, output) = probe.unwrap();
    assert_eq!(code, Some(0), "{output}");
    assert!(output.starts_with("yes ") && output.contains("HTTP/1.1 200 OK"), "{output}");
}

/// Makes a host that also has the addresses of the servers.
fn with_addresses(lab: &Lab, name: &str, servers: &[&str]) -> Namespace {
    let host = lab.namespace(name).unwrap();
    let loopback = Interface::find(&host, "lo").unwrap();
    for server in servers {
        let address: IpAddr = server.parse().unwrap();
        loopback.add_address(Cidr { address, prefix: 32 }).unwrap();
    }
    host
}

/// Starts a server that responds with its address and the request, for the rest of the test.
fn web(host: &Namespace, address: &str) {
    let at = format!("{address}:8000");
    let listener = host.run(|| TcpListener::bind(&at)).unwrap().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let (at, mut head) = (at.clone(), String::new());
            thread::spawn(move || {
                let mut reader = BufReader::new(&stream);
                while !head.ends_with("\r\n\r\n") {
                    // A kept connection ends here.
                    if reader.read_line(&mut head).unwrap_or_default() == 0 {
                        return;
                    }
                }
                let body = format!("{at}\n{head}");
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nServer: secret\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                drop((&stream).write_all(answer.as_bytes()));
            });
        }
    });
}

#[test]
fn http_by_name_and_path() {
    let Some(lab) = lab!() else { return };
    let addresses = ["192.0.2.11", "192.0.2.12", "192.0.2.21", "192.0.2.22", "192.0.2.31", "192.0.2.32"];
    let host = with_addresses(&lab, "http", &addresses);
    // The first of the file servers is down.
    addresses.iter().filter(|address| **address != "192.0.2.31").for_each(|address| web(&host, address));
    let braid = braid(&host, "http.cfg");
    let www = "Host: www.example.org";
    for (request, host_field, status, parts) in [
        (
            "GET / HTTP/1.1",
            www,
            "200",
            &["192.0.2.11:8000", "GET / HTTP/1.1", "x-forwarded-proto: http\r\n"][..],
        ),
        ("GET / HTTP/1.1", www, "200", &["192.0.2.12:8000", "x-forwarded-for: 127.0.0.1\r\n"]),
        ("GET /api/v2/x?y=z HTTP/1.1", www, "200", &["192.0.2.21:8000", "GET /v2/x?y=z HTTP/1.1"]),
        ("POST /api/ HTTP/1.1\r\nContent-Length: 0", www, "200", &["192.0.2.22:8000", "POST / HTTP/1.1"]),
        ("DELETE /api/v2/x HTTP/1.1", www, "405", &["allow: GET, POST\r\n"]),
        ("GET /api HTTP/1.1", www, "308", &["location: /api/v2/\r\n"]),
        ("GET /a/.git/config HTTP/1.1", www, "404", &[]),
        ("GET /a.bak HTTP/1.1", www, "404", &[]),
        ("GET /a HTTP/1.1", "Host: Static.Example.org", "200", &["192.0.2.32:8000", "GET /a HTTP/1.1"]),
        ("GET /healthy HTTP/1.1", www, "200", &[]),
    ] {
        let answer = ask(&host, TCP, "127.0.0.1:8080", &format!("{request}\r\n{host_field}"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        assert!(parts.iter().all(|part| answer.contains(part)), "{request}: {parts:?} in {answer}");
        assert!(!answer.contains("secret"), "{request}: {answer}");
    }
    assert!(ask(&host, TCP, "[::1]:8080", "GET / HTTP/1.1\r\nHost: a").contains("x-forwarded-for: ::1\r\n"));
    // The server that is down was tried, and then the other one.
    let lines = log(&braid, 10);
    let moved = lines.iter().find(|line| line.contains("\"GET /a HTTP/1.1\"")).unwrap();
    assert!(moved.contains(" files/files2 ") && moved.contains(" 1/1/0/0/+1 "), "{moved}");
}

/// Starts a server that sends its address and closes.
fn address_server(host: &Namespace, at: &'static str) {
    let listener = host.run(|| TcpListener::bind(at)).unwrap().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            stream.unwrap().write_all(at.as_bytes()).unwrap();
        }
    });
}

#[test]
fn tcp_by_port() {
    let Some(lab) = lab!() else { return };
    let host = with_addresses(&lab, "tcp", &["192.0.2.11", "192.0.2.12", "192.0.2.21"]);
    ["192.0.2.11:25", "192.0.2.12:25", "192.0.2.21:5432"]
        .into_iter()
        .for_each(|at| address_server(&host, at));
    let _braid = braid(&host, "tcp.cfg");
    for (entrance, servers) in [
        ("127.0.0.1:2525", &["192.0.2.11:25", "192.0.2.12:25"][..]),
        ("[::1]:2525", &["192.0.2.11:25", "192.0.2.12:25"]),
        ("127.0.0.1:15432", &["192.0.2.21:5432"]),
    ] {
        let mut said = String::new();
        connect(&host, TCP, entrance).read_to_string(&mut said).unwrap();
        assert!(servers.contains(&said.as_str()), "{entrance}: {said:?}");
    }
}
