//! `braid probe`: yes on a path that carries MPTCP, and no with the reason on each that does not. The middleboxes are
//! rules of the packet filter, in a namespace of its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use braid_load::Transport;
use braid_tests::binary::braid_binary;
use braid_tests::directory::Directory;
use braid_tests::forward::{Forward, LIMIT};
use braid_tests::lab;
use braid_tests::ns::Namespace;
use braid_tests::poll::eventually;
use braid_tests::process::{Process, Signal};
use braid_tests::skip::skip;
use braid_tests::topology::TwoPaths;
use common::{has_mptcp, origin};

const PORT: u16 = 9000;
const ANSWER: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

/// Runs `braid probe` with these arguments to its end.
fn probe(inside: Option<&Namespace>, words: &[&str]) -> (i32, String) {
    let command = Forward::command().unwrap().args(["probe"]).args(words.iter().copied());
    let command = match inside {
        Some(namespace) => command.inside(namespace),
        None => command,
    };
    let (code, output) = command.run().unwrap();
    (code.unwrap(), output)
}

/// Starts a server that keeps each connection and answers what looks like a request, for the rest of the test.
fn web(address: &str, transport: Transport) -> SocketAddr {
    let address = address.parse().unwrap();
    let listener = match transport {
        Transport::Mptcp => braid_tests::mptcp::listen(address).unwrap(),
        Transport::Tcp => TcpListener::bind(address).unwrap(),
    };
    let bound = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let kept = Arc::new(Mutex::new(Vec::new()));
        for stream in listener.incoming() {
            let (mut stream, kept) = (stream.unwrap(), Arc::clone(&kept));
            std::thread::spawn(move || {
                let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read(&mut buffer) {
                        Ok(length) if length > 0 => head.extend_from_slice(&buffer[..length]),
                        _ => return,
                    }
                }
                // A peer that has closed does not matter here.
                let _ = stream.write_all(ANSWER.as_bytes());
                kept.lock().unwrap().push(stream);
            });
        }
    });
    bound
}

/// Makes a namespace with a web server on its loopback, and a packet filter that applies `rule` to incoming packets.
/// `None` if there is no such filter.
fn filtered(lab: &braid_tests::skip::Lab, test: &str, rule: &str) -> Option<Namespace> {
    let host = lab.namespace("filtered").unwrap();
    for words in [
        "add table inet box".to_owned(),
        "add chain inet box in { type filter hook input priority 0; }".to_owned(),
        format!("add rule inet box in {rule}"),
    ] {
        let mut command = Command::new("nft");
        command.arg(words);
        let nft = match host.spawn(command) {
            Ok(nft) => nft,
            Err(error) => {
                skip(test, &format!("no nft: {error}"));
                return None;
            }
        };
        if !nft.wait_for_exit(LIMIT).unwrap().success() {
            skip(test, &format!("nft does not take '{rule}': {}", nft.output()));
            return None;
        }
    }
    host.run(|| web(&format!("127.0.0.1:{PORT}"), Transport::Mptcp)).unwrap();
    Some(host)
}

fn assert_says(found: &(i32, String), code: i32, parts: &[&str]) {
    assert_eq!(found.0, code, "{}", found.1);
    for part in parts {
        assert!(found.1.contains(part), "{part:?} in {}", found.1);
    }
}

#[test]
fn yes_on_loopback_with_the_path() {
    if !has_mptcp("yes_on_loopback_with_the_path") {
        return;
    }
    let origin = origin("127.0.0.1", Transport::Mptcp);
    let address = origin.addr().to_string();
    for text in [address.clone(), format!("mptcp@{address}"), format!("mptcp4@{address}")] {
        let found = probe(None, &[&text]);
        let prefixed = if text.contains('@') { text } else { format!("mptcp@{text}") };
        let parts = [&format!("yes  {prefixed}: the peer acknowledged data"), "native", "established"];
        assert_says(&found, 0, &parts);
        // The kernel numbers the paths of MPTCP from 1.
        let row = found.1.lines().find(|line| line.trim_start().starts_with("1 ")).unwrap();
        assert!(row.contains(&address), "{}", found.1);
    }
}

