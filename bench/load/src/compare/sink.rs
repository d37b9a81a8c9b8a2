//! The log target of the proxies: a UDP socket whose lines are read and counted.
//!
//! It is emptied at intervals. A reader that waited on the socket would be woken by each line, at the expense of
//! the proxy that sends it, and take the core from client and origin as often: that would measure the reader.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

/// The most bytes of a line that are read. Longer lines are cut and still counted.
const LINE: usize = 2048;
/// The receive buffer: lines, with about 1 KiB that the kernel needs for each. The default of 208 KiB suffices for
/// 100,000 lines per second, as long as the thread gets to run.
const BUFFER: usize = 4 << 20;
const INTERVAL: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(crate) struct Sink {
    addr: SocketAddr,
    lines: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    pub(crate) fn start() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        // As large as the kernel allows; it does not report less.
        SockRef::from(&socket).set_recv_buffer_size(BUFFER)?;
        let addr = socket.local_addr()?;
        let (lines, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counter, stopped) = (Arc::clone(&lines), Arc::clone(&stop));
        let thread = thread::Builder::new().name("log-sink".into()).spawn(move || {
            let mut line = [0; LINE];
            while !stopped.load(Ordering::Relaxed) {
                while socket.recv(&mut line).is_ok() {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
                thread::park_timeout(INTERVAL);
            }
        })?;
        Ok(Self { addr, lines, stop, thread: Some(thread) })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the lines received so far; UDP may lose some.
    pub(crate) fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the thread has been reported where it happened.
            let _ = thread.join();
        }
    }
}
