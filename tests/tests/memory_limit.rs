//! A limit on memory (`-m`) under attacks that fill buffers: the process lives, sheds what it has no memory for, serves
//! others meanwhile, and has all its memory again afterwards.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use braid_load::{HttpOrigin, OriginPlan, Transport};
use braid_tests::forward::{Braid, Forward, LIMIT, inherited};
use braid_tests::loopback::{address, bound, room_for};
use braid_tests::poll::eventually;
use braid_tests::skip::skip;
use socket2::{Domain, SockRef, Socket, Type};

/// The limit on memory, in megabytes.
const MEGABYTES: &str = "30";
/// More than any attack has clients, so that it is not this that holds them back.
const MAXCONN: usize = 1500;
/// The most clients of an attack.
const MOST: usize = 1000;
/// What each client sends, less than a buffer of the proxy. All of them together need more than the limit.
const SENT: usize = 15_000;
/// The exchanges of an honest client in which the number of connections has to stay the same.
const CALM: usize = 10;

/// What clients do to use up the memory.
struct Attack {
    name: &'static str,
    /// The lines of the attacked section.
    section: &'static str,
    server: Peer,
    clients: usize,
    /// What each sends once all are connected.
    sent: fn() -> Vec<u8>,
    /// The fewest connections that are served after that.
    held: usize,
    /// Whether it is noticed that they leave while the server stays.
    leave: bool,
    threads: usize,
}

/// The server of the attacked section.
#[derive(Clone, Copy)]
enum Peer {
    /// Says nothing.
    Silent,
    /// Says nothing, and serves one client at a time.
    Busy,
    /// Refuses connections.
    Refusing,
    /// Sends more than a client takes that does not read.
    Pouring,
}

const ATTACKS: [Attack; 10] = [
    Attack {
        name: "slow heads for several threads",
        section: "mode http",
        server: Peer::Silent,
        clients: MOST,
        sent: slow_head,
        held: 300,
        leave: true,
        threads: 4,
    },
    Attack {
        name: "slow heads",
        section: "mode http",
        server: Peer::Silent,
        clients: MOST,
        sent: slow_head,
        held: 650,
        leave: true,
        threads: 1,
    },
    Attack {
        name: "slow bodies",
        section: "mode http",
        server: Peer::Silent,
        clients: MOST,
        sent: slow_body,
        held: MOST,
        leave: false,
        threads: 1,
    },
    Attack {
        name: "slow bodies that are read ahead",
        section: "mode http\n option http-buffer-request",
        server: Peer::Silent,
        clients: MOST,
        sent: slow_body,
        held: 600,
        leave: false,
        threads: 1,
    },
    Attack {
        name: "slow bodies without a server",
        section: "mode http\n retries 100\n retry-on all-retryable-errors",
        server: Peer::Refusing,
        clients: MOST,
        sent: slow_body,
        held: 600,
        leave: true,
        threads: 1,
    },
    Attack {
        name: "pipelined requests",
        section: "mode http\n option abortonclose",
        server: Peer::Silent,
        clients: MOST,
        sent: pipelined,
        held: 600,
        leave: true,
        threads: 1,
    },
    Attack {
        name: "content that rules wait for",
        section: "mode tcp\n tcp-request inspect-delay 60s\n tcp-request content accept if { req.payload(0,16000) -m found }",
        server: Peer::Silent,
        clients: MOST,
        sent: slow_head,
        held: 600,
        leave: false,
        threads: 1,
    },
    Attack {
        name: "heads that rules wait for",
        section: "mode tcp\n tcp-request inspect-delay 60s\n tcp-request content reject if HTTP",
        server: Peer::Silent,
        clients: MOST,
        sent: slow_head,
        held: 300,
        leave: false,
        threads: 1,
    },
    Attack {
        name: "clients in a queue",
        section: "mode tcp\n option abortonclose",
        server: Peer::Busy,
        clients: MOST,
        sent: slow_head,
        held: MOST,
        leave: true,
        threads: 1,
    },
    Attack {
        name: "clients that do not read",
        section: "mode tcp",
        server: Peer::Pouring,
        clients: MOST,
        sent: Vec::new,
        held: 600,
        leave: false,
        threads: 1,
    },
];

fn slow_head() -> Vec<u8> {
    let field = format!("x: {}\r\n", "v".repeat(195));
    format!("GET / HTTP/1.1\r\nhost: a\r\n{}", field.repeat(SENT / field.len() - 1)).into_bytes()
}

fn slow_body() -> Vec<u8> {
    let mut request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n".to_vec();
    request.resize(SENT, b'b');
    request
}

fn pipelined() -> Vec<u8> {
    let request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    request.repeat(SENT / request.len()).into_bytes()
}