#[test]
fn yes_over_ipv6_and_by_name() {
    if !has_mptcp("yes_over_ipv6_and_by_name") {
        return;
    }
    let six = web("[::1]:0", Transport::Mptcp);
    assert_says(&probe(None, &[&format!("mptcp6@{six}")]), 0, &["yes  ", "[::1]"]);
    // The name may mean both loopbacks, of which one answers.
    let four = web("127.0.0.1:0", Transport::Mptcp);
    assert_says(&probe(None, &[&format!("localhost:{}", four.port())]), 0, &["yes  mptcp@localhost:"]);
}

#[test]
fn a_request_is_sent_and_its_answer_counted() {
    if !has_mptcp("a_request_is_sent_and_its_answer_counted") {
        return;
    }
    let mptcp = web("127.0.0.1:0", Transport::Mptcp).to_string();
    assert_says(&probe(None, &[&mptcp, "--get", "/x"]), 0, &["yes  ", "HTTP/1.1 200 OK, 5 bytes of body\n"]);
    let tcp = web("127.0.0.1:0", Transport::Tcp).to_string();
    assert_says(&probe(None, &["--get", &tcp]), 1, &["no   ", "HTTP/1.1 200 OK, 5 bytes of body\n"]);
}

#[test]
fn no_where_the_peer_speaks_plain_tcp() {
    if !has_mptcp("no_where_the_peer_speaks_plain_tcp") {
        return;
    }
    let origin = origin("127.0.0.1", Transport::Tcp);
    let found = probe(None, &[&origin.addr().to_string()]);
    assert_says(&found, 1, &["no   ", "answered with plain TCP", "fallback:peer"]);
}

#[test]
fn no_where_it_is_switched_off() {
    let Some(lab) = lab!(Mptcp) else { return };
    let host = lab.namespace("without").unwrap();
    host.set_sysctl("net.mptcp.enabled", "0").unwrap();
    host.run(|| web(&format!("127.0.0.1:{PORT}"), Transport::Tcp)).unwrap();
    let found = probe(Some(&host), &[&format!("127.0.0.1:{PORT}")]);
    assert_says(&found, 1, &["no   ", "this host: ", "net.mptcp.enabled is 0", "fallback:kernel"]);
}

/// Each middlebox and the finding, with a request and without one.
#[test]
fn no_where_a_middlebox_strips_options_and_from_which_packets() {
    const TEST: &str = "no_where_a_middlebox_strips_options_and_from_which_packets";
    let Some(lab) = lab!(Mptcp) else { return };
    let address = format!("127.0.0.1:{PORT}");
    for (rule, without, with) in [
        // From every packet: the answer to the SYN is like that of a host without MPTCP.
        ("reset tcp option mptcp".to_owned(), "peer", "peer"),
        // From the answer alone.
        (format!("tcp sport {PORT} tcp flags & syn == syn reset tcp option mptcp"), "peer", "peer"),
        // From what follows the handshake, from the server and to it.
        (format!("tcp sport {PORT} tcp flags & syn == 0 reset tcp option mptcp"), "stripped", "stripped"),
        (
            format!("tcp dport {PORT} tcp flags & syn == 0 reset tcp option mptcp"),
            "unacknowledged",
            "stripped",
        ),
    ] {
        let Some(host) = filtered(&lab, TEST, &rule) else { return };
        for (words, reason) in [(&[address.as_str()][..], without), (&[&address, "--get"], with)] {
            let found = probe(Some(&host), &[words, &["--json"]].concat());
            let reason = format!("\"reason\":\"{reason}\"");
            assert_says(&found, 1, &["\"mptcp\":false", &reason]);
            assert_eq!(found.1.contains("\"body_bytes\":5"), words.len() > 1, "{rule}: {}", found.1);
        }
    }
}

