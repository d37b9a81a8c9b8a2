//! TLS that is passed on as it is: real clients and servers, which Braid brings together by the name in the client's hello.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Stdio};

use braid_tests::directory::Directory;
use braid_tests::forward::LIMIT;
use braid_tests::loopback::{address, listening};
use braid_tests::process::Process;
use braid_tests::program::start_braid;
use braid_tests::skip::skip;

const CONFIGURATION: &str = "
defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend front
    bind fd@{fd}
    tcp-request inspect-delay 10s
    tcp-request content accept if { req.ssl_hello_type 1 }
    tcp-request content reject
    use_backend one if { req.ssl_sni -i one.example }
    use_backend two if { req.ssl_sni -m end .two.example } { req.ssl_alpn h2 }
    default_backend other
backend one
    server one 127.0.0.1:{one}
backend two
    server two 127.0.0.1:{two}
backend other
    server other 127.0.0.1:{other}
";

/// Serves TLS on three ports, and tells each client by which one it came.
const SERVERS: &str = "
import socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
context.set_alpn_protocols(['h2', 'http/1.1'])
listeners = [socket.create_server(('127.0.0.1', 0)) for _ in range(3)]
print('ports', *(listener.getsockname()[1] for listener in listeners), flush=True)
def serve(listener, name):
    while True:
        try:
            stream = context.wrap_socket(listener.accept()[0], server_side=True)
            stream.sendall(name + b'\\n')
            stream.unwrap()
        except OSError:
            pass
for listener, name in zip(listeners, (b'one', b'two', b'other')):
    threading.Thread(target=serve, args=(listener, name)).start()
";

/// Reads what the server of a name says. A third argument is what ALPN offers, a fourth the size of the pieces in which
/// the hello is sent.
const CLIENT: &str = "
import socket, ssl, sys
port, name, protocols, size = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(','), int(sys.argv[4])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.set_alpn_protocols(protocols)
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
stream = socket.create_connection(('127.0.0.1', port), 20)
stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def flush():
    data = outgoing.read()
    for at in range(0, len(data), size):
        stream.sendall(data[at:at + size])
def until(call):
    while True:
        try:
            return call()
        except ssl.SSLWantReadError:
            flush()
            incoming.write(stream.recv(65536))
        finally:
            flush()
until(tls.do_handshake)
print('told', until(lambda: tls.read(100)).decode().strip(), flush=True)
";

/// Returns whether the tools are there; if not, `test` is counted as skipped.
fn has_tools(test: &str) -> bool {
    let works = |program: &str, argument: &str| {
        let mut command = Command::new(program);
        command.arg(argument).stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
    };
    let has_all = works("openssl", "version") && works("python3", "--version");
    if !has_all {
        skip(test, "no openssl or no python3");
    }
    has_all
}

fn python(script: &str, arguments: &[&str]) -> Process {
    let mut command = Command::new("python3");
    command.args(["-c", script]).args(arguments);
    Process::start(command).unwrap()
}

/// A certificate that signs itself, with its key.
fn certificate(directory: &Directory) -> String {
    let file = directory.file("self.pem").to_str().unwrap().to_owned();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=any.example", "-keyout", &file, "-out", &file])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    file
}

#[test]
fn clients_are_led_by_the_name_in_their_hello() {
    if !has_tools("clients_are_led_by_the_name_in_their_hello") {
        return;
    }
    let (directory, front) = (Directory::new("tls-by-name").unwrap(), listening(None).unwrap());
    let servers = python(SERVERS, &[&certificate(&directory)]);
    let line = servers.wait_for_line("ports ", LIMIT).unwrap();
    let ports: Vec<&str> = line.split(' ').skip(1).collect();
    let text =
        CONFIGURATION.replace("{one}", ports[0]).replace("{two}", ports[1]).replace("{other}", ports[2]);
    let braid = start_braid(&text, &directory, "127.0.0.1:9", &front).unwrap();
    let port = address(&front).port().to_string();

    for (name, protocols, size, told) in [
        ("one.example", "h2,http/1.1", "65536", "one"),
        ("ONE.example", "http/1.1", "65536", "one"),
        ("one.example", "h2", "7", "one"),
        ("a.two.example", "http/1.1,h2", "65536", "two"),
        ("a.two.example", "http/1.1", "65536", "other"),
        ("three.example", "h2", "100", "other"),
    ] {
        let client = python(CLIENT, &[&port, name, protocols, size]);
        let line = client.wait_for_line("told ", LIMIT).unwrap();
        assert_eq!(line.trim_end(), format!("told {told}"), "{name} {protocols} {size}");
    }

    for (name, told) in [("one.example", "one"), ("b.example", "other")] {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-quiet", "-connect", &format!("127.0.0.1:{port}"), "-servername", name]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), told, "{name}");
    }
    drop(braid);
}