/// The server of an attacked section, until it is dropped.
struct Attacked {
    server: SocketAddr,
    socket: Socket,
    /// The connections that it has accepted.
    accepted: Arc<Mutex<Vec<TcpStream>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Attacked {
    fn start(peer: Peer) -> Attacked {
        let socket = bound(None).unwrap();
        let (server, accepted) = (address(&socket), Arc::<Mutex<Vec<TcpStream>>>::default());
        let accepting = (!matches!(peer, Peer::Refusing)).then(|| {
            socket.listen(MAXCONN as i32).unwrap();
            let listener: TcpListener = socket.try_clone().unwrap().into();
            let accepted = Arc::clone(&accepted);
            thread::spawn(move || {
                for mut stream in listener.incoming().map_while(Result::ok) {
                    if let Peer::Pouring = peer {
                        stream.set_nonblocking(true).unwrap();
                        let _ = stream.write(&[b'p'; 64 * 1024]);
                    }
                    accepted.lock().unwrap().push(stream);
                }
            })
        });
        Attacked { server, socket, accepted, accepting }
    }

    /// Closes what it has accepted.
    fn close(&self) {
        self.accepted.lock().unwrap().clear();
    }
}

impl Drop for Attacked {
    fn drop(&mut self) {
        // Accepting fails after that.
        let _ = self.socket.shutdown(Shutdown::Both);
        self.accepting.take().map(JoinHandle::join);
    }
}

/// A proxy with a limit on memory, and a section beside the attacked one.
struct Proxy {
    braid: Braid,
    attacked: SocketAddr,
    honest: SocketAddr,
    commands: PathBuf,
}

impl Proxy {
    fn start(attack: &Attack, server: SocketAddr, origin: SocketAddr) -> Proxy {
        let [own, honest] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let (attacked, honest_address) = (own.local_addr().unwrap(), honest.local_addr().unwrap());
        let base = std::env::temp_dir().join(format!("braid-{}-memory", std::process::id()));
        let (file, commands) = (base.with_extension("cfg"), base.with_extension("sock"));
        let limit = if let Peer::Busy = attack.server { " maxconn 1" } else { "" };
        let text = format!(
            "global\n nbthread {}\n maxconn {MAXCONN}\n stats socket {} level admin\n\
             defaults\n timeout connect 60s\n timeout client 60s\n timeout server 60s\n\
             listen attacked\n bind {} sndbuf 4096\n {}\n server s {server}{limit}\n\
             listen honest\n mode http\n bind {}\n server origin {origin}\n",
            attack.threads,
            commands.display(),
            inherited(&own),
            attack.section,
            inherited(&honest),
        );
        fs::write(&file, text).unwrap();
        let started = Forward::command()
            .unwrap()
            .args(["-m", MEGABYTES, "-f", file.to_str().unwrap()])
            .pass(own)
            .pass(honest)
            .open_files(2 * MAXCONN as u32 + 1000)
            .start();
        fs::remove_file(&file).unwrap();
        Proxy { braid: started.unwrap(), attacked, honest: honest_address, commands }
    }

