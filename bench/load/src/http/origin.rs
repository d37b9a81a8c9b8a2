//! The origin: one thread that serves all connections.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use socket2::Socket;

use super::served::{Buffers, End, Seen, Served};
use crate::failure::chain;
use crate::link::{PathState, Transport};
use crate::origin::{OriginError, OriginPlan, bind};
use crate::progress::Progress;
use crate::sys::{Epoll, Watch};

/// The counts of an origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpOriginCounts {
    pub accepted: u64,
    /// Those of `accepted` that were MPTCP when they were accepted.
    pub mptcp: u64,
    pub requests: u64,
    /// Bytes of request bodies.
    pub posted: u64,
    /// Request bodies with wrong bytes.
    pub mismatched: u64,
    /// Connections that ended against the protocol: reset, closed within a request, not HTTP.
    pub failed: u64,
    pub first_failure: Option<String>,
}

/// A running origin; dropping it stops it.
#[derive(Debug)]
pub struct HttpOrigin {
    addr: SocketAddr,
    requests: Arc<Progress>,
    /// Dropping it wakes the thread.
    stop_signal: Option<UnixStream>,
    thread: Option<JoinHandle<HttpOriginCounts>>,
}

impl HttpOrigin {
    /// Listens and serves in the background, in the network and on the cores of the calling thread. `patience` of
    /// the plan has no effect here: a kept connection may be idle as long as the origin runs.
    pub fn start(plan: &OriginPlan) -> Result<Self, OriginError> {
        let fail = |step| move |source| OriginError::new(step, plan, source);
        let listener = bind(plan).map_err(fail("bind"))?;
        let addr = listener.local_addr().ok().and_then(|addr| addr.as_socket()).unwrap_or(plan.addr);
        let (stop_signal, stopped) = UnixStream::pair().map_err(fail("prepare"))?;
        let requests = Arc::new(Progress::new());
        let server = Server::new(listener, stopped.into(), plan.transport, Arc::clone(&requests))
            .map_err(fail("prepare"))?;
        let thread = thread::Builder::new()
            .name("http-origin".into())
            .spawn(move || server.run())
            .map_err(fail("start"))?;
        Ok(Self { addr, requests, stop_signal: Some(stop_signal), thread: Some(thread) })
    }

    /// Returns the address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the counter of requests whose head has arrived, which can be waited on.
    pub fn requests(&self) -> &Arc<Progress> {
        &self.requests
    }

    /// Stops listening and closes all connections.
    pub fn stop(mut self) -> HttpOriginCounts {
        self.stop_now()
    }

    fn stop_now(&mut self) -> HttpOriginCounts {
        self.stop_signal = None;
        // A panic of the thread has been reported where it happened.
        let counts = self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        self.requests.end();
        counts
    }
}

impl Drop for HttpOrigin {
    fn drop(&mut self) {
        self.stop_now();
    }
}

struct Server {
    epoll: Epoll,
    listener: Socket,
    stopped: OwnedFd,
    transport: Transport,
    /// The connections, by descriptor.
    connections: Vec<Option<Served>>,
    buffers: Buffers,
    seen: Seen,
    progress: Arc<Progress>,
    counts: HttpOriginCounts,
}

impl Server {
    fn new(
        listener: Socket,
        stopped: OwnedFd,
        transport: Transport,
        progress: Arc<Progress>,
    ) -> io::Result<Self> {
        let epoll = Epoll::new()?;
        epoll.add(listener.as_fd(), Watch::Readable)?;
        epoll.add(stopped.as_fd(), Watch::Readable)?;
        Ok(Self {
            epoll,
            listener,
            stopped,
            transport,
            connections: Vec::new(),
            buffers: Buffers::new(),
            seen: Seen::default(),
            progress,
            counts: HttpOriginCounts::default(),
        })
    }

    fn run(mut self) -> HttpOriginCounts {
        let mut ready = Vec::new();
        // If its epoll fails the thread cannot go on; its connections are closed, which clients see.
        while self.epoll.wait(None, &mut ready).is_ok() && !ready.contains(&self.stopped.as_raw_fd()) {
            let before = self.seen.requests;
            for &fd in &ready {
                if fd == self.listener.as_raw_fd() {
                    self.accept();
                } else {
                    self.advance(fd);
                }
            }
            // Added once per round, not once per request.
            self.progress.add(self.seen.requests - before);
        }
        let Seen { requests, posted, mismatched } = self.seen;
        HttpOriginCounts { requests, posted, mismatched, ..self.counts }
    }

    /// Accepts until the queue is empty. Without free descriptors the queue stays full and is tried again: this is
    /// a test program.
    fn accept(&mut self) {
        while let Ok((socket, _)) = self.listener.accept() {
            self.counts.accepted += 1;
            if let Some(PathState::Mptcp { .. }) = self.transport.path_of(&socket) {
                self.counts.mptcp += 1;
            }
            let index = socket.as_raw_fd() as usize;
            if self.epoll.add(socket.as_fd(), Watch::Readable).is_ok() {
                if self.connections.len() <= index {
                    self.connections.resize_with(index + 1, || None);
                }
                self.connections[index] = Some(Served::new(socket));
            }
        }
    }

    fn advance(&mut self, fd: RawFd) {
        let Some(slot) = self.connections.get_mut(fd as usize) else { return };
        let Some(connection) = slot else { return };
        let next = connection.advance(&mut self.buffers, &mut self.seen).and_then(|watch| {
            if watch != connection.watch {
                self.epoll.change(connection.socket().as_fd(), watch)?;
                connection.watch = watch;
            }
            Ok(())
        });
        if let Err(end) = next {
            *slot = None;
            if !matches!(end, End::Closed) {
                self.counts.failed += 1;
                self.counts.first_failure.get_or_insert_with(|| chain(&end));
            }
        }
    }
}