#[test]
fn no_where_a_middlebox_drops_it_and_the_host_stops_trying() {
    const TEST: &str = "no_where_a_middlebox_drops_it_and_the_host_stops_trying";
    let Some(lab) = lab!(Mptcp) else { return };
    let rule = format!("tcp dport {PORT} tcp flags & syn == syn tcp option mptcp exists drop");
    let Some(host) = filtered(&lab, TEST, &rule) else { return };
    let address = format!("127.0.0.1:{PORT}");
    let first = probe(Some(&host), &[&address]);
    assert_says(&first, 1, &["no   ", "SYNs with MPTCP got no answer", "net.mptcp.blackhole_timeout"]);
    let second = probe(Some(&host), &[&address]);
    assert_says(&second, 1, &["no   ", "does not try MPTCP for now", "net.mptcp.blackhole_timeout"]);
}

#[test]
fn where_there_is_no_connection_it_says_why() {
    let Some(lab) = lab!(Mptcp) else { return };
    let alone = lab.namespace("alone").unwrap();
    for (address, part) in [
        (format!("127.0.0.1:{PORT}"), "Connection refused"),
        // An address for documentation (RFC 5737).
        ("192.0.2.1:80".to_owned(), "Network is unreachable"),
        ("nonexistent.invalid:80".to_owned(), "cannot resolve 'nonexistent.invalid'"),
    ] {
        let found = probe(Some(&alone), &[&address]);
        assert_says(&found, 3, &[part]);
    }
    let found = probe(Some(&alone), &["--json", &format!("127.0.0.1:{PORT}")]);
    assert_says(&found, 3, &["\"mptcp\":null,\"reason\":\"refused\""]);
    // A link on which no host answers.
    let rule = format!("tcp dport {PORT} drop");
    let Some(silent) = filtered(&lab, "where_there_is_no_connection_it_says_why", &rule) else { return };
    let found = probe(Some(&silent), &[&format!("127.0.0.1:{PORT}"), "--timeout", "300ms"]);
    assert_says(&found, 3, &["no answer within"]);
}

#[test]
fn a_wrong_address_is_wrong_usage() {
    for (words, part) in [
        (&["tcq@127.0.0.1:80"][..], "unknown prefix 'tcq@'; did you mean 'tcp@'?"),
        (&["127.0.0.1"], "'127.0.0.1' is not a host with a port"),
        (&["127.0.0.1:+1"], "not a host with a port"),
        (&["tcp@127.0.0.1:80 send-proxi"], "unknown keyword 'send-proxi' of a server line; did you mean"),
        (&["tcp@127.0.0.1:80\nserver b"], "line feed"),
        (&["127.0.0.1:1-2"], "1-2"),
        (&["mptcp@"], ""),
        (&[], "probe takes an address"),
        (&["--hold=x", "h:80"], "--hold"),
    ] {
        assert_says(&probe(None, words), 2, &[part]);
    }
    assert_says(&probe(None, &["--help"]), 0, &["is it MPTCP, and", "--hold", "exit code"]);
}

/// The state of the connection is the result.
#[test]
fn other_transports_are_judged_by_their_state() {
    let tcp = web("127.0.0.1:0", Transport::Tcp).to_string();
    let silent = probe(None, &[&format!("tcp@{tcp}")]);
    let expected = format!("yes  tcp@{tcp}: connected by tcpv4\n");
    assert_says(&silent, 0, &[&expected, "native", "there was no request (--get sends one)", "established"]);
    assert!(!silent.1.contains("received"), "{}", silent.1);
    let found = probe(None, &[&format!("tcp@{tcp}"), "--get"]);
    assert_says(&found, 0, &[&expected, "HTTP/1.1 200 OK, 5 bytes of body\n", "received"]);
    let found = probe(None, &[&format!("tcp4@localhost:{}", tcp.rsplit(':').next().unwrap()), "--json"]);
    assert_says(&found, 0, &["\"reason\":\"native\"", "\"as_asked\":true", "\"layers\":[]"]);
    assert!(!found.1.contains("mptcp"), "{}", found.1);
    // A keyword that chooses a layer: its server does not know PROXY headers, and reports what it got.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        head
    });
    assert_says(&probe(None, &[&format!("tcp@{address} send-proxy")]), 0, &["yes  "]);
    assert_eq!(&server.join().unwrap(), b"PROXY");
}

