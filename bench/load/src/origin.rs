//! The origin: listens, and serves each connection on its own thread.
//!
//! Leader and followers: the thread that accepts a connection also serves it, so a short connection costs no
//! hand-over. One more thread always waits on the listener, up to [`MAX_WORKERS`]; more connections wait in the
//! kernel's queue. Stopping wakes the waiting threads through a socket pair and the busy ones at their next slice.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, Socket};

use crate::counts::{Counters, OriginCounts};
use crate::failure::{ErrorKind, Failure};
use crate::link::{Limit, Link, PathState, SLICE, Transport};
use crate::park::Park;
use crate::progress::Progress;
use crate::serve::{After, serve};
use crate::sys::{Epoll, Watch};
use crate::transfer::buffer;

/// The most connections served at a time, without parked ones. A thread costs 300 KiB once it has transferred bulk
/// data.
const MAX_WORKERS: usize = 1024;
/// The backlog for `listen`; the kernel caps it at `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// The settings of an origin.
#[derive(Clone, Copy, Debug)]
pub struct OriginPlan {
    /// The address to listen on; port 0 selects a free port.
    pub addr: SocketAddr,
    /// The transport; an MPTCP origin accepts TCP clients, too.
    pub transport: Transport,
    /// `SO_SNDBUF` of each connection; see [`crate::Target::send_buffer`].
    pub send_buffer: Option<usize>,
    /// How long a connection may make no progress. Parked ones may stay idle without limit.
    pub patience: Duration,
}

/// The error of an origin that could not start.
#[derive(Debug, thiserror::Error)]
#[error("{step} {transport} {addr}", transport = transport.name())]
pub struct OriginError {
    step: &'static str,
    transport: Transport,
    addr: SocketAddr,
    source: io::Error,
}

impl OriginError {
    pub(crate) fn new(step: &'static str, plan: &OriginPlan, source: io::Error) -> Self {
        Self { step, transport: plan.transport, addr: plan.addr, source }
    }
}

/// A running origin; dropping it stops it.
#[derive(Debug)]
pub struct Origin {
    addr: SocketAddr,
    shared: Arc<Shared>,
    /// Dropping it makes the other end readable for every waiting thread.
    stop_signal: Option<UnixStream>,
}

impl Origin {
    /// Listens and serves in the background, in the network namespace of the calling thread.
    pub fn start(addr: SocketAddr, transport: Transport) -> Result<Self, OriginError> {
        Self::start_with(&OriginPlan {
            addr,
            transport,
            send_buffer: None,
            patience: Duration::from_secs(60),
        })
    }

    pub fn start_with(plan: &OriginPlan) -> Result<Self, OriginError> {
        let fail = |step| move |source| OriginError::new(step, plan, source);
        let listener = bind(plan).map_err(fail("bind"))?;
        let addr = listener.local_addr().ok().and_then(|addr| addr.as_socket()).unwrap_or(plan.addr);
        let (stop_signal, stopped) = UnixStream::pair().map_err(fail("prepare"))?;
        stopped.set_read_timeout(Some(SLICE)).map_err(fail("prepare"))?;
        let shared = Arc::new(Shared {
            plan: *plan,
            listener,
            stopped,
            stop: AtomicBool::new(false),
            idle: AtomicUsize::new(0),
            threads: Mutex::default(),
            park: Park::new().map_err(fail("prepare"))?,
            counters: Counters::default(),
            finished: Arc::default(),
        });
        let origin = Self { addr, shared, stop_signal: Some(stop_signal) };
        origin.shared.spawn_worker().map_err(fail("start"))?;
        let shared = Arc::clone(&origin.shared);
        origin.shared.spawn(move || shared.keep_park()).map_err(fail("start"))?;
        Ok(origin)
    }

    /// Returns the address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn counts(&self) -> OriginCounts {
        self.shared.counters.counts(&self.shared.finished)
    }

    /// Returns the counter of finished connections, which can be waited on.
    pub fn finished(&self) -> &Arc<Progress> {
        &self.shared.finished
    }

    /// Stops listening, closes the connections still served, and returns when all threads have ended.
    pub fn stop(mut self) -> OriginCounts {
        self.stop_now();
        self.shared.counters.counts(&self.shared.finished)
    }

    fn stop_now(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.stop_signal = None;
        // Threads that end may have spawned another one meanwhile, so this repeats until none is left.
        loop {
            let threads = std::mem::take(&mut *self.shared.threads());
            if threads.is_empty() {
                break;
            }
            for thread in threads {
                // A panic has been reported where it happened; the other threads still have to be joined.
                let _ = thread.join();
            }
        }
        self.shared.finished.end();
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.stop_now();
    }
}

