//! What a transport is: the traits that every one implements, and the stages a socket lives through.
//!
//! ```text
//!  Protocol::bind ──► BoundSocket ──listen──► Listener ──accept──► Incoming ──into_stream──► Stream
//!  (start-up, no      (Send; may be          (one worker's         (Send; belongs to         (one worker's
//!   runtime)           passed on)             reactor)              no reactor)               reactor)
//!                                                                      ▲                        │
//!  Protocol::connector ──► Connector ──connect──► Stream               └────────detach──────────┘
//! ```
//!
//! Each stage is a type because a tokio socket belongs to the reactor of the runtime it was registered in. A socket
//! that is accepted on one worker and read on another waits for the first one's reactor, and registering outside a
//! runtime panics. What may cross threads is therefore never registered, and what is registered never crosses.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;

use crate::address::{Address, SocketFacts};
use crate::error::{AcceptError, BindError, ConnectError, Refusal, Warning};
use crate::family::Family;
use crate::kernel::Kernel;
use crate::spec::{BindSpec, ServerSpec, Target};
use crate::stream::Stream;

/// What a protocol carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One byte stream per connection.
    Stream,
    /// Sessions of many streams. The kind exists; calls for it come with the first transport that has it.
    Multiplexed,
    /// Datagrams, for log targets and name servers.
    Datagram,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Stream => "stream",
            Kind::Multiplexed => "multiplexed",
            Kind::Datagram => "datagram",
        })
    }
}

/// The row of the family table: the type of the socket below, not of what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocketType {
    /// `SOCK_STREAM`.
    Stream,
    /// `SOCK_DGRAM`.
    Datagram,
}

impl fmt::Display for SocketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SocketType::Stream => "stream",
            SocketType::Datagram => "datagram",
        })
    }
}

/// Which of the two cells of a family and type: HAProxy's table has an alternative beside each default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// What an address without a prefix of its own gets.
    Default,
    /// The alternative: MPTCP beside TCP, plain datagrams beside QUIC.
    Alternate,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Slot::Default => "default",
            Slot::Alternate => "alternate",
        })
    }
}

/// One cell of the family table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The family.
    pub family: Family,
    /// The row.
    pub socket_type: SocketType,
    /// Which of the two.
    pub slot: Slot,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.family, self.socket_type, self.slot)
    }
}

/// What a protocol is, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The unique name, such as `mptcpv4`.
    pub name: &'static str,
    /// What it carries.
    pub kind: Kind,
    /// The families it serves.
    pub families: &'static [Family],
    /// Its place in the table, taken once for each family. Without one it is reached only by a prefix of its own.
    pub place: Option<(SocketType, Slot)>,
    /// One line for listings.
    pub help: &'static str,
}

impl Descriptor {
    /// The cells it takes.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let place = self.place;
        self.families
            .iter()
            .filter_map(move |&family| place.map(|(socket_type, slot)| Cell { family, socket_type, slot }))
    }
}

/// A transport.
///
/// Implementations are values without connections of their own; the registry holds one of each and every thread may
/// call it. `bind` and `connector` refuse by default, with an error that says which kind the protocol really is, so a
/// protocol implements what it has.
pub trait Protocol: fmt::Debug + Send + Sync + 'static {
    /// What it is.
    fn descriptor(&self) -> &Descriptor;

    /// Why nothing of a kind can be had of it, if that is so: known before anything is opened.
    fn refuses(&self, kind: Kind) -> Option<Refusal> {
        let descriptor = self.descriptor();
        (descriptor.kind != kind).then(|| Refusal::wrong_kind(descriptor, kind))
    }

    /// Makes a socket for listening: created, options set, bound, not yet listening.
    ///
    /// Synchronous and without a runtime, since it runs before privileges are dropped. Options that the kernel refuses
    /// come back as warnings; the bind goes on without them. A socket that was handed over in
    /// [`BindSpec::socket`] is taken as it is and never bound again. Nothing is left behind on an error.
    ///
    /// # Errors
    /// [`BindError`] names the step, the address and the cause.
    fn bind(&self, spec: BindSpec, kernel: &Kernel) -> Result<Bound, BindError> {
        let _ = kernel;
        Err(BindError::refused(&spec.address, Refusal::wrong_kind(self.descriptor(), Kind::Stream)))
    }

    /// Makes what connects to one server, once per server. What the kernel refuses is found here, by a throw-away
    /// socket, so that it is said once and not on every connection.
    ///
    /// # Errors
    /// [`ConnectError`] when the protocol cannot connect at all.
    fn connector(&self, spec: ServerSpec, kernel: &Kernel) -> Result<Connectable, ConnectError> {
        let (_, _) = (spec, kernel);
        Err(ConnectError::refused(Refusal::wrong_kind(self.descriptor(), Kind::Stream)))
    }

    /// Whether a socket that somebody else made belongs to this protocol.
    fn owns(&self, socket: &SocketFacts) -> bool {
        let _ = socket;
        false
    }
}

