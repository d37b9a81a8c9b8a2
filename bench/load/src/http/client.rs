//! A run: keeps as many exchanges in progress as there are connections, or as the rate requires, and adds up their
//! results.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, RawFd};
use std::time::{Duration, Instant};

use super::connection::{Advance, Connection, Expected};
use super::outgoing::{Outgoing, Prefix};
use super::pace::{Pace, Turn};
use super::plan::{HttpJob, HttpPlan};
use super::resource::Resource;
use super::served::Buffers;
use crate::cost::ProcessError;
use crate::failure::Failure;
use crate::histogram::Histogram;
use crate::link::Dial;
use crate::pattern::{Pattern, Seed};
use crate::sys::{Epoll, Watch};
use crate::tally::{Outcome, Tally};

/// The number of errors that ends a run: more of them would say nothing new.
const MAX_ERRORS: u64 = 1000;

/// The error of a run that could not begin, or not go on.
#[derive(Debug, thiserror::Error)]
pub enum HttpRunError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("wait for sockets")]
    Epoll(#[from] io::Error),
    #[error("the head of a request to {addr} is too long")]
    Head { addr: SocketAddr },
}

/// The results of a run.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// The results of requests; its paths are those of connections.
    pub(crate) tally: Tally,
    /// The requests that are part of the run, tried or not.
    pub(crate) requests: u64,
    /// The connections that were begun.
    pub(crate) opened: u64,
    /// The latencies of the responses that were right.
    pub(crate) latency: Histogram,
    pub(crate) elapsed: Duration,
}

#[derive(Debug)]
pub(crate) struct Client<'a> {
    plan: &'a HttpPlan,
    dial: Dial,
    epoll: Epoll,
    buffers: Buffers,
    /// The connections by descriptor, with the start of the exchange in progress.
    connections: Vec<Option<(Connection, Instant)>>,
    /// Connections without an exchange, the longest idle one first.
    idle: VecDeque<RawFd>,
    /// The number of further connections that may be opened.
    unopened: usize,
    pace: Pace,
    begin: Instant,
    started: u64,
    under_way: u64,
    ran: Ran,
}

impl<'a> Client<'a> {
    pub(crate) fn new(plan: &'a HttpPlan) -> Result<Self, HttpRunError> {
        let begin = Instant::now();
        Ok(Self {
            plan,
            dial: plan.target.dial(),
            epoll: Epoll::new()?,
            buffers: Buffers::new(),
            connections: Vec::new(),
            idle: VecDeque::new(),
            unopened: plan.connections.max(1),
            pace: Pace::new(begin, plan.amount, plan.rate),
            begin,
            started: 0,
            under_way: 0,
            ran: Ran::default(),
        })
    }

    pub(crate) fn run(mut self) -> Result<Ran, HttpRunError> {
        let deadline = self.begin + self.plan.timeout + self.plan.amount.duration();
        let mut ready = Vec::new();
        loop {
            let now = Instant::now();
            let turn = self.start_due(now)?;
            let over = turn == Some(Turn::Over) || self.ran.tally.errors.total() >= MAX_ERRORS;
            if now >= deadline || (over && self.under_way == 0) {
                break;
            }
            let wake = match turn {
                Some(Turn::Later(due)) => due.min(deadline),
                _ => deadline,
            };
            self.epoll.wait(Some(wake.saturating_duration_since(now)), &mut ready)?;
            for &fd in &ready {
                self.drive(fd);
                self.start_due(Instant::now())?;
            }
        }
        self.ran.elapsed = self.begin.elapsed();
        self.ran.requests = self.pace.total();
        for (connection, _) in std::mem::take(&mut self.connections).into_iter().flatten() {
            if !connection.is_idle() {
                let failure = Failure::Timeout { step: connection.step() };
                self.ran.tally.record(Outcome::failed(failure));
            }
            self.ran.tally.paths.record(connection.path());
        }
        Ok(self.ran)
    }

    /// Starts the requests that are due while there is a connection for them. Returns `None` if there is none, else
    /// why it stopped.
    fn start_due(&mut self, now: Instant) -> Result<Option<Turn>, HttpRunError> {
        while (!self.idle.is_empty() || self.unopened > 0) && self.ran.tally.errors.total() < MAX_ERRORS {
            match self.pace.next(now) {
                Turn::Start(intended) => self.start(intended)?,
                turn => return Ok(Some(turn)),
            }
        }
        Ok(None)
    }

