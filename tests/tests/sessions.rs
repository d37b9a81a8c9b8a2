//! Sessions, exchanges and connections of a running program: listed and ended from its runtime socket, on two workers;
//! and what its log and both peers see of that.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use braid_tests::directory::Directory;
use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::loopback::{gone, limit};
use braid_tests::poll::eventually;
use braid_tests::syslog::Syslog;

/// A running program with a frontend of each mode. The TCP frontend has two servers, the first of which has more
/// weight.
struct Site {
    braid: Braid,
    dir: Directory,
    log: Syslog,
    tcp: SocketAddr,
    http: SocketAddr,
    /// Two servers of TCP, and one of HTTP.
    servers: [TcpListener; 3],
}

impl Site {
    fn new(test: &str) -> Site {
        let dir = Directory::new(test).unwrap();
        let log = Syslog::new().unwrap();
        let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (tcp, http) = (listen(), listen());
        let servers = [listen(), listen(), listen()];
        servers.iter().for_each(|server| server.set_nonblocking(true).unwrap());
        let address = |listener: &TcpListener| listener.local_addr().unwrap();
        let text = format!(
            "global\n    nbthread 2\n    stats socket \"{admin}\" level admin\n    log {log} local0 debug\n\
             defaults\n    log global\n    timeout connect 1m\n    timeout client 1m\n    timeout server 1m\n\
             listen t\n    mode tcp\n    option tcplog\n    bind \"fd@${{tcp}}\" name front\n    balance roundrobin\n    \
             server one {one} weight 2\n    server two {two}\n\
             listen h\n    mode http\n    option httplog\n    bind \"fd@${{http}}\"\n    server s mptcp@{s}\n",
            admin = dir.file("admin").display(),
            log = log.address().unwrap(),
            one = address(&servers[0]),
            two = address(&servers[1]),
            s = address(&servers[2]),
        );
        let file = dir.file("cfg");
        fs::write(&file, text).unwrap();
        let (tcp_address, http_address) = (address(&tcp), address(&http));
        let braid = Forward::command().unwrap().args(["-d", "-f", file.to_str().unwrap()]);
        let braid = braid.env("tcp", tcp.as_raw_fd().to_string()).env("http", http.as_raw_fd().to_string());
        let braid = braid.pass(tcp).pass(http).start().unwrap();
        Site { braid, dir, log, tcp: tcp_address, http: http_address, servers }
    }

