//! The states of servers in a running program: changed from the runtime socket, seen by clients, by samples and in the
//! log.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread;

use braid_tests::directory::Directory;
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::loopback::limit;
use braid_tests::syslog::Syslog;

/// A running program with a primary server and a backup, each of which answers with its name.
struct Site {
    _braid: Braid,
    dir: Directory,
    log: Syslog,
    seen: usize,
    front: SocketAddr,
}

/// Answers each request on each connection with a name, until the listener is dropped with the process.
fn answer_with(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut bytes = [0; 4096];
                while stream.read(&mut bytes).is_ok_and(|count| count > 0) {
                    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{name}", name.len());
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

impl Site {
    fn new(test: &str) -> Site {
        let dir = Directory::new(test).unwrap();
        let log = Syslog::new().unwrap();
        let front = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = front.local_addr().unwrap();
        let text = format!(
            "global\n    nbthread 2\n    stats socket \"{admin}\" level admin\n    log {log} local0 debug\n\
             defaults\n    mode http\n    log global\n    timeout connect 1m\n    timeout client 1m\n    timeout server \
             1m\nfrontend f\n    bind \"fd@${{front}}\"\n    maxconn 100\n    http-request return status 200 content-type \
             text/plain lf-string \"%[nbsrv(b)] %[srv_is_up(b/one)] %[srv_uweight(b/one)] %[srv_weight(b/one)] \
             %[srv_conn_free(b/one)] %[be_conn(b)] %[connslots(b)]\" if {{ path /facts }}\n    default_backend b\n\
             backend b\n    balance roundrobin\n    server one {one} maxconn 5 maxqueue 5 weight 10\n    server two {two} \
             backup\n",
            admin = dir.file("admin").display(),
            log = log.address().unwrap(),
            one = answer_with("one"),
            two = answer_with("two"),
        );
        let file = dir.file("cfg");
        fs::write(&file, text).unwrap();
        let braid = Forward::command().unwrap().args(["-d", "-dM", "-dI", "-f", file.to_str().unwrap()]);
        let braid = braid.env("front", front.as_raw_fd().to_string()).pass(front).start().unwrap();
        Site { _braid: braid, dir, log, seen: 0, front: address }
    }

    /// Returns the answer to a command, without the empty line after it.
    fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.dir.file("admin")).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(format!("{command}\n").as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.strip_suffix('\n').unwrap().to_owned()
    }

    /// Returns the status and the body of the answer to a request.
    fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.front).unwrap();
        limit(&stream, LIMIT).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }

    /// Waits for a line that begins with a text.
    fn line(&mut self, text: &str) {
        let found = self.log.wait(&mut self.seen, LIMIT, |line| line.message.starts_with(text));
        found.unwrap_or_else(|error| panic!("'{text}': {error}"));
    }
}

#[test]
fn a_server_leaves_and_returns() {
    let mut site = Site::new("states");
    let served = |site: &Site| site.get("/").1;
    assert_eq!(served(&site), "one");
    assert_eq!(site.get("/facts").1, "1 1 10 10 5 0 -1");

    assert_eq!(site.ask("disable server b/one"), "");
    site.line(
        "Server b/one is going DOWN for maintenance. 0 active and 1 backup servers left. Running on backup. 0 sessions \
         active, 0 requeued, 0 remaining in queue.",
    );
    assert_eq!(served(&site), "two");
    assert_eq!(site.get("/facts").1, "1 0 10 10 5 0 -1");

    assert_eq!(site.ask("set server b/two health down"), "");
    site.line("Backup Server b/two is DOWN, changed from CLI. 0 active and 0 backup servers left.");
    site.line("backend b has no server available!");
    assert_eq!(site.get("/").0, "503");
    assert_eq!(site.get("/facts").1, "0 0 10 10 5 0 0");

    assert_eq!(site.ask("set server b/one state drain"), "");
    site.line("Server b/one is UP/DRAIN (leaving forced maintenance).");
    assert_eq!(site.get("/").0, "503");
    assert_eq!(site.ask("enable server b/one"), "");
    site.line("Server b/one is UP (leaving forced drain).");
    assert_eq!(served(&site), "one");

    assert_eq!(site.ask("set weight b/one 50%"), "");
    assert_eq!(site.ask("get weight b/one"), "5 (initial 10)\n");
    assert_eq!(site.ask("set maxconn server b/one 3"), "");
    assert_eq!(site.get("/facts").1, "1 1 5 5 3 0 8");
    let states = site.ask("show servers state b");
    let one: Vec<_> = states.lines().nth(2).unwrap().split(' ').skip(5).take(4).collect();
    assert_eq!(one, ["2", "0", "5", "10"], "{states}");
}

#[test]
fn a_frontend_is_disabled_and_enabled() {
    let mut site = Site::new("frontend");
    assert_eq!(site.get("/").1, "one");
    assert_eq!(site.ask("enable frontend f"), "All sockets are already enabled.\n");
    assert_eq!(site.ask("disable frontend f"), "");
    site.line("Paused frontend f.");
    assert_eq!(site.ask("disable frontend f"), "All sockets are already disabled.\n");
    // This process holds the socket as well, so clients wait in its queue instead of being refused. One that
    // comes before the acceptor has noticed is served at once.
    let mut client = TcpStream::connect(site.front).unwrap();
    limit(&client, LIMIT).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    assert_eq!(site.ask("enable frontend f"), "");
    site.line("Resumed frontend f.");
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("\r\n\r\none"), "{text}");
    assert_eq!(site.get("/").1, "one");
    assert_eq!(site.ask("set maxconn frontend f 7"), "");
    assert_eq!(site.ask("set maxconn frontend f x"), "Integer value expected.\n");
    assert_eq!(site.ask("set maxconn frontend g 7"), "No such frontend.\n");
}