/// What [`Protocol::bind`] gives.
#[derive(Debug)]
pub struct Bound {
    /// The socket.
    pub socket: Box<dyn BoundSocket>,
    /// The address really bound: port 0 has become a port.
    pub address: Address,
    /// What the kernel refused.
    pub warnings: Vec<Warning>,
}

/// What [`Protocol::connector`] gives.
#[derive(Debug)]
pub struct Connectable {
    /// What connects.
    pub connector: Arc<dyn Connector>,
    /// What the kernel refused.
    pub warnings: Vec<Warning>,
}

/// A socket that holds its address and does not listen yet (or was inherited listening).
///
/// It belongs to no reactor: it can be made on one thread, duplicated for others, and handed to another process.
/// Dropping it gives the address back if nobody else holds the socket.
pub trait BoundSocket: fmt::Debug + Send {
    /// The address really bound.
    fn local_addr(&self) -> &Address;

    /// A second handle to the same socket. Its listeners share one accept queue with this one's.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError>;

    /// Makes the address lead to this socket where binding alone does not: a UNIX path that an earlier process still
    /// serves is replaced now. To be called once all binds have succeeded and while the privileges are still there;
    /// [`listen`](Self::listen) does it otherwise. Twice is as good as once.
    ///
    /// # Errors
    /// When the system refuses; the address then leads where it led before.
    fn publish(&self) -> Result<(), BindError> {
        Ok(())
    }

    /// Says that another process holds the socket too and goes on with it: dropping the last handle here takes
    /// nothing away that the address needs, such as the file of a UNIX socket, and neither [`suspend`](Self::suspend)
    /// nor [`Listener::refuse_new`] touches it any more.
    fn hand_over(&self) {}

    /// Starts listening, unless the socket listens already, and registers with the runtime of the calling thread.
    ///
    /// # Errors
    /// When the kernel refuses, or there is no runtime on this thread.
    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError>;

    /// Stops taking connections while the address stays bound; connections still in the queue are reset.
    /// [`listen`](Self::listen) of this or another handle starts again.
    ///
    /// Never call it on a socket that another process shares: it would stop there too.
    ///
    /// # Errors
    /// When the kernel refuses.
    fn suspend(&self) -> Result<(), BindError>;

    /// The descriptor to hand to another process; `None` for a transport without one.
    fn as_fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// A listening socket on one worker.
///
/// `Send` so that it can be held in a structure that is, but it serves the runtime it was made on.
pub trait Listener: fmt::Debug + Send {
    /// The address it listens on.
    fn local_addr(&self) -> &Address;

    /// Takes the next connection, or arranges for a wake-up.
    ///
    /// Never waits for the peer's payload. One task polls one listener: only the last waker is kept. Being polled no
    /// further loses nothing, because a connection is either in the kernel's queue or has been returned; so a future
    /// made of this ([`accept`]) is cancel-safe. To take a batch, poll until `Pending`.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>>;

    /// Shuts the door and keeps those who are inside: connections that the kernel has accepted can still be taken,
    /// new ones are refused. What is left to do before dropping a listener that nobody takes over.
    ///
    /// Returns whether the transport could; if not, dropping resets whoever arrives meanwhile. It does so on the
    /// socket, for every process that shares it.
    fn refuse_new(&self) -> bool {
        false
    }
}

/// [`Listener::poll_accept`] as a future; cancel-safe.
///
/// # Errors
/// As `poll_accept`.
pub async fn accept(listener: &dyn Listener) -> Result<Box<dyn Incoming>, AcceptError> {
    std::future::poll_fn(|cx| listener.poll_accept(cx)).await
}

/// A connection that belongs to no reactor: just accepted, or detached from the worker that had it.
///
/// Dropping it closes the connection.
pub trait Incoming: fmt::Debug + Send {
    /// Who it is, unmapped.
    fn peer_addr(&self) -> &Address;

    /// Registers it with the runtime of the calling thread. Never waits.
    ///
    /// # Errors
    /// When there is no runtime on this thread or it takes no more; the connection is closed then.
    fn into_stream(self: Box<Self>) -> std::io::Result<Box<dyn Stream>>;
}

/// Connects to one server.
#[async_trait]
pub trait Connector: fmt::Debug + Send + Sync {
    /// Connects, on the runtime of the calling thread.
    ///
    /// Dropping the future gives the attempt up and closes the socket. Waits as long as the kernel does (over two
    /// minutes for TCP to an address that does not answer): the caller brings the deadline, see
    /// [`connect_within`].
    ///
    /// # Errors
    /// [`ConnectError`] says which step failed and of what kind the failure is.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError>;
}

/// [`Connector::connect`] with a deadline, which is an error like the others.
///
/// # Errors
/// As `connect`, and a time-out.
pub async fn connect_within(
    connector: &dyn Connector,
    target: &Target,
    limit: std::time::Duration,
) -> Result<Box<dyn Stream>, ConnectError> {
    match tokio::time::timeout(limit, connector.connect(target)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::timed_out(&target.address, limit)),
    }
}
