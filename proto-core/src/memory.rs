//! An in-memory transport, for tests of logic without sockets and with a paused clock.
//!
//! Each [`MemoryTransport`] is a network of its own, and addresses are names in it. It follows the contracts of the
//! traits (half-close, reset, back-pressure, a full backlog), so what works on it works on a socket.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::address::{Address, Host, OtherAddress};
use crate::error::{AcceptError, BindError, ConnectError, Refusal, Step};
use crate::family::{Family, FamilyEntry};
use crate::info::ConnectionInfo;
use crate::kernel::Kernel;
use crate::options::SocketOption;
use crate::prefix::Prefix;
use crate::protocol::{
    Bound, BoundSocket, Connectable, Connector, Descriptor, Incoming, Kind, Listener, Protocol, SocketType,
};
use crate::spec::{BindSpec, ServerSpec, Target};
use crate::stream::{Lack, Stream, Support};

/// The address family of the transport.
pub const FAMILY: Family = Family::new("memory");

/// The parser of the family's addresses; an empty name lets `bind` choose one.
pub const FAMILY_ENTRY: FamilyEntry =
    FamilyEntry { family: FAMILY, parse: |name| Ok(Host::Other(other(name))) };

/// The prefix that selects the transport.
pub const PREFIX: Prefix = Prefix::protocols(
    "memory@",
    &[FAMILY],
    SocketType::Stream,
    &["memory"],
    "a name in the memory of this process",
);

/// The number of bytes that each direction of a connection holds before a writer waits.
const CAPACITY: usize = 64 * 1024;
/// The number of connections that wait to be accepted before a connector waits.
const BACKLOG: usize = 128;

static DESCRIPTOR: Descriptor = Descriptor {
    name: "memory",
    kind: Kind::Stream,
    families: &[FAMILY],
    place: None,
    help: "streams within this process",
};

/// Returns the address with this name.
pub fn address(name: &str) -> Address {
    Address::Other(other(name))
}

fn other(name: &str) -> OtherAddress {
    OtherAddress::new(FAMILY, name)
}

fn wrong_family(address: &Address) -> Option<Refusal> {
    let family = address.family();
    (family != FAMILY).then_some(Refusal::WrongFamily { protocol: DESCRIPTOR.name, family })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stores the task's waker, unless it is there already.
fn remember(wakers: &mut Vec<Waker>, cx: &Context<'_>) {
    if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
        wakers.push(cx.waker().clone());
    }
}

/// An in-memory network and its transport.
#[derive(Clone, Debug, Default)]
pub struct MemoryTransport {
    network: Arc<Mutex<Network>>,
}

#[derive(Debug, Default)]
struct Network {
    sockets: HashMap<Address, Arc<Mutex<Queue>>>,
    names: u64,
}

/// The accept queue of one address, shared by the handles of its socket.
#[derive(Debug, Default)]
struct Queue {
    listening: bool,
    backlog: usize,
    waiting: VecDeque<MemoryIncoming>,
    acceptors: Vec<Waker>,
    connectors: Vec<Waker>,
}

impl Queue {
    fn wake_connectors(&mut self) {
        self.connectors.drain(..).for_each(Waker::wake);
    }
}

impl Protocol for MemoryTransport {
    fn descriptor(&self) -> &Descriptor {
        &DESCRIPTOR
    }

