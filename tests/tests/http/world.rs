//! The environment of the program under test in one scenario: its configuration, its peers, and the receiver of its
//! log.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::time::Instant;

use braid_tests::directory::Directory;
use braid_tests::idle::wait_until_idle;
use braid_tests::log_line::LogLine;
use braid_tests::loopback::{Full, address, bound, listening};
use braid_tests::process::Process;
use braid_tests::program::Program;
use braid_tests::rows::RowFailure;
use braid_tests::syslog::Syslog;
use socket2::{Protocol, Socket};

use crate::golden;
use crate::peers::{LIMIT, Peers};
use crate::scenario::{Row, Step, Verb, Who};

/// The listeners of servers, by the letters that name them.
const SERVERS: [char; 3] = ['s', 't', 'u'];

/// A running scenario.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) process: Process,
    front: Socket,
    mptcp: bool,
    pub(crate) servers: HashMap<char, TcpListener>,
    log: Syslog,
    /// The number of lines that have been looked at, by the name of the client in the script.
    read: HashMap<String, usize>,
    /// The bytes that each client had received when its last line was looked at.
    told: HashMap<String, u64>,
    pub(crate) who: Who,
    pub(crate) program: &'static str,
    peers: Peers,
    pub(crate) clients: HashMap<String, (SocketAddr, Instant)>,
    _full: Full,
    _closed: Socket,
    _directory: Directory,
}

impl World {
    /// Starts the program with the configuration of the row, unless it reports that it does not support that yet.
    pub(crate) fn new(program: &Program, row: &Row) -> Result<Self, RowFailure> {
        let directory = Directory::new(&format!("{}-{}", program.name, row.name))?;
        for (name, text) in &row.files {
            fs::write(directory.file(name), text).unwrap();
        }
        let log = Syslog::new()?;
        let front = listening(row.mptcp.then_some(Protocol::MPTCP))?;
        let (closed, full) = (bound(None)?, Full::new()?);
        let servers = SERVERS.map(|name| (name, TcpListener::from(listening(None).unwrap())));
        let mut text = config(row, who(program))
            .replace("{log}", &log.address()?.to_string())
            .replace("{fd}", &front.as_raw_fd().to_string())
            .replace("{closed}", &address(&closed).to_string())
            .replace("{full}", &full.address().to_string())
            .replace("{dir}", &directory.file("").display().to_string());
        for (name, listener) in &servers {
            text = text.replace(&format!("{{{name}}}"), &listener.local_addr().unwrap().to_string());
        }
        let file = directory.file("cfg");
        fs::write(&file, text).unwrap();
        Ok(Self {
            process: program.start(&file, &front)?,
            front,
            mptcp: row.mptcp,
            servers: servers.into(),
            log,
            read: HashMap::new(),
            told: HashMap::new(),
            who: who(program),
            program: program.name,
            peers: Peers::default(),
            clients: HashMap::new(),
            _full: full,
            _closed: closed,
            _directory: directory,
        })
    }

    /// Returns the address of the frontend.
    pub(crate) fn front(&self) -> SocketAddr {
        address(&self.front)
    }

    /// Returns the listener that is `{s}` in the configuration.
    pub(crate) fn origin(&self) -> TcpListener {
        self.servers[&'s'].try_clone().unwrap()
    }

    /// Does a step.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), String> {
        match &step.verb {
            Verb::Idle => return wait_until_idle(&self.process, LIMIT),
            Verb::Log(pattern) => return self.logged(&step.peer, pattern),
            Verb::Line(golden) => return golden::compare(self, &step.peer, golden),
            Verb::Unlogged => return self.unlogged(&step.peer),
            _ => {}
        }
        if !self.peers.knows(&step.peer) {
            self.appear(&step.peer)?;
        }
        self.peers.step(&step.peer, &step.verb)
    }

    /// Checks that nothing has happened that no line of the script mentions.
    pub(crate) fn left(&self) -> Result<(), String> {
        self.peers.left()?;
        for (name, listener) in &self.servers {
            listener.set_nonblocking(true).unwrap();
            if listener.accept().is_ok() {
                return Err(format!("one more connection to {{{name}}}"));
            }
        }
        Ok(())
    }

    fn appear(&mut self, peer: &str) -> Result<(), String> {
        let letter = peer.chars().next().unwrap_or_default();
        if let Some(listener) = self.servers.get(&letter) {
            return self.peers.accept(peer, listener).map_err(|error| error.to_string());
        }
        assert_eq!(letter, 'c', "{peer} is neither client nor server");
        let began = Instant::now();
        // Only the client of the row uses MPTCP; the others show the difference.
        let mptcp = self.mptcp && peer == "c";
        let address = self.peers.connect(peer, address(&self.front), mptcp);
        self.clients.insert(peer.to_owned(), (address.map_err(|error| error.to_string())?, began));
        Ok(())
    }

    fn logged(&mut self, peer: &str, pattern: &str) -> Result<(), String> {
        let Some((client, began)) = self.clients.get(peer).copied() else {
            return self.line(peer, |line| line.message.contains(pattern)).map(drop);
        };
        let line = self.line(peer, |line| line.is_about(client))?;
        let received = self.peers.received(peer).unwrap_or_default();
        let before = self.told.insert(peer.to_owned(), received).unwrap_or_default();
        // HAProxy counts a message as it holds it in memory, which is neither what it receives nor what it sends.
        let sent = if self.who == Who::Braid { (received - before).to_string() } else { "*".to_owned() };
        let compared = line.compare(&pattern.replace('@', &sent), client, Instant::now() - began);
        compared.map_err(|difference| format!("{difference}\n    log: <{}>{}", line.priority, line.message))
    }

    fn unlogged(&self, peer: &str) -> Result<(), String> {
        let (client, _) = self.clients[peer];
        let seen = self.read.get(peer).copied().unwrap_or_default();
        match self.log.lines()[seen..].iter().find(|line| line.is_about(client)) {
            Some(line) => Err(format!("logged: {}", line.message)),
            None => Ok(()),
        }
    }

    /// Waits for a line that has not been looked at under this name.
    pub(crate) fn line(&mut self, name: &str, wanted: impl Fn(&LogLine) -> bool) -> Result<LogLine, String> {
        self.log.wait(self.read.entry(name.to_owned()).or_default(), LIMIT, wanted)
    }
}

/// Returns which of the two programs it is.
pub(crate) fn who(program: &Program) -> Who {
    if program.version.is_some() { Who::HAProxy } else { Who::Braid }
}

/// Returns the configuration. It has one thread, so that the order of the log is that of the events.
fn config(row: &Row, who: Who) -> String {
    let lines = |section: &str| {
        let of = row.config.iter().filter(|(name, _, of)| name == section && of.is_none_or(|of| of == who));
        of.fold(String::new(), |mut text, (_, line, _)| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {line}");
            text
        })
    };
    let server = row.server.as_ref().map(|words| format!("    server s1 {{s}} {words}\n"));
    let log = row.log.as_ref().map(|line| format!("    {line}\n"));
    // `more` has sections of its own, with their titles.
    let more = lines("more").replace("    section ", "");
    format!(
        "global\n    nbthread 1\n    log {{log}} local0 debug\n{}\
         defaults\n    mode http\n    log global\n{}    retries 0\n    timeout connect 30s\n    \
         timeout client 30s\n    timeout server 30s\n{}\
         frontend front\n    bind fd@{{fd}}\n    default_backend back\n{}backend back\n{}{}{more}",
        lines("global"),
        log.unwrap_or_default(),
        lines("defaults"),
        lines("front"),
        server.unwrap_or_default(),
        lines("back"),
    )
}
