//! Errors of a transport's operations: each names the operation, the address and the cause.
//!
//! An error stands beside its operation; here they all are, with what they share:
//!
//! * [`BindError`]: making a listening socket.
//! * [`AcceptError`]: taking the next connection of one.
//! * [`ConnectError`] and its [`ConnectFailure`]: connecting to a server.
//! * [`LayerError`]: the handshake of a layer.
//! * [`AddressError`], [`HostError`], [`InheritedError`]: reading an address, its host, and finding out what an
//!   inherited socket is.
//! * [`KeywordError`]: the argument of a keyword. [`RegistryError`]: what is linked into a binary.

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

/// Something asked for that was not done; the work goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The protocol.
    pub protocol: &'static str,
    /// The bind or server address.
    pub address: String,
    /// What was not done, and why.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.address, self.protocol, self.message)
    }
}

/// A protocol cannot do what it was asked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It carries something else.
    #[error("{protocol} is a {found} protocol, not a {asked} one")]
    WrongKind {
        /// The protocol.
        protocol: &'static str,
        /// What it carries.
        found: Kind,
        /// What it was asked for.
        asked: Kind,
    },
    /// It only holds a place.
    #[error("{protocol} is known, not built into this binary")]
    NotBuiltIn {
        /// The protocol.
        protocol: &'static str,
    },
    /// An address of a family it does not serve.
    #[error("{protocol} does not serve addresses of the family {family}")]
    WrongFamily {
        /// The protocol.
        protocol: &'static str,
        /// The family.
        family: crate::family::Family,
    },
    /// A setting of the line cannot be kept.
    #[error("{0}")]
    Policy(String),
}

impl Refusal {
    /// A protocol asked for a kind that it is not.
    pub fn wrong_kind(descriptor: &Descriptor, asked: Kind) -> Refusal {
        Refusal::WrongKind { protocol: descriptor.name, found: descriptor.kind, asked }
    }
}

/// A step in the life of a listening or connecting socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `socket`
    Create,
    /// Taking over a socket that somebody else made.
    Inherit,
    /// `bind`
    Bind,
    /// `listen`
    Listen,
    /// Stopping to listen.
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
