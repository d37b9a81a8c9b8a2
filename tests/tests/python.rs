//! Peers that share no code with this project: a client and a server in Python, which makes MPTCP sockets by number.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::Command;

use braid_tests::forward::{Forward, LIMIT};
use braid_tests::process::Process;
use braid_tests::skip::skip;
use common::has_mptcp;

/// Serves connections, each to its end: the digest of what came.
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

/// Sends a megabyte, compares the digest, and says what its connection is: MPTCP_INFO answers only on MPTCP.
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

fn python(script: &str, argument: &str) -> Process {
    let mut command = Command::new("python3");
    command.args(["-c", script, argument]);
    Process::start(command).unwrap()
}

#[test]
fn python_talks_mptcp_through_it() {
    const TEST: &str = "python_talks_mptcp_through_it";
    if !has_mptcp(TEST) {
        return;
    }
    // `:=` is of Python 3.8.
    let probe =
        Command::new("python3").args(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skip(TEST, "no Python 3.8 or later");
    }
    let server = python(SERVER, "");
    let line = server.wait_for_line("port ", LIMIT).unwrap();
    let port = line.trim_start_matches("port ");
    let braid =
        Forward::new("mptcp@127.0.0.1:0", format!("mptcp@127.0.0.1:{port}")).unwrap().start().unwrap();
    let client = python(CLIENT, &braid.addr().unwrap().port().to_string());
    client.wait_for_line("right subflows 1", LIMIT).unwrap();
    assert_eq!(client.wait_for_exit(LIMIT).unwrap().code(), Some(0));
    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!((session.get("client-state"), session.get("server-state")), ("native", "native"));
    assert_eq!((session.get("up"), session.get("down")), ("1048576", "64"));
}
