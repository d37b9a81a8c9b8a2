//! A running program with a name server, its log and its runtime socket.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use braid_tests::directory::Directory;
use braid_tests::forward::LIMIT;
use braid_tests::loopback::limit;
use braid_tests::process::Process;
use braid_tests::program::{Program, Version};
use braid_tests::skip::skip;
use braid_tests::syslog::Syslog;
use socket2::Socket;

/// The HAProxy whose lines are expected.
const SINCE: Version = Version(3, 3);

pub(crate) struct Site {
    _program: Process,
    dir: Directory,
    pub(crate) log: Syslog,
    seen: usize,
    pub(crate) front: SocketAddr,
}

/// Returns Braid, and HAProxy if there is one that does the same.
pub(crate) fn programs(test: &str) -> Vec<Program> {
    let mut programs = vec![Program::braid().unwrap()];
    match Program::haproxy().and_then(|haproxy| haproxy.is_too_old(SINCE).map_or(Ok(haproxy), Err)) {
        Ok(haproxy) => programs.push(haproxy),
        Err(why) => skip(&format!("{test} with HAProxy"), &why),
    }
    programs
}

impl Site {
    /// Starts a program whose section `r` has these lines, and whose backend `b` has those.
    pub(crate) fn new(program: &Program, test: &str, resolvers: &str, backend: &str) -> Site {
        Site::with_rules(program, test, resolvers, "", backend)
    }

    /// The same, with rules of its frontend.
    pub(crate) fn with_rules(
        program: &Program,
        test: &str,
        resolvers: &str,
        rules: &str,
        backend: &str,
    ) -> Site {
        let dir = Directory::new(test).unwrap();
        let log = Syslog::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = listener.local_addr().unwrap();
        let text = format!(
            "global\n stats socket \"{admin}\" level admin\n log {log} local0\n dns-accept-family ipv4\n\
             resolvers r\n timeout resolve 100ms\n timeout retry 100ms\n hold obsolete 0\n{resolvers}\n\
             defaults\n mode http\n log global\n timeout connect 1m\n timeout client 1m\n timeout server 1m\n\
             frontend f\n bind fd@{fd}\n{rules}\n default_backend b\n\
             backend b\n{backend}\n",
            admin = dir.file("admin").display(),
            log = log.address().unwrap(),
            fd = listener.as_raw_fd(),
        );
        let file = dir.file("cfg");
        fs::write(&file, text).unwrap();
        let program = program.start(&file, &Socket::from(listener));
        let program = program.unwrap_or_else(|error| panic!("{error:?}"));
        Site { _program: program, dir, log, seen: 0, front }
    }

    /// Waits for a line that begins with a text.
    pub(crate) fn line(&mut self, text: &str) {
        let found = self.log.wait(&mut self.seen, LIMIT, |line| line.message.starts_with(text));
        found.unwrap_or_else(|error| panic!("'{text}': {error}"));
    }

    /// Returns the answer to a command, without empty lines after it.
    pub(crate) fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.dir.file("admin")).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(format!("{command}\n").as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.trim_end().to_owned()
    }

    /// Returns the name, the address, the administrative state, the weight, the host, the port and the service of each
    /// server.
    pub(crate) fn servers(&self) -> Vec<String> {
        let text = self.ask("show servers state b");
        let line = |line: &str| {
            let fields: Vec<&str> = line.split(' ').collect();
            [3, 4, 6, 7, 17, 18, 19].map(|at| fields[at]).join(" ")
        };
        text.lines().skip(2).map(line).collect()
    }

    /// Asks for the servers until they are as expected: HAProxy changes addresses a little after it has logged why.
    pub(crate) fn servers_become(&self, what: &str, is_expected: impl Fn(&[String]) -> bool) -> Vec<String> {
        let end = Instant::now() + LIMIT;
        loop {
            let servers = self.servers();
            if is_expected(&servers) {
                return servers;
            }
            assert!(Instant::now() < end, "{what}: {servers:#?}");
        }
    }

    /// Returns a counter of the first name server.
    pub(crate) fn counter(&self, name: &str) -> u64 {
        let text = self.ask("show resolvers r");
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("{text}")).trim().parse().unwrap()
    }

    /// Returns the status and the body of the answer to a request.
    pub(crate) fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.front).unwrap();
        limit(&stream, LIMIT).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }
}
