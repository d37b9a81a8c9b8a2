//! The traits that every transport implements, and the stages of a socket's life.
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
//! runtime panics. So a stage that may cross threads is never registered, and one that is registered never crosses.

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
/// Implementations hold no connections; the registry has one value of each, and every thread may call it. `bind` and
/// `connector` refuse by default, with an error that names the kind of the protocol, so a protocol implements only
/// what it supports.
pub trait Protocol: fmt::Debug + Send + Sync + 'static {
    /// Returns the description of the protocol.
    fn descriptor(&self) -> &Descriptor;

    /// Returns the reason why the protocol cannot serve a kind at all, which is known before anything is opened.
    fn refuses(&self, kind: Kind) -> Option<Refusal> {
        let descriptor = self.descriptor();
        (descriptor.kind != kind).then(|| Refusal::wrong_kind(descriptor, kind))
    }

    /// Makes a socket for listening: created, its options set, bound, not yet listening.
    ///
    /// Synchronous and without a runtime, since it runs before privileges are dropped. Options that the kernel refuses
    /// are returned as warnings, and the bind continues without them. A socket that was passed in [`BindSpec::socket`]
    /// is used as it is and never bound again. Nothing is left behind on an error.
    ///
    /// # Errors
    /// [`BindError`] names the step, the address and the cause.
    fn bind(&self, spec: BindSpec, kernel: &Kernel) -> Result<Bound, BindError> {
        let _ = kernel;
        Err(BindError::refused(&spec.address, Refusal::wrong_kind(self.descriptor(), Kind::Stream)))
    }

    /// Makes the connector of one server, once per server. Options that the kernel refuses are detected here with a
    /// temporary socket, so that they are reported once and not for every connection.
    ///
    /// # Errors
    /// Returns a [`ConnectError`] if the protocol cannot connect at all.
    fn connector(&self, spec: ServerSpec, kernel: &Kernel) -> Result<Connectable, ConnectError> {
        let (_, _) = (spec, kernel);
        Err(ConnectError::refused(Refusal::wrong_kind(self.descriptor(), Kind::Stream)))
    }

    /// Returns the address of an inherited socket (`fd@N`) if it is one of this protocol's.
    ///
    /// Only a socket that itself proves this may be claimed. If its family is one that this crate knows, its address
    /// is in `socket`; for any other family, or for a proof that `socket` does not contain, ask `fd`.
    fn owns(&self, socket: &SocketFacts, fd: BorrowedFd<'_>) -> Option<Address> {
        let (_, _) = (socket, fd);
        None
    }
}
