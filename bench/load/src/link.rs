//! One connected socket, blocking, with a limit on each call.
//!
//! A blocking call must neither outlast its deadline nor miss a stop, so sockets wake every [`SLICE`] to check.
//! That costs two `setsockopt` per connection and nothing while bytes flow.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::failure::{Failure, Step};
use crate::sys;

/// The longest delay of a deadline or a stop; short compared with the timeouts of people, long compared with the
/// cost of waking.
pub(crate) const SLICE: Duration = Duration::from_millis(100);

/// The transport of sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Mptcp,
}

impl Transport {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Mptcp => "mptcp",
        }
    }

    /// Checks whether the kernel provides such sockets here: MPTCP may not be built in, or be off in this network
    /// namespace.
    pub fn probe(self) -> io::Result<()> {
        self.socket(Domain::IPV4).map(drop)
    }

    pub(crate) fn socket(self, domain: Domain) -> io::Result<Socket> {
        let protocol = match self {
            Self::Tcp => Protocol::TCP,
            Self::Mptcp => Protocol::MPTCP,
        };
        Socket::new(domain, Type::STREAM, Some(protocol))
    }

    /// Returns the path of a connected socket; `None` for one that was made as TCP. A TCP client of an MPTCP
    /// listener is a fallback.
    pub(crate) fn path_of(self, socket: &Socket) -> Option<PathState> {
        match self {
            Self::Tcp => None,
            Self::Mptcp => Some(match sys::mptcp_subflows(socket.as_fd()) {
                Ok(subflows) => PathState::Mptcp { subflows },
                Err(_) => PathState::Fallback,
            }),
        }
    }
}

/// What an MPTCP socket is once it is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    Mptcp { subflows: u8 },
    Fallback,
}

/// The limit of a wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit<'a> {
    /// All work has to end by then.
    Until(Instant),
    /// No single call may last longer, and the flag ends all of them.
    Quiet { patience: Duration, stop: &'a AtomicBool },
}

impl Limit<'_> {
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        match self {
            Self::Until(end) => now >= *end,
            Self::Quiet { stop, .. } => stop.load(Ordering::Relaxed),
        }
    }

    /// Returns the end of a call that begins now.
    fn call_end(&self) -> Instant {
        match self {
            Self::Until(end) => *end,
            Self::Quiet { patience, .. } => Instant::now() + *patience,
        }
    }
}

/// The addresses of a client's connection, and its options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dial {
    pub(crate) addr: SocketAddr,
    pub(crate) transport: Transport,
    pub(crate) source: Option<IpAddr>,
    pub(crate) send_buffer: Option<usize>,
}

impl Dial {
    /// Begins to connect a non-blocking socket, and does not wait for it.
    pub(crate) fn begin(&self) -> io::Result<Socket> {
        let socket = self.socket()?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        match socket.connect(&self.addr.into()) {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
            _ => Ok(socket),
        }
    }

    fn socket(&self) -> io::Result<Socket> {
        let socket = self.transport.socket(Domain::for_address(self.addr))?;
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(source) = self.source {
            sys::bind_address_no_port(socket.as_fd())?;
            socket.bind(&SocketAddr::new(source, 0).into())?;
        }
        Ok(socket)
    }
}

#[derive(Debug)]
pub(crate) struct Link {
    socket: Socket,
    transport: Transport,
}

impl Link {
    pub(crate) fn connect(dial: &Dial, deadline: Instant) -> Result<Self, Failure> {
        let step = Step::Connect(dial.addr);
        let fail = |error| Failure::io(step, error);
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::Timeout { step });
        }
        let socket = dial.socket().map_err(fail)?;
        socket.connect_timeout(&SockAddr::from(dial.addr), left).map_err(fail)?;
        // Without it an echo in small pieces would wait for delayed acknowledgements, 40 ms each.
        socket.set_tcp_nodelay(true).map_err(fail)?;
        Self::sliced(socket, dial.transport).map_err(fail)
    }

    /// Wraps an accepted socket. It has the no-delay option from its listener.
    pub(crate) fn accepted(socket: Socket, transport: Transport) -> io::Result<Self> {
        Self::sliced(socket, transport)
    }

    fn sliced(socket: Socket, transport: Transport) -> io::Result<Self> {
        socket.set_read_timeout(Some(SLICE))?;
        socket.set_write_timeout(Some(SLICE))?;
        Ok(Self { socket, transport })
    }

    /// Reads what has arrived; 0 at the end of the stream.
    pub(crate) fn read(&self, buffer: &mut [u8], limit: Limit<'_>) -> Result<usize, Failure> {
        patiently(Step::Receive, limit, || (&self.socket).read(buffer))
    }

    /// Fills the buffer or fails; `expected` in the error is its length.
    pub(crate) fn read_exact(&self, buffer: &mut [u8], limit: Limit<'_>) -> Result<(), Failure> {
        let mut got = 0;
        while got < buffer.len() {
            match self.read(&mut buffer[got..], limit)? {
                0 => return Err(Failure::Short { got: got as u64, expected: buffer.len() as u64 }),
                count => got += count,
            }
        }
        Ok(())
    }

    /// Writes all of `data`, and calls `wrote` for each part that the kernel took.
    pub(crate) fn write_all(
        &self,
        mut data: &[u8],
        limit: Limit<'_>,
        mut wrote: impl FnMut(usize),
    ) -> Result<(), Failure> {
        while !data.is_empty() {
            let count = patiently(Step::Send, limit, || (&self.socket).write(data))?;
            wrote(count);
            data = &data[count..];
        }
        Ok(())
    }

    /// Sends FIN; reading goes on.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        self.socket.shutdown(Shutdown::Write).map_err(|error| Failure::io(Step::Finish, error))
    }

    /// Resets the connection. Closing is not enough to stop a peer that sends: on MPTCP (Linux 6.18) the peer sees
    /// nothing if all that it sent had been read, and waits.
    pub(crate) fn abort(self) {
        // Without the option the close below is an ordinary one, and the peer's own deadline ends it.
        let _ = self.socket.set_linger(Some(Duration::ZERO));
    }

    pub(crate) fn path(&self) -> Option<PathState> {
        self.transport.path_of(&self.socket)
    }

    /// Returns an error if an idle connection has ended, or has received unexpected bytes.
    pub(crate) fn is_idle(&self) -> Result<(), Failure> {
        let fail = |error| Failure::io(Step::Receive, error);
        self.socket.set_nonblocking(true).map_err(fail)?;
        match self.socket.peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => Err(Failure::Short { got: 0, expected: 1 }),
            Ok(got) => Err(Failure::Excess { got: got as u64, expected: 0 }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(fail(error)),
        }
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for Link {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// Repeats a call that ends every [`SLICE`] until it succeeds or the limit is reached.
fn patiently(
    step: Step,
    limit: Limit<'_>,
    mut call: impl FnMut() -> io::Result<usize>,
) -> Result<usize, Failure> {
    let mut call_end = None;
    // Checked before the first call, too: if bytes always flow, no call ever waits.
    while !limit.is_over(Instant::now()) {
        match call() {
            Ok(count) => return Ok(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // The first slice has passed before its end is set: late by one slice, free while bytes flow.
                if Instant::now() >= *call_end.get_or_insert_with(|| limit.call_end()) {
                    break;
                }
            }
            Err(error) => return Err(Failure::io(step, error)),
        }
    }
    Err(Failure::Timeout { step })
}