    /// Returns the number of connections that are accepted.
    fn connections(&self) -> Option<usize> {
        let mut stream = UnixStream::connect(&self.commands).ok()?;
        stream.set_read_timeout(Some(LIMIT)).ok()?;
        stream.write_all(b"show info\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.lines().find_map(|line| line.strip_prefix("CurrConns: "))?.parse().ok()
    }

    /// Waits until honest clients are answered: with more than fits into a small buffer, and with less.
    fn serves(&self, when: &str) {
        for request in &ALL {
            let answered = eventually(LIMIT, || (ask(self.honest, request).ok()? == OK).then_some(()));
            assert!(answered.is_some(), "{when}: {} {}", request.line, self.braid.process.output());
        }
    }

    /// Asserts that honest clients are answered at once.
    fn serves_at_once(&self, when: &str) {
        for request in &ALL {
            let answer = ask(self.honest, request);
            assert_eq!(answer.ok().as_deref(), Some(OK), "{when}: {}", request.line);
        }
    }

    /// Waits until all that the clients have sent is dealt with, and returns the number of connections left.
    fn calm(&self, when: &str) -> usize {
        let mut last = (None, 0);
        let calm = eventually(LIMIT, || {
            self.serves(when);
            let now = self.connections();
            last = if now == last.0 { (now, last.1 + 1) } else { (now, 0) };
            now.filter(|_| last.1 == CALM)
        });
        calm.unwrap_or_else(|| panic!("{when}: {last:?}: {}", self.braid.process.output()))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.commands);
    }
}

/// A request, and what its answer contains.
struct Asked {
    line: &'static str,
    /// The length of its body.
    length: usize,
    answer: Answer,
}

enum Answer {
    Length(usize),
    Body(&'static str),
}

const SHORT: Asked = Asked { line: "GET /128 HTTP/1.1", length: 0, answer: Answer::Length(128) };
const LONG: Asked = Asked { line: "GET /20000 HTTP/1.1", length: 0, answer: Answer::Length(20_000) };
const UPLOAD: Asked =
    Asked { line: "POST / HTTP/1.1", length: 8192, answer: Answer::Body("mismatch=0 bytes=8192 ") };
const ALL: [Asked; 3] = [SHORT, LONG, UPLOAD];

/// Returns the status line of an answer that is whole.
fn ask(address: SocketAddr, asked: &Asked) -> io::Result<String> {
    let Asked { line, length, ref answer } = *asked;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut request = format!("{line}\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    request.push_str(&"b".repeat(length));
    stream.write_all(request.as_bytes())?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let (head, body) = received.split_at(end.ok_or(io::ErrorKind::UnexpectedEof)? + 4);
    let status = String::from_utf8_lossy(head).lines().next().unwrap_or_default().to_owned();
    let is_whole = match answer {
        Answer::Length(length) => body.len() == *length,
        Answer::Body(begins) => body.starts_with(begins.as_bytes()),
    };
    if status == OK && !is_whole { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(status) }
}

const OK: &str = "HTTP/1.1 200 OK";

/// Connects a client that takes little before it reads.
fn client(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    SockRef::from(&socket).set_recv_buffer_size(2048).unwrap();
    socket.connect(&address.into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.into()
}

fn origin() -> HttpOrigin {
    let addr = ([127, 0, 0, 1], 0).into();
    HttpOrigin::start(&OriginPlan { addr, transport: Transport::Tcp, send_buffer: None, patience: LIMIT })
        .unwrap()
}

fn survives(attack: &Attack, origin: SocketAddr) {
    let attacked = Attacked::start(attack.server);
    let proxy = Proxy::start(attack, attacked.server, origin);
    let sent = (attack.sent)();
    // Memory that was freed once must be usable again.
    for wave in ["first", "second"] {
        let when = format!("{}, {wave} wave", attack.name);
        proxy.serves(&format!("before {when}"));
        let mut clients: Vec<TcpStream> = (0..attack.clients).map(|_| client(proxy.attacked)).collect();
        let all = eventually(LIMIT, || proxy.connections().filter(|count| *count >= attack.clients));
        assert!(all.is_some(), "{when}: not all are accepted: {}", proxy.braid.process.output());
        for client in &mut clients {
            // One that was refused has been reset, perhaps.
            let _ = client.write(&sent);
        }
        let held = proxy.calm(&when);
        assert!(held >= attack.held, "{when}: {held} are held");
        proxy.serves_at_once(&when);
        drop(clients);
        if attack.leave {
            // One may be served.
            let gone = eventually(LIMIT, || proxy.connections().filter(|count| *count <= 1));
            assert!(gone.is_some(), "{when}: of those that left {:?} remain", proxy.connections());
        }
        let gone = eventually(LIMIT, || {
            // What a client has sent before it left may still be on its way to the server.
            attacked.close();
            proxy.connections().filter(|count| *count == 0)
        });
        assert!(gone.is_some(), "{when}: {:?} remain", proxy.connections());
    }
    proxy.serves(&format!("after {}", attack.name));
}

#[test]
fn clients_that_fill_buffers_do_not_end_a_process_with_a_limit_on_memory() {
    if let Err(reason) = room_for(3 * MOST as u64 + 500) {
        return skip("clients_that_fill_buffers_do_not_end_a_process_with_a_limit_on_memory", &reason);
    }
    let origin = origin();
    ATTACKS.iter().for_each(|attack| survives(attack, origin.addr()));
}

/// Runs a small proxy with this limit until it has ended or has answered.
fn small(megabytes: &str, origin: SocketAddr) -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let file = std::env::temp_dir().join(format!("braid-{}-memory-{megabytes}.cfg", std::process::id()));
    let text = format!(
        "global\n nbthread 2\ndefaults\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen small\n mode http\n bind {}\n server origin {origin}\n",
        inherited(&listener)
    );
    fs::write(&file, text).unwrap();
    let command =
        Forward::command().unwrap().args(["-m", megabytes, "-f", file.to_str().unwrap()]).pass(listener);
    let started = command.start();
    fs::remove_file(&file).unwrap();
    match started {
        Ok(braid) => ask(address, &SHORT).map_err(|error| format!("{error}: {}", braid.process.output())),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_limit_that_is_too_low_says_what_is_needed_and_that_is_enough() {
    let origin = origin();
    let refused = small("1", origin.addr()).unwrap_err();
    assert!(refused.contains("the limit on memory is too low: with 2 threads at least"), "{refused}");
    let needed = refused.split_once("('-m ").unwrap().1.split_once("')").unwrap().0;
    assert_eq!(small(needed, origin.addr()).unwrap(), OK);
}