    fn bind(&self, spec: BindSpec, _kernel: &Kernel) -> Result<Bound, BindError> {
        if let Some(refusal) = wrong_family(&spec.address) {
            return Err(BindError::refused(&spec.address, refusal));
        }
        let mut network = lock(&self.network);
        let mut address = spec.address;
        if matches!(&address, Address::Other(other) if other.host().is_empty()) {
            network.names += 1;
            address = self::address(&format!("unnamed-{}", network.names));
        }
        if network.sockets.contains_key(&address) {
            return Err(BindError::system(
                Step::Bind,
                &address,
                io::Error::from_raw_os_error(libc::EADDRINUSE),
            ));
        }
        let backlog = spec.settings.options.find(|option| match option {
            SocketOption::Backlog(backlog) => Some(*backlog as usize),
            _ => None,
        });
        let queue = Queue { backlog: backlog.unwrap_or(BACKLOG), ..Queue::default() };
        let queue = Arc::new(Mutex::new(queue));
        network.sockets.insert(address.clone(), Arc::clone(&queue));
        let name = Arc::new(Name { network: Arc::clone(&self.network), address: address.clone() });
        Ok(Bound { socket: Box::new(MemorySocket { queue, name }), address, warnings: Vec::new() })
    }

    fn connector(&self, spec: ServerSpec, _kernel: &Kernel) -> Result<Connectable, ConnectError> {
        if let Some(refusal) = wrong_family(&spec.address) {
            return Err(ConnectError::refused(refusal));
        }
        let connector = MemoryConnector { network: Arc::clone(&self.network) };
        Ok(Connectable { connector: Arc::new(connector), warnings: Vec::new() })
    }
}

/// A name in use; it is released when the last handle is dropped.
#[derive(Debug)]
struct Name {
    network: Arc<Mutex<Network>>,
    address: Address,
}

impl Drop for Name {
    fn drop(&mut self) {
        let queue = lock(&self.network).sockets.remove(&self.address);
        if let Some(queue) = queue {
            let mut queue = lock(&queue);
            queue.listening = false;
            queue.waiting.clear();
            queue.wake_connectors();
        }
    }
}

/// A bound socket and a listener: neither belongs to a reactor, so one type serves as both.
#[derive(Clone, Debug)]
struct MemorySocket {
    queue: Arc<Mutex<Queue>>,
    name: Arc<Name>,
}

impl BoundSocket for MemorySocket {
    fn local_addr(&self) -> &Address {
        &self.name.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        Ok(Box::new(self.clone()))
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        lock(&self.queue).listening = true;
        Ok(self)
    }

    fn suspend(&self) -> Result<(), BindError> {
        let mut queue = lock(&self.queue);
        queue.listening = false;
        let lost: Vec<_> = queue.waiting.drain(..).collect();
        queue.wake_connectors();
        drop(queue);
        lost.into_iter().for_each(|incoming| Box::new(incoming.0).abort());
        Ok(())
    }
}

impl Listener for MemorySocket {
    fn local_addr(&self) -> &Address {
        &self.name.address
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        let mut queue = lock(&self.queue);
        match queue.waiting.pop_front() {
            Some(incoming) => {
                queue.wake_connectors();
                Poll::Ready(Ok(Box::new(incoming)))
            }
            None => {
                remember(&mut queue.acceptors, cx);
                Poll::Pending
            }
        }
    }

    fn refuse_new(&self) -> bool {
        let mut queue = lock(&self.queue);
        queue.listening = false;
        queue.wake_connectors();
        true
    }

    fn expects_more(&self) -> bool {
        false
    }
}

#[derive(Debug)]
struct MemoryConnector {
    network: Arc<Mutex<Network>>,
}

#[async_trait]
impl Connector for MemoryConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let to = &target.address;
        if let Some(refusal) = wrong_family(to) {
            return Err(ConnectError::refused(refusal));
        }
        let refused =
            || ConnectError::system(Step::Connect, to, io::Error::from_raw_os_error(libc::ECONNREFUSED));
        let (queue, local) = {
            let mut network = lock(&self.network);
            let queue = network.sockets.get(to).cloned().ok_or_else(refused)?;
            network.names += 1;
            (queue, address(&format!("client-{}", network.names)))
        };
        let (client, server) = pair(local, to.clone());
        let mut server = Some(MemoryIncoming(server));
        std::future::poll_fn(|cx| {
            let mut queue = lock(&queue);
            if !queue.listening {
                return Poll::Ready(Err(refused()));
            }
            if queue.waiting.len() >= queue.backlog {
                remember(&mut queue.connectors, cx);
                return Poll::Pending;
            }
            queue.waiting.extend(server.take());
            queue.acceptors.drain(..).for_each(Waker::wake);
            Poll::Ready(Ok(()))
        })
        .await?;
        Ok(Box::new(client))
    }
}

