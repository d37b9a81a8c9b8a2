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
use std::os::fd::BorrowedFd;

use crate::address::{Address, SocketFacts};
pub use crate::bind::{Bound, BoundSocket};
pub use crate::connect::{Connectable, Connector, connect_within};
pub use crate::descriptor::{Cell, Descriptor, Kind, Slot, SocketType};
use crate::error::{BindError, ConnectError, Refusal};
use crate::kernel::Kernel;
pub use crate::listener::{Listener, accept};
use crate::spec::{BindSpec, ServerSpec};
pub use crate::stream::{Incoming, Stream};

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

    /// The address of a socket that somebody else made (`fd@N`), if it is one of this protocol's.
    ///
    /// To be claimed only for what the socket itself proves. A socket of a family that this crate knows has its address
    /// in `socket`; of any other, and for a proof that `socket` does not hold, `fd` can be asked.
    fn owns(&self, socket: &SocketFacts, fd: BorrowedFd<'_>) -> Option<Address> {
        let (_, _) = (socket, fd);
        None
    }
}
