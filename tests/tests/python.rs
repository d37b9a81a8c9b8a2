//! Peers that share no code with this project: a client and a server in Python, which opens MPTCP sockets by number.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::{self, Command};
use std::{env, fs};

use braid_tests::forward::{Forward, LIMIT};
use braid_tests::lab;
use braid_tests::ns::Namespace;
use braid_tests::process::Process;
use braid_tests::skip::skip;
use common::has_mptcp;

/// Serves connections, each to its end, with the digest of what came.
const SERVER: &str = "
import hashlib, socket
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
listener.bind(('127.0.0.1', 0))
listener.listen()
print('port', listener.getsockname()[1], flush=True)
while True:
    stream, peer = listener.accept()
    digest = hashlib.sha256()
    while data := stream.recv(65536):
        digest.update(data)
    stream.sendall(digest.hexdigest().encode())
    stream.close()
";

/// Accepts MPTCP and TCP over IPv6 and IPv4. It answers anything without a length, and closes at once.
const HASTY: &str = "
import socket
listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262)
listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
listener.bind(('::', 0))
listener.listen()
print('port', listener.getsockname()[1], flush=True)
while True:
    stream, peer = listener.accept()
    stream.recv(4096)
    stream.sendall(b'HTTP/1.0 200 Fine\\r\\n\\r\\nDone\\n')
    stream.close()
";

/// Sends requests over TCP and over MPTCP in turn, and prints each response.
const ASKING: &str = "
import socket, sys
for kind in (6, 262) * 10:
    stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM, kind)
    stream.settimeout(20)
    stream.connect(('127.0.0.1', int(sys.argv[1])))
    stream.sendall(b'GET / HTTP/1.1\\r\\nHost: here\\r\\n\\r\\n')
    answer = b''
    while part := stream.recv(65536):
        answer += part
    print('answer', answer)
";

/// Sends a megabyte, compares the digest, and prints the kind of its connection: MPTCP_INFO works only on MPTCP.
const CLIENT: &str = "
import hashlib, os, socket, sys
stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
stream.settimeout(20)
stream.connect(('127.0.0.1', int(sys.argv[1])))
data = os.urandom(1 << 20)
stream.sendall(data)
subflows = stream.getsockopt(284, 1, 96)[80]
stream.shutdown(socket.SHUT_WR)
answer = b''
while part := stream.recv(65536):
    answer += part
print('right' if answer.decode() == hashlib.sha256(data).hexdigest() else 'wrong', 'subflows', subflows)
";

fn python(inside: Option<&Namespace>, script: &str, argument: &str) -> Process {
    let mut command = Command::new("python3");
    command.args(["-c", script, argument]);
    match inside {
        Some(host) => host.spawn(command).unwrap(),
        None => Process::start(command).unwrap(),
    }
}

/// Returns whether the scripts can run; if not, `test` is counted as skipped.
fn has_python(test: &str) -> bool {
    // `:=` needs Python 3.8.
    let probe =
        Command::new("python3").args(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).output();
    let there = probe.is_ok_and(|output| output.status.success());
    if !there {
        skip(test, "no Python 3.8 or later");
    }
    there
}

/// Starts a server, and returns it with its port.
fn server(inside: Option<&Namespace>, script: &str) -> (Process, String) {
    let server = python(inside, script, "");
    let line = server.wait_for_line("port ", LIMIT).unwrap();
    (server, line.trim_start_matches("port ").to_owned())
}

#[test]
fn python_talks_mptcp_through_it() {
    const TEST: &str = "python_talks_mptcp_through_it";
    if !has_mptcp(TEST) || !has_python(TEST) {
        return;
    }
    let (_server, port) = server(None, SERVER);
    let braid =
        Forward::new("mptcp@127.0.0.1:0", format!("mptcp@127.0.0.1:{port}")).unwrap().start().unwrap();
    let client = python(None, CLIENT, &braid.addr().unwrap().port().to_string());
    client.wait_for_line("right subflows 1", LIMIT).unwrap();
    assert_eq!(client.wait_for_exit(LIMIT).unwrap().code(), Some(0));
    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!((session.get("client-state"), session.get("server-state")), ("native", "native"));
    assert_eq!((session.get("up"), session.get("down")), ("1048576", "64"));
}

/// A first try with a few lines of script: addresses of all families, HTTP/1.0, and a response that ends with the
/// connection. The log describes for each request what both connections were, although they are closed.
#[test]
fn a_server_that_closes_at_once_is_proxied() {
    let Some(lab) = lab!(Mptcp) else { return };
    if !has_python("a_server_that_closes_at_once_is_proxied") {
        return;
    }
    let host = lab.namespace("host").unwrap();
    let (_server, port) = server(Some(&host), HASTY);
    let file = env::temp_dir().join(format!("braid-{}-hasty.cfg", process::id()));
    let text = format!(
        "global\n strict-limits\n\
         defaults\n mode http\n balance roundrobin\n log stdout format raw local0\n option httplog\n\
         timeout client 1m\n timeout server 1m\n timeout connect 1s\n\
         frontend in\n bind mptcp@[::]:5000\n default_backend out\n\
         backend out\n server hasty mptcp@[::]:{port}\n"
    );
    fs::write(&file, text).unwrap();
    let braid = Forward::command().unwrap().args(["-f", file.to_str().unwrap()]).inside(&host).start();
    fs::remove_file(&file).unwrap();
    let braid = braid.unwrap();

    let client = python(Some(&host), ASKING, "5000");
    assert_eq!(client.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", client.output());
    let answers = client.wait_for_lines("answer", 20, LIMIT).unwrap();
    let right = r"answer b'HTTP/1.0 200 Fine\r\n\r\nDone\n'";
    assert!(answers.iter().all(|answer| answer == right), "{answers:?}");
    let lines = braid.process.wait_for_lines("\"GET / HTTP/1.1\"", 20, LIMIT).unwrap();
    for client in ["fallback:peer", "native"] {
        let end = format!("\"GET / HTTP/1.1\" client=mptcpv6/{client}/1 server=mptcpv6/native/1");
        let right = |line: &&String| line.contains(" in out/hasty ") && line.ends_with(&end);
        assert_eq!(lines.iter().filter(right).count(), 10, "{lines:?}");
    }
    assert!(lines.iter().all(|line| line.contains(" 200 26 - - ---- ")), "{lines:?}");
}