/// A connection on its way from one worker to another.
struct MemoryIncoming(MemoryStream);

impl fmt::Debug for MemoryIncoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryIncoming({})", self.0.peer)
    }
}

impl Incoming for MemoryIncoming {
    fn peer_addr(&self) -> &Address {
        &self.0.peer
    }

    fn into_stream(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.0))
    }
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// Whether the writer has finished: the reader sees end of file after the bytes.
    finished: bool,
    /// Whether the reader was dropped: writing is then an error.
    reader_dropped: bool,
    /// Whether the connection was reset, which both ends see.
    reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn wake(&mut self) {
        [self.reader.take(), self.writer.take()].into_iter().flatten().for_each(Waker::wake);
    }
}

/// Returns two connected streams: the client's, and the server's.
pub fn pair(client: Address, server: Address) -> (MemoryStream, MemoryStream) {
    let (up, down) = (Arc::<Mutex<Pipe>>::default(), Arc::<Mutex<Pipe>>::default());
    let first = MemoryStream {
        read: Arc::clone(&down),
        write: Arc::clone(&up),
        local: client.clone(),
        peer: server.clone(),
    };
    (first, MemoryStream { read: up, write: down, local: server, peer: client })
}

/// One end of a connection.
#[derive(Debug)]
pub struct MemoryStream {
    read: Arc<Mutex<Pipe>>,
    write: Arc<Mutex<Pipe>>,
    local: Address,
    peer: Address,
}

impl AsyncRead for MemoryStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut pipe = lock(&self.read);
        if pipe.reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if pipe.bytes.is_empty() && !pipe.finished && buf.remaining() > 0 {
            pipe.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let (front, _) = pipe.bytes.as_slices();
        let length = front.len().min(buf.remaining());
        buf.put_slice(&front[..length]);
        pipe.bytes.drain(..length);
        if let Some(writer) = pipe.writer.take() {
            writer.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut pipe = lock(&self.write);
        if pipe.reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if pipe.reader_dropped || pipe.finished {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut room = CAPACITY - pipe.bytes.len();
        if room == 0 {
            pipe.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut written = 0;
        for buf in bufs {
            let length = buf.len().min(room);
            pipe.bytes.extend(&buf[..length]);
            written += length;
            room -= length;
        }
        if let Some(reader) = pipe.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut pipe = lock(&self.write);
        pipe.finished = true;
        pipe.wake();
        Poll::Ready(Ok(()))
    }
}

impl Stream for MemoryStream {
    fn peer_addr(&self) -> Address {
        self.peer.clone()
    }

    fn local_addr(&self) -> Address {
        self.local.clone()
    }

    fn info(&self) -> ConnectionInfo {
        ConnectionInfo::ordinary(DESCRIPTOR.name)
    }

    fn abort(self: Box<Self>) {
        for pipe in [&self.read, &self.write] {
            let mut pipe = lock(pipe);
            pipe.reset = true;
            pipe.bytes.clear();
            pipe.wake();
        }
    }

    fn set_option(&self, _option: &SocketOption) -> io::Result<Support> {
        Ok(Support::Unsupported(Lack::Protocol("there is no socket below")))
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        Ok(Box::new(MemoryIncoming(*self)))
    }
}

impl Drop for MemoryStream {
    fn drop(&mut self) {
        let mut write = lock(&self.write);
        write.finished = true;
        write.wake();
        drop(write);
        let mut read = lock(&self.read);
        read.reader_dropped = true;
        read.wake();
    }
}