#[test]
fn a_socket_file_is_probed_and_says_who_listens() {
    let dir = Directory::new("probed").unwrap();
    let path = dir.file("sock");
    let address = format!("unix@{}", path.display());
    assert_says(&probe(None, &[&address, "--json"]), 3, &["\"reason\":\"refused\"", "\"as_asked\":null"]);
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut request) = (stream.unwrap(), [0; 4096]);
            // A client that sends no request has closed.
            if matches!(stream.read(&mut request), Ok(length) if length > 0) {
                assert!(request.starts_with(b"GET /health HTTP/1.1\r\nHost: localhost\r\n"));
                stream.write_all(ANSWER.as_bytes()).unwrap();
            }
        }
    });
    for address in [&address, path.to_str().unwrap()] {
        let found = probe(None, &[address, "--get", "/health"]);
        let who = format!("peer_pid   {}", std::process::id());
        assert_says(&found, 0, &["connected by unix", "200 OK, 5 bytes of body", &who]);
    }
}

/// The JSON is checked by another parser, if there is one.
#[test]
fn json_is_json() {
    const TEST: &str = "json_is_json";
    const CHECK: &str = "
import json, sys
found = json.loads(sys.argv[1])
path, = found['paths']
assert found['mptcp'] is True and found['reason'] == 'proven', found
assert found['get'] == {'status_line': 'HTTP/1.1 200 OK', 'body_bytes': 5, 'complete': True, 'failure': None}, found
assert path['remote'] == found['peer'] and path['bytes_received'] > 5 and path['rtt_us'] > 0, path
";
    if !has_mptcp(TEST) {
        return;
    }
    let web = web("127.0.0.1:0", Transport::Mptcp).to_string();
    let found = probe(None, &[&web, "--json", "--get"]);
    assert_says(&found, 0, &["{\"address\":\"mptcp@127.0.0.1:"]);
    match Command::new("python3").args(["-c", CHECK, &found.1]).output() {
        Err(error) => skip(TEST, &format!("no python3: {error}")),
        Ok(checked) => assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr)),
    }
}

#[test]
fn a_held_connection_reports_its_paths() {
    let Some(lab) = lab!(Mptcp) else { return };
    let net = TwoPaths::new(&lab).unwrap();
    let address = SocketAddr::from((net.paths[0].server.v4, PORT)).to_string();
    net.server.run(|| web(&address, Transport::Mptcp)).unwrap();
    let start = |words: &[&str]| -> Process {
        let mut command = Command::new(braid_binary().unwrap());
        command.args(["probe", &address]).args(words);
        net.client.spawn(command).unwrap()
    };
    // The response to a request establishes the connection, and then the second path comes.
    let held = start(&["--get", "--hold"]);
    let program = start(&["--get", "--hold", "--json"]);
    held.wait_for_line("yes  ", LIMIT).unwrap();
    program.wait_for_line("\"mptcp\":true", LIMIT).unwrap();
    // In the report already, or as an event after it.
    let second = net.paths[1].client.v4.to_string();
    for process in [&held, &program] {
        let has_second = || process.output().contains(&second).then_some(());
        assert!(eventually(LIMIT, has_second).is_some(), "{}", process.output());
    }
    // A path that carries nothing does not notice a link that goes down; the removal of an address closes it.
    let endpoints = net.client.endpoints().unwrap();
    let endpoint = endpoints.iter().find(|endpoint| endpoint.address == net.paths[1].client.v4).unwrap();
    net.client.delete_endpoint(endpoint.id.unwrap()).unwrap();
    for (process, line, signal) in
        [(held, "path-down", Signal::Interrupt), (program, "{\"event\":\"path-down\",", Signal::Terminate)]
    {
        process.wait_for_line(line, LIMIT).unwrap();
        process.signal(signal).unwrap();
        assert_eq!(process.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", process.output());
    }

    let timed = start(&["--hold=50ms", "--json"]);
    assert_eq!(timed.wait_for_exit(Duration::from_secs(10)).unwrap().code(), Some(0), "{}", timed.output());
    timed.wait_for_line("\"reason\":\"handshake\"", LIMIT).unwrap();
}
