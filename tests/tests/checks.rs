//! Health checks of real servers: lines about them, the choice of servers, and a program that only checks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;

use braid_tests::directory::Directory;
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::poll::eventually;

/// A server of HTTP whose status can be changed. Its body is its name.
struct Origin {
    address: SocketAddr,
    status: Arc<AtomicU16>,
}

impl Origin {
    fn new(name: &'static str) -> Origin {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (address, status) = (listener.local_addr().unwrap(), Arc::new(AtomicU16::new(200)));
        let answers = Arc::clone(&status);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, status) = (stream.unwrap(), answers.load(SeqCst));
                thread::spawn(move || {
                    let mut request = [0; 1024];
                    // A check may have ended meanwhile.
                    if stream.read(&mut request).is_ok_and(|length| length > 0) {
                        let length = name.len();
                        let head =
                            format!("HTTP/1.0 {status} Some reason\r\ncontent-length: {length}\r\n\r\n");
                        drop(stream.write_all(format!("{head}{name}").as_bytes()));
                    }
                });
            }
        });
        Origin { address, status }
    }
}

/// Starts a program with a configuration.
fn start(directory: &Directory, configuration: &str) -> Braid {
    let file = directory.file("cfg");
    fs::write(&file, configuration).unwrap();
    Forward::command().unwrap().args(["-d", "-dI", "-f", file.to_str().unwrap()]).start().unwrap()
}

/// Returns the body of a response; empty if it is an error of the proxy.
fn body(address: SocketAddr) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).unwrap();
    match response.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.0 200") => {
            body.to_owned()
        }
        _ => String::new(),
    }
}

const DEFAULTS: &str =
    "defaults\n    mode http\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n";

#[test]
fn clients_get_only_servers_that_pass() {
    let directory = Directory::new("checks").unwrap();
    let (a, b) = (Origin::new("a"), Origin::new("b"));
    b.status.store(503, SeqCst);
    let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let braid = start(
        &directory,
        &format!(
            "{DEFAULTS}listen l\n    bind {front}\n    option httpchk GET /health\n    default-server inter 100ms\n    \
             server a {} check\n    server b {} check\n",
            a.address, b.address
        ),
    );
    let line = braid.process.wait_for_line("Server l/b is DOWN", LIMIT).unwrap();
    assert!(
        line.contains(", reason: Layer7 wrong status, code: 503, info: \"Some reason\", check duration: "),
        "{line}"
    );
    assert!(line.contains("ms. 1 active and 0 backup servers left. 0 sessions active, "), "{line}");
    assert_eq!([(); 4].map(|()| body(front)), ["a"; 4]);
    a.status.store(500, SeqCst);
    b.status.store(200, SeqCst);
    braid.process.wait_for_line("Server l/b is UP, reason: Layer7 check passed, code: 200", LIMIT).unwrap();
    braid.process.wait_for_line("Server l/a is DOWN, reason: Layer7 wrong status, code: 500", LIMIT).unwrap();
    assert_eq!([(); 4].map(|()| body(front)), ["b"; 4]);
    b.status.store(500, SeqCst);
    braid.process.wait_for_line("proxy l has no server available!", LIMIT).unwrap();
    assert_eq!(body(front), "");
}

#[test]
fn errors_of_traffic_count() {
    let directory = Directory::new("observed").unwrap();
    let (a, health) = (Origin::new("a"), Origin::new("health"));
    a.status.store(500, SeqCst);
    let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let braid = start(
        &directory,
        &format!(
            "{DEFAULTS}listen l\n    bind {front}\n    server a {} check port {} inter 1h observe layer7 error-limit 3 \
             on-error mark-down\n",
            a.address,
            health.address.port()
        ),
    );
    let down = eventually(LIMIT, || {
        body(front);
        braid.process.output().lines().find(|line| line.contains("Server l/a is DOWN")).map(str::to_owned)
    });
    let line = down.unwrap();
    let reason = ", reason: Health analyze, info: \"Detected 3 consecutive errors, last one was: Wrong http response\". ";
    assert!(line.contains(reason), "{line}");
}

#[test]
fn a_runtime_socket_is_enough_to_check_servers() {
    let directory = Directory::new("only-checks").unwrap();
    let (a, socket) = (Origin::new("a"), directory.file("socket"));
    let braid = start(
        &directory,
        &format!(
            "global\n    stats socket {}\n{DEFAULTS}backend b\n    option httpchk\n    option log-health-checks\n    \
             server a {} check inter 100ms\n",
            socket.display(),
            a.address
        ),
    );
    let passed =
        "Health check for server b/a succeeded, reason: Layer7 check passed, code: 200, check duration: ";
    braid.process.wait_for_line(passed, LIMIT).unwrap();
    a.status.store(404, SeqCst);
    braid
        .process
        .wait_for_line("Health check for server b/a failed, reason: Layer7 wrong status, code: 404", LIMIT)
        .unwrap();
}

/// Each answer of an agent takes effect: the server leaves the rotation, and comes back.
#[test]
fn an_agent_decides() {
    let directory = Directory::new("agent").unwrap();
    let (a, agent) = (Origin::new("a"), TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let agent_port = agent.local_addr().unwrap().port();
    let (answers, next) = mpsc::channel::<&str>();
    thread::spawn(move || {
        let mut answer = next.recv().unwrap();
        for stream in agent.incoming() {
            let (mut stream, mut question) = (stream.unwrap(), [0; 5]);
            answer = next.try_recv().unwrap_or(answer);
            // A check may have ended meanwhile.
            if stream.read_exact(&mut question).is_ok() {
                assert_eq!(&question, b"hello");
                drop(stream.write_all(answer.as_bytes()));
            }
        }
    });
    let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    answers.send("down # busy\n").unwrap();
    let braid = start(
        &directory,
        &format!(
            "{DEFAULTS}listen l\n    bind {front}\n    server a {} agent-check agent-port {agent_port} agent-inter 100ms \
             agent-send hello\n",
            a.address
        ),
    );
    let wait = |line| braid.process.wait_for_line(line, LIMIT).unwrap();
    let reason =
        "Server l/a is DOWN, reason: Layer7 wrong status, code: 0, info: \"via agent : down (busy)\"";
    wait(reason);
    assert_eq!(body(front), "");
    answers.send("up\n").unwrap();
    wait("Server l/a is UP, reason: Layer7 check passed, code: 0, info: \"via agent : up\"");
    assert_eq!(body(front), "a");
    answers.send("drain\n").unwrap();
    wait("Server l/a enters drain state");
    assert_eq!(body(front), "");
    answers.send("ready\n").unwrap();
    wait("Server l/a is UP (leaving forced drain)");
    assert_eq!(body(front), "a");
}