/// Creates a non-blocking listening socket.
pub(crate) fn bind(plan: &OriginPlan) -> io::Result<Socket> {
    let listener = plan.transport.socket(Domain::for_address(plan.addr))?;
    listener.set_reuse_address(true)?;
    // Accepted sockets inherit both options.
    listener.set_tcp_nodelay(true)?;
    if let Some(bytes) = plan.send_buffer {
        listener.set_send_buffer_size(bytes)?;
    }
    listener.set_nonblocking(true)?;
    listener.bind(&plan.addr.into())?;
    listener.listen(BACKLOG)?;
    Ok(listener)
}

#[derive(Debug)]
struct Shared {
    plan: OriginPlan,
    listener: Socket,
    stopped: UnixStream,
    stop: AtomicBool,
    /// The number of workers that wait on the listener.
    idle: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    park: Park,
    counters: Counters,
    finished: Arc<Progress>,
}

impl Shared {
    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut threads = self.threads();
        threads.push(thread::Builder::new().name("origin".into()).spawn(work)?);
        Ok(())
    }

    fn spawn_worker(self: &Arc<Self>) -> io::Result<()> {
        self.idle.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(self);
        self.spawn(move || {
            // Without an epoll of its own (no free descriptor) a worker cannot wait; the others still can.
            if shared.work().is_err() {
                shared.idle.fetch_sub(1, Ordering::SeqCst);
            }
        })
        .inspect_err(|_| {
            self.idle.fetch_sub(1, Ordering::SeqCst);
        })
    }

    fn work(self: &Arc<Self>) -> io::Result<()> {
        let epoll = Epoll::new()?;
        epoll.add(self.listener.as_fd(), Watch::ReadableExclusive)?;
        epoll.add(self.stopped.as_fd(), Watch::Readable)?;
        let (mut ready, mut buffer) = (Vec::new(), buffer());
        loop {
            epoll.wait(None, &mut ready)?;
            if self.stop.load(Ordering::SeqCst) {
                return Ok(());
            }
            match self.listener.accept() {
                Ok((socket, _)) => {
                    if self.idle.fetch_sub(1, Ordering::SeqCst) == 1 && self.threads().len() < MAX_WORKERS {
                        // If no thread can be spawned, the next connection waits until one is free.
                        let _ = self.spawn_worker();
                    }
                    self.serve(socket, &mut buffer);
                    self.idle.fetch_add(1, Ordering::SeqCst);
                }
                // Another worker was faster, or the client has left.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock
                            | io::ErrorKind::ConnectionAborted
                            | io::ErrorKind::Interrupted
                    ) => {}
                // No free descriptor: the connection stays in the queue and the listener readable, so pause.
                Err(_) => {
                    let _ = io::Read::read(&mut &self.stopped, &mut [0]);
                }
            }
        }
    }

    fn serve(&self, socket: Socket, buffer: &mut [u8]) {
        Counters::one(&self.counters.accepted);
        let limit = Limit::Quiet { patience: self.plan.patience, stop: &self.stop };
        let result =
            Link::accepted(socket, self.plan.transport).map_err(|_| ErrorKind::Other).and_then(|link| {
                if let Some(PathState::Mptcp { .. }) = link.path() {
                    Counters::one(&self.counters.mptcp);
                }
                match serve(&link, limit, buffer) {
                    Ok(After::Park) => {
                        self.park.add(link).map(|()| After::Park).map_err(|_| ErrorKind::Other)
                    }
                    Ok(after) => Ok(after),
                    Err(failure) => {
                        if let Failure::Timeout { .. } = failure {
                            link.abort();
                        }
                        Err(failure.kind())
                    }
                }
            });
        match result {
            Ok(After::Park) => return,
            Ok(After::Nothing) => {
                Counters::one(&self.counters.silent);
                return;
            }
            Ok(After::Close) => {}
            // Ended by the stop, which is not a failure.
            Err(ErrorKind::Timeout) if self.stop.load(Ordering::SeqCst) => {}
            Err(ErrorKind::Mismatch) => {
                Counters::one(&self.counters.mismatched);
            }
            Err(_) => {
                Counters::one(&self.counters.failed);
            }
        }
        self.finished.add(1);
    }

    fn keep_park(&self) {
        // Without it held connections stay open until the origin stops, which is their purpose.
        let _ = self.park.run(self.stopped.as_fd(), || self.finished.add(1));
    }
}