    fn start(&mut self, intended: Instant) -> Result<(), HttpRunError> {
        let (message, expected) =
            self.next_request().map_err(|_| HttpRunError::Head { addr: self.dial.addr })?;
        let fd = match self.idle.pop_front() {
            Some(fd) => fd,
            None => match self.open() {
                Ok(fd) => fd,
                Err(failure) => {
                    self.ran.tally.record(Outcome::failed(failure));
                    return Ok(());
                }
            },
        };
        if let Some(Some((connection, since))) = self.connections.get_mut(fd as usize) {
            *since = intended;
            connection.begin(message, expected);
            self.under_way += 1;
            self.drive(fd);
        }
        Ok(())
    }

    fn open(&mut self) -> Result<RawFd, Failure> {
        let connection = Connection::open(&self.dial)?;
        let step = connection.step();
        self.epoll
            .add(connection.socket().as_fd(), Watch::Readable)
            .map_err(|error| Failure::io(step, error))?;
        let fd = connection.id();
        if self.connections.len() <= fd as usize {
            self.connections.resize_with(fd as usize + 1, || None);
        }
        self.connections[fd as usize] = Some((connection, self.begin));
        self.unopened -= 1;
        self.ran.opened += 1;
        Ok(fd)
    }

    fn next_request(&mut self) -> std::io::Result<(Outgoing, Expected)> {
        let seed = self.plan.seed.nth(self.started);
        self.started += 1;
        request(&self.plan.job, seed, self.dial.addr, self.plan.keep_alive)
    }

    fn drive(&mut self, fd: RawFd) {
        let Some(Some((connection, since))) = self.connections.get_mut(fd as usize) else { return };
        let was_idle = connection.is_idle();
        let outcome = connection.advance(&mut self.buffers).and_then(|advance| match advance {
            Advance::Blocked(watch) if watch != connection.watch => {
                let changed = self.epoll.change(connection.socket().as_fd(), watch);
                connection.watch = watch;
                changed.map(|()| advance).map_err(|error| Failure::io(connection.step(), error))
            }
            advance => Ok(advance),
        });
        match outcome {
            Ok(Advance::Blocked(_)) => {}
            Ok(Advance::Done { close }) => {
                self.ran.latency.record(since.elapsed());
                self.under_way -= 1;
                self.ran.tally.ok += 1;
                self.ran.tally.bytes += self.plan.job.bytes();
                self.plan.progress.add(1);
                if close || !self.plan.keep_alive {
                    self.close(fd);
                } else {
                    self.idle.push_back(fd);
                }
            }
            Ok(Advance::Left) => {
                self.idle.retain(|&other| other != fd);
                self.close(fd);
            }
            Err(failure) => {
                // Unexpected bytes arrived; the response before them was right nevertheless.
                if was_idle {
                    self.idle.retain(|&other| other != fd);
                } else {
                    self.under_way -= 1;
                }
                self.ran.tally.record(Outcome::failed(failure));
                self.close(fd);
            }
        }
    }

    fn close(&mut self, fd: RawFd) {
        if let Some((connection, _)) = self.connections.get_mut(fd as usize).and_then(Option::take) {
            self.ran.tally.paths.record(connection.path());
            self.unopened += 1;
        }
    }
}

/// Returns the next message, and the expected response.
fn request(
    job: &HttpJob,
    seed: Seed,
    host: std::net::SocketAddr,
    keep_alive: bool,
) -> std::io::Result<(Outgoing, Expected)> {
    let mut head = Prefix::new();
    let (method, resource) = match *job {
        HttpJob::Get { bytes, chunk } => ("GET", Resource { bytes, seed, chunk }),
        HttpJob::Post { .. } => ("POST", Resource { bytes: 0, seed, chunk: None }),
    };
    write!(
        head,
        "{method} {resource} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: braid-load\r\nAccept: */*\r\n"
    )?;
    if !keep_alive {
        head.write_all(b"Connection: close\r\n")?;
    }
    Ok(match *job {
        HttpJob::Get { bytes, .. } => {
            head.write_all(b"\r\n")?;
            (Outgoing::short(head), Expected::Body { pattern: Pattern::new(seed), bytes })
        }
        HttpJob::Post { bytes, chunk } => {
            match chunk {
                Some(_) => head.write_all(b"Transfer-Encoding: chunked\r\n\r\n")?,
                None => write!(head, "Content-Length: {bytes}\r\n\r\n")?,
            }
            (Outgoing::new(head, seed, bytes, chunk), Expected::Verdict { bytes })
        }
    })
}
