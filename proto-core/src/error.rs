//! Errors of a transport's operations: each names the operation, the address and the cause.
//!
//! Each error is defined beside its operation. This module lists them all, with the types that they share:
//!
//! * [`BindError`]: making a listening socket.
//! * [`AcceptError`]: accepting the next connection of a listener.
//! * [`ConnectError`] and its [`ConnectFailure`]: connecting to a server.
//! * [`LayerError`]: the handshake of a layer.
//! * [`AddressError`], [`HostError`], [`InheritedError`]: reading an address, reading its host, and identifying an
//!   inherited socket.
//! * [`KeywordError`]: the argument of a keyword. [`RegistryError`]: the protocols linked into a binary.

use std::fmt;

pub use crate::address::{AddressError, InheritedError};
pub use crate::bind::BindError;
pub use crate::connect::{ConnectError, ConnectFailure};
use crate::descriptor::{Descriptor, Kind};
pub use crate::extension::KeywordError;
pub use crate::family::HostError;
pub use crate::layer::LayerError;
pub use crate::listener::AcceptError;
pub use crate::registry::RegistryError;

/// A setting that was not applied, without which the operation continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The name of the protocol.
    pub protocol: &'static str,
    /// The bind or server address.
    pub address: String,
    /// What was not applied, and why.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.address, self.protocol, self.message)
    }
}

/// The reason why a protocol cannot do at all what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A protocol that carries something else.
    #[error("{protocol} is a {found} protocol, not a {asked} one")]
    WrongKind {
        /// The name of the protocol.
        protocol: &'static str,
        /// What the protocol carries.
        found: Kind,
        /// What it was asked to carry.
        asked: Kind,
    },
    /// A protocol whose name is known, and which this binary does not contain.
    #[error("{protocol} is known, but not built into this binary")]
    NotBuiltIn {
        /// The name of the protocol.
        protocol: &'static str,
    },
    /// An address of a family that the protocol does not serve.
    #[error("{protocol} does not serve addresses of the family {family}")]
    WrongFamily {
        /// The name of the protocol.
        protocol: &'static str,
        /// The family of the address.
        family: crate::family::Family,
    },
    /// A setting of the line that the protocol cannot follow.
    #[error("{0}")]
    Policy(String),
}

impl Refusal {
    /// Returns the refusal of a protocol that was asked for another kind than its own.
    pub fn wrong_kind(descriptor: &Descriptor, asked: Kind) -> Refusal {
        Refusal::WrongKind { protocol: descriptor.name, found: descriptor.kind, asked }
    }
}

/// A step in the life of a listening or connecting socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `socket`
    Create,
    /// Taking over a socket that another process made.
    Inherit,
    /// `bind`
    Bind,
    /// `listen`
    Listen,
    /// Ceasing to listen.
    Suspend,
    /// `dup`
    Duplicate,
    /// `connect`
    Connect,
    /// Registering with the runtime.
    Register,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Create => "create a socket",
            Step::Inherit => "take over the inherited socket",
            Step::Bind => "bind",
            Step::Listen => "listen",
            Step::Suspend => "suspend",
            Step::Duplicate => "duplicate the socket",
            Step::Connect => "connect",
            Step::Register => "register the socket with the runtime",
        })
    }
}
