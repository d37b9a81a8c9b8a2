//! The environment of the program under test in one scenario: its configuration, its peers, and the receiver of its
//! log.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use braid_tests::directory::Directory;
use braid_tests::idle::wait_until_idle;
use braid_tests::log_line::LogLine;
use braid_tests::loopback::{Full, address, bound, listening};
use braid_tests::poll::eventually;
use braid_tests::process::{Process, Signal};
use braid_tests::program::Program;
use braid_tests::queue::AcceptQueue;
use braid_tests::rows::RowFailure;
use braid_tests::syslog::Syslog;
use socket2::Socket;

use crate::peers::{LIMIT, Peers};
use crate::scenario::{Peer, Row, Step};

/// A running scenario.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) process: Process,
    front: Socket,
    server: TcpListener,
    _full: Full,
    health: Option<Socket>,
    log: Syslog,
    peers: Peers,
    client: Option<(SocketAddr, Instant)>,
    directory: Directory,
    _closed: Socket,
}

impl World {
    /// Starts the program with the configuration of the row, unless it reports that it does not support that yet.
    pub(crate) fn new(program: &Program, row: &Row) -> Result<Self, RowFailure> {
        let directory = Directory::new(&format!("{}-{}", program.name, row.name))?;
        let log = Syslog::new()?;
        let (front, server, full) = (listening(None)?, listening(None)?, Full::new()?);
        let (closed, health) = (bound(None)?, bound(None)?);
        // A free port: this socket is closed when the program uses it.
        let port = address(&bound(None)?).port().to_string();
        let config = config(row)
            .replace("{log}", &log.address()?.to_string())
            .replace("{fd}", &front.as_raw_fd().to_string())
            .replace("{server}", &address(&server).to_string())
            .replace("{closed}", &address(&closed).to_string())
            .replace("{full}", &full.address().to_string())
            .replace("{health}", &address(&health).port().to_string())
            .replace("{port}", &port)
            .replace("{admin}", &directory.file("admin").display().to_string());
        let file = directory.file("cfg");
        fs::write(&file, config).unwrap();
        // The timeout of `accept`, too.
        server.set_read_timeout(Some(LIMIT)).unwrap();
        Ok(Self {
            process: program.start(&file, &front)?,
            front,
            server: server.into(),
            _full: full,
            health: Some(health),
            log,
            peers: Peers::default(),
            client: None,
            directory,
            _closed: closed,
        })
    }

    /// Returns the client of the row and when it began to connect.
    pub(crate) fn client(&self) -> (SocketAddr, Instant) {
        self.client.unwrap()
    }

    pub(crate) fn front(&self) -> SocketAddr {
        address(&self.front)
    }

    /// Does a step.
    pub(crate) fn step(&mut self, step: Step) -> Result<(), RowFailure> {
        let peers = &mut self.peers;
        let done = match step {
            Step::Connect(peer) => self.connect(peer, false),
            Step::ConnectNarrow(peer) => self.connect(peer, true),
            Step::Accept(peer) => {
                peers.accept(peer, &self.server)?;
                return Ok(wait_until_idle(&self.process, LIMIT)?);
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
                return Ok(wait_until_idle(&self.process, LIMIT)?);
            }
            Step::Admin(command) => return self.admin(command),
            Step::Health(true) => self.health.as_ref().unwrap().listen(128),
            Step::Health(false) => {
                self.health = None;
                Ok(())
            }
            Step::Logged(text) => {
                return Ok(self.line(|line| line.message.contains(text)).map(drop)?);
            }
            Step::SoftStop => {
                self.process.signal(Signal::User1).unwrap();
                Ok(())
            }
        };
        Ok(done?)
    }

    /// Waits for a line, old or new.
    pub(crate) fn line(&mut self, wanted: impl Fn(&LogLine) -> bool) -> Result<LogLine, String> {
        self.log.wait(&mut 0, LIMIT, wanted)
    }

    /// Waits for the end of the program and of its log.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.process.wait_for_exit(LIMIT).map_err(|error| error.to_string())?;
        self.log.take().map_err(|error| error.to_string())
    }

    /// Returns a line about the client, if there is one so far.
    pub(crate) fn heard_of_client(&self) -> Option<&LogLine> {
        let (client, _) = self.client();
        self.log.lines().iter().find(|line| line.is_about(client))
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

    fn admin(&self, command: &str) -> Result<(), RowFailure> {
        let answer = self.ask(command)?;
        match answer.trim() {
            // These commands answer with nothing when they succeed.
            "" => Ok(()),
            answer if answer.starts_with("Unknown command") => {
                Err(RowFailure::Unsupported(answer.lines().next().unwrap_or_default().to_owned()))
            }
            answer => Err(RowFailure::Failed(answer.to_owned())),
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

/// Returns the configuration. It has one thread, so that the order of the log is that of the events.
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