    /// Returns the answer of the runtime socket, without the empty line that ends it.
    fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.dir.file("admin")).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        writeln!(stream, "{command}").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.strip_suffix('\n').unwrap().to_owned()
    }

    /// Waits until a list has a line about a client with these words. Returns its id and the line.
    fn listed(&self, command: &str, client: &TcpStream, words: &str) -> (String, String) {
        let source = format!(" src={} ", client.local_addr().unwrap());
        let found = eventually(LIMIT, || {
            let list = self.ask(command);
            let line = list.lines().find(|line| line.contains(&source) && line.contains(words))?;
            Some((line.split_once(':')?.0.to_owned(), line.to_owned()))
        });
        found.unwrap_or_else(|| panic!("{words}: {}{}", self.ask(command), self.braid.process.output()))
    }

    /// Returns the next connection to one of these servers, and the index of the server.
    fn accept(&self, servers: Range<usize>) -> (usize, TcpStream) {
        let mut next = servers.clone().cycle();
        let accepted = eventually(LIMIT, || {
            let one = || next.next().and_then(|at| Some((at, self.servers[at].accept().ok()?.0)));
            std::iter::repeat_with(one).take(servers.len()).flatten().next()
        });
        let (server, stream) = accepted.expect("no connection to a server");
        limit(&stream, LIMIT).unwrap();
        (server, stream)
    }

    /// Makes a session that relays: returns the client, the server, and the index of the server.
    fn session(&self) -> (TcpStream, TcpStream, usize) {
        let mut client = connect(self.tcp);
        let (which, mut server) = self.accept(0..2);
        client.write_all(b"ping").unwrap();
        hear(&mut server, b"ping");
        server.write_all(b"hello").unwrap();
        hear(&mut client, b"hello");
        (client, server, which)
    }

    /// Makes an exchange whose request has reached the server.
    fn exchange(&self, path: &str) -> (TcpStream, TcpStream) {
        let mut client = connect(self.http);
        write!(client, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let (_, mut server) = self.accept(2..3);
        hear_until(&mut server, "\r\n\r\n");
        (client, server)
    }

    /// Waits for a line of the log about a client with these words.
    fn logged(&mut self, client: SocketAddr, words: &str) {
        let line = self.log.wait(&mut 0, LIMIT, |line| line.is_about(client)).unwrap();
        assert!(line.message.contains(words), "{words}: {}", line.message);
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    limit(&stream, LIMIT).unwrap();
    stream
}

fn hear(stream: &mut TcpStream, expected: &[u8]) {
    let mut heard = vec![0; expected.len()];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(heard, expected);
}

/// Reads up to and including these bytes.
fn hear_until(stream: &mut TcpStream, end: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        heard.extend(byte);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// Returns the number of the worker in an id.
fn worker(id: &str) -> u64 {
    u64::from_str_radix(id.strip_prefix("0x").unwrap(), 16).unwrap() & 1023
}

#[test]
fn sessions_and_connections_are_ended_by_their_ids() {
    let mut site = Site::new("ids");
    let (mut tcp, mut tcp_server, _) = site.session();
    let (mut waiting, mut waiting_server) = site.exchange("/waiting");
    let (mut data, mut data_server) = site.exchange("/\"data\"");
    data_server.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin").unwrap();
    assert!(hear_until(&mut data, "begin").starts_with("HTTP/1.1 200 OK\r\n"));
    let (mut busy, mut busy_server) = site.exchange("/busy");
    let (mut idle, mut idle_server) = site.exchange("/idle");
    idle_server.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend").unwrap();
    hear_until(&mut idle, "end");
    let mut fresh = connect(site.http);

    let (tcp_id, line) = site.listed("show sess", &tcp, " stage=D ");
    assert!(line.contains(": proto=tcpv4 src=") && line.contains(" fe=t be=t srv=one age="), "{line}");
    assert!(line.ends_with(" srvproto=tcpv4"), "{line}");
    let (waiting_id, line) = site.listed("show sess", &waiting, " stage=H ");
    assert!(line.contains(" fe=h be=h srv=s age=") && !line.contains("uri="), "{line}");
    // This kernel has no MPTCP, or the server does not accept it.
    assert!(line.contains(" srvproto=mptcpv4/fallback:"), "{line}");
    let (data_id, line) = site.listed("show sess show-uri", &data, " stage=D ");
    assert!(line.ends_with(" uri=\"GET /#22data#22 HTTP/1.1\""), "{line}");
    let (_, line) = site.listed("show conn", &data, " state=busy ");
    let (_, moved) = line.split_once(" in=").unwrap();
    let (received, sent) = moved.split_once(" out=").unwrap();
    assert!(received != "0" && sent.parse::<usize>().unwrap() > "begin".len(), "{line}");
    let (busy_id, line) = site.listed("show conn", &busy, " state=busy ");
    let (_, of_busy) = site.listed("show sess", &busy, " stage=H ");
    assert!(
        line.contains(" requests=0 ") && of_busy.contains(&format!(" conn={busy_id} srvproto=")),
        "{line}"
    );
    let (idle_id, line) = site.listed("show conn", &idle, " state=idle ");
    assert!(line.contains(" fe=h ") && line.contains(" requests=1 "), "{line}");
    let (fresh_id, line) = site.listed("show conn", &fresh, " state=idle ");
    assert!(line.ends_with(" requests=0 in=0 out=0"), "{line}");

    // The ids are of both workers, and unique.
    let ids = [&tcp_id, &waiting_id, &data_id, &busy_id, &idle_id, &fresh_id];
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert_eq!(ids.map(|id| worker(id)).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([0, 1]));
    // An idle connection has no session, and one of mode tcp is only a session.
    assert_eq!((site.ask("show sess").lines().count(), site.ask("show conn").lines().count()), (4, 5));
    assert_eq!(site.ask("show sess older 1h"), "");
    assert_eq!(site.ask("show sess older 0").lines().count(), 4);
    assert_eq!(site.ask("show sess frontend t").lines().count(), 1);
    let long = site.ask(&format!("show sess {data_id}"));
    let (first, rest) = long.split_once('\n').unwrap();
    assert!(first.starts_with(&format!("{data_id}: [")) && first.contains(" source=127.0.0.1:"), "{long}");
    assert!(rest.lines().all(|line| line.starts_with("  ")), "{long}");
    assert!(rest.contains("  uri=\"GET /#22data#22 HTTP/1.1\" status=200\n"), "{long}");
    let all = site.ask("show sess all");
    assert!(all.contains(" listener=front ") && all.contains("\n  in=4 out=5\n"), "{all}");
    assert_eq!(all.lines().filter(|line| line.starts_with("0x")).count(), 4);

    let shut = |site: &Site, kind: &str, id: &str| assert_eq!(site.ask(&format!("shutdown {kind} {id}")), "");
    let of = |stream: &TcpStream| stream.local_addr().unwrap();
    shut(&site, "session", &tcp_id);
    gone(&mut tcp).unwrap();
    gone(&mut tcp_server).unwrap();
    site.logged(of(&tcp), " t t/one 0/0/");
    site.logged(of(&tcp), " 5 KD ");
    shut(&site, "session", &waiting_id);
    let mut nothing = String::new();
    assert!(matches!(waiting.read_to_string(&mut nothing), Ok(0) | Err(_)), "{nothing}");
    gone(&mut waiting_server).unwrap();
    site.logged(of(&waiting), " -1 0 - - KH-- ");
    shut(&site, "session", &data_id);
    gone(&mut data).unwrap();
    gone(&mut data_server).unwrap();
    site.logged(of(&data), " - - KD-- ");
    // The connection, and with it the exchange.
    shut(&site, "connection", &busy_id);
    gone(&mut busy).unwrap();
    gone(&mut busy_server).unwrap();
    site.logged(of(&busy), " KH-- ");
    shut(&site, "connection", &idle_id);
    gone(&mut idle).unwrap();
    shut(&site, "connection", &fresh_id);
    gone(&mut fresh).unwrap();
    site.logged(of(&fresh), " KR-- ");

    // What has ended is unknown; an idle connection is not found by the id of its exchange.
    for id in [&tcp_id, &waiting_id, &data_id] {
        let answer = site.ask(&format!("shutdown session {id}"));
        assert_eq!(answer, "No such session (use 'show sess').\n");
        assert_eq!(site.ask(&format!("show sess {id}")), "Session not found.\n");
    }
    let answer = site.ask(&format!("shutdown connection {idle_id}"));
    assert_eq!(answer, "No such connection (use 'show conn').\n");
    assert_eq!((site.ask("show sess"), site.ask("show conn")), (String::new(), String::new()));
    site.log.take().unwrap();
    let of_idle: Vec<_> = site.log.lines().iter().filter(|line| line.is_about(of(&idle))).collect();
    assert!(of_idle.len() == 1 && of_idle[0].message.contains(" ---- "), "{of_idle:?}");
}

#[test]
fn all_of_a_server_are_ended_and_no_others() {
    let mut site = Site::new("server");
    assert_eq!(site.ask("shutdown sessions server t/one"), "");
    let sessions: Vec<_> = (0..6).map(|_| site.session()).collect();
    assert_eq!(site.ask("show sess backend t").lines().count(), 6);
    // The workers take turns, the servers do not.
    let list = site.ask("show sess server t/one");
    let workers = list.lines().map(|line| worker(line.split_once(':').unwrap().0));
    assert_eq!((list.lines().count(), workers.collect()), (4, BTreeSet::from([0, 1])));
    assert_eq!(site.ask("shutdown sessions server t/one"), "");
    for (mut client, mut server, which) in sessions {
        if which == 0 {
            gone(&mut client).unwrap();
            gone(&mut server).unwrap();
            site.logged(client.local_addr().unwrap(), " KD ");
        } else {
            client.write_all(b"more").unwrap();
            hear(&mut server, b"more");
        }
    }
    assert_eq!(site.ask("show sess server t/one"), "");
    assert_eq!(site.ask("shutdown sessions server t/three"), "No such server.\n");
}
