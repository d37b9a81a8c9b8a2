//! What surrounds the program under test in one scenario: its configuration, its peers, and the receiver of its log.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use braid_tests::poll::eventually;
use braid_tests::process::{Process, Signal};
use braid_tests::queue::AcceptQueue;
use socket2::Socket;

use crate::log_line::LogLine;
use crate::peers::{Full, LIMIT, Peers, address, bound, listening};
use crate::program::{Directory, Program};
use crate::scenario::{Peer, Row, Step, Trouble};

/// A running scenario.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) process: Process,
    front: Socket,
    server: TcpListener,
    _full: Full,
    health: Option<Socket>,
    log: UdpSocket,
    lines: Vec<LogLine>,
    peers: Peers,
    client: Option<(SocketAddr, Instant)>,
    directory: Directory,
    _closed: Socket,
}

impl World {
    /// Starts the program with the configuration of the row, unless it says that it cannot serve that yet.
    pub(crate) fn new(program: &Program, row: &Row) -> Result<Self, Trouble> {
        let directory = Directory::new(&format!("{}-{}", program.name, row.name));
        let log = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (front, server, closed, health, full) = (listening(), listening(), bound(), bound(), Full::new());
        // A port of this number that nobody has: this socket is gone when the program uses it.
        let port = address(&bound()).port().to_string();
        let config = config(row)
            .replace("{log}", &log.local_addr().unwrap().to_string())
            .replace("{fd}", &front.as_raw_fd().to_string())
            .replace("{server}", &address(&server).to_string())
            .replace("{closed}", &address(&closed).to_string())
            .replace("{full}", &address(&full.listener).to_string())
            .replace("{health}", &address(&health).port().to_string())
            .replace("{port}", &port)
            .replace("{admin}", &directory.file("admin").display().to_string());
        let file = directory.file("cfg");
        fs::write(&file, config).unwrap();
        // What `accept` waits, too.
        server.set_read_timeout(Some(LIMIT)).unwrap();
        if let Some(said) = program.refusal(&file, &front) {
            return Err(Trouble::Unsupported(said));
        }
        Ok(Self {
            process: program.start(&file, &front),
            front,
            server: server.into(),
            _full: full,
            health: Some(health),
            log,
            lines: Vec::new(),
            peers: Peers::default(),
            client: None,
            directory,
            _closed: closed,
        })
    }

    /// The client of the row and when it began to connect.
    pub(crate) fn client(&self) -> (SocketAddr, Instant) {
        self.client.unwrap()
    }

    pub(crate) fn front(&self) -> SocketAddr {
        address(&self.front)
    }

    /// Does one step.
    pub(crate) fn step(&mut self, step: Step) -> Result<(), Trouble> {
        let peers = &mut self.peers;
        let done = match step {
            Step::Connect(peer) => self.connect(peer, false),
            Step::ConnectNarrow(peer) => self.connect(peer, true),
            Step::Accept(peer) => {
                peers.accept(peer, &self.server).map_err(|error| error.to_string())?;
                return self.idle().map_err(Trouble::from);
            }
            Step::Send(peer, count) => peers.send(peer, count),
            Step::Recv(peer, count) => peers.receive(peer, count),
            Step::Unread(peer, count) => peers.unread(peer, count),
            Step::Pour(peer, count) => peers.pour(peer, count),
            Step::Fin(peer) => peers.fin(peer),
            Step::Eof(peer) => peers.eof(peer),
            Step::Reset(peer) => peers.reset(peer),
            Step::Close(peer) => {
                peers.close(peer);
                Ok(())
            }
            Step::Gone(peer) => peers.gone(peer),
            Step::Taken => {
                let taken = || (AcceptQueue::of(&self.front).unwrap().waiting == 0).then_some(());
                eventually(LIMIT, taken).ok_or_else(|| "connections are not taken".to_owned())?;
                return self.idle().map_err(Trouble::from);
            }
            Step::Admin(command) => return self.admin(command),
            Step::Health(true) => self.health.as_ref().unwrap().listen(128),
            Step::Health(false) => {
                self.health = None;
                Ok(())
            }
            Step::Logged(text) => {
                return self.line(|line| line.message.contains(text)).map(drop).map_err(Trouble::from);
            }
            Step::SoftStop => {
                self.process.signal(Signal::User1).unwrap();
                Ok(())
            }
        };
        done.map_err(|error| Trouble::Failed(error.to_string()))
    }

    /// Waits for a line, old or new.
    pub(crate) fn line(&mut self, mut wanted: impl FnMut(&LogLine) -> bool) -> Result<LogLine, String> {
        let end = Instant::now() + LIMIT;
        let mut seen = 0;
        loop {
            if let Some(line) = self.lines.iter().skip(seen).find(|line| wanted(line)) {
                return Ok(line.clone());
            }
            seen = self.lines.len();
            let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.log.set_read_timeout(Some(left)).unwrap();
            let mut datagram = [0; 4096];
            let size =
                self.log.recv(&mut datagram).map_err(|_| format!("no such line, only {:#?}", self.lines))?;
            let text = String::from_utf8_lossy(&datagram[..size]);
            self.lines.push(LogLine::parse(&text).ok_or_else(|| format!("not a line of a log: {text:?}"))?);
        }
    }

    /// Waits for the end of the program and of its log.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.process.wait_for_exit(LIMIT).map_err(|error| error.to_string())?;
        // What it sent is here: on the loopback a datagram arrives while it is sent.
        self.log.set_nonblocking(true).unwrap();
        let mut datagram = [0; 4096];
        while let Ok(size) = self.log.recv(&mut datagram) {
            self.lines.extend(LogLine::parse(&String::from_utf8_lossy(&datagram[..size])));
        }
        Ok(())
    }

    /// Whether any line so far is about the client.
    pub(crate) fn heard_of_client(&self) -> Option<&LogLine> {
        let (client, _) = self.client();
        self.lines.iter().find(|line| line.is_about(client))
    }

    /// Waits until all threads of the program sleep.
    ///
    /// What it waits for wakes it in the same moment, so one that sleeps has seen all that has happened so far. The
    /// kernel tells a server of a connection before the program that made it has looked at it.
    fn idle(&self) -> Result<(), String> {
        let tasks = format!("/proc/{}/task", self.process.pid());
        let sleeps = |stat: String| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'));
        let all = || {
            let tasks = fs::read_dir(&tasks).ok()?;
            let stats = tasks.map(|task| fs::read_to_string(task.ok()?.path().join("stat")).ok());
            stats.map(|stat| Some(sleeps(stat?))).collect::<Option<Vec<_>>>()
        };
        let idle = || all().is_some_and(|all| all.into_iter().all(|sleeps| sleeps)).then_some(());
        eventually(LIMIT, idle).ok_or_else(|| "never idle".to_owned())
    }

    fn connect(&mut self, peer: Peer, narrow: bool) -> std::io::Result<()> {
        let began = Instant::now();
        let to = self.front();
        let address = self.peers.connect(peer, to, narrow)?;
        if peer == Peer::Client {
            self.client = Some((address, began));
        }
        Ok(())
    }

    fn admin(&self, command: &str) -> Result<(), Trouble> {
        let answer = self.ask(command).map_err(|error| error.to_string())?;
        match answer.trim() {
            // These commands answer with nothing when they succeed.
            "" => Ok(()),
            answer if answer.starts_with("Unknown command") => {
                Err(Trouble::Unsupported(answer.lines().next().unwrap_or_default().to_owned()))
            }
            answer => Err(Trouble::Failed(answer.to_owned())),
        }
    }

    fn ask(&self, command: &str) -> std::io::Result<String> {
        let path = self.directory.file("admin");
        let connected = eventually(LIMIT, || UnixStream::connect(&path).ok());
        let mut stream = connected.ok_or(std::io::ErrorKind::TimedOut)?;
        stream.set_read_timeout(Some(LIMIT))?;
        writeln!(stream, "{command}")?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// One thread, so that the order of the log is that of the events.
fn config(row: &Row) -> String {
    let lines = |text: &str| text.split("; ").map(|line| format!("    {line}\n")).collect::<String>();
    let (to, back) = match row.back {
        "" => (String::new(), String::new()),
        back => (lines("default_backend back"), format!("backend back\n{}", lines(back))),
    };
    format!(
        "global\n    nbthread 1\n    log {{log}} local0 debug\n{}\
         defaults\n    mode tcp\n    log global\n    retries 0\n    timeout connect 30s\n    \
         timeout client 30s\n    timeout server 30s\n\
         frontend front\n    bind fd@{{fd}}\n{}{}{to}{back}",
        lines(row.global),
        lines(row.log),
        lines(row.front),
    )
}
