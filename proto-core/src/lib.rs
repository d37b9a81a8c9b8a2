//! What a transport of Braid is, and everything that transports share.
//!
//! * [`protocol`] and [`stream`]: the traits, and the stages of a socket's life. [`error`]: their errors.
//! * [`registry`]: the table of protocols by family, type and slot; [`prefix`] and [`family`] select from it.
//! * [`address`]: the address language, from text to the address that a transport receives.
//! * [`options`]: socket options as data. [`kernel`]: what this machine offers.
//! * [`transport`]: the transport of kernel stream sockets, which TCP and MPTCP share.
//! * [`info`]: the neutral model of a connection and its paths. [`carriers`]: the part of it that needs no paths.
//! * [`extension`]: what else a transport can register: keywords, samples, sections, commands, counters, checks.
//! * [`layer`]: streams made of other streams. [`findings`]: what a layer's handshake learned about a connection.
//!
//! This crate does not depend on proxying, and no transport depends on another.

#![warn(missing_docs)]

pub mod accounts;
pub mod address;
mod bind;
pub mod carriers;
#[cfg(feature = "conformance")]
pub mod conformance;
mod connect;
pub mod datagram;
mod descriptor;
pub mod error;
pub mod extension;
mod extensions;
pub mod family;
pub mod findings;
pub mod info;
pub mod kernel;
pub mod layer;
mod listener;
pub mod memory;
pub mod options;
pub mod prefix;
pub mod protocol;
pub mod registry;
pub mod spec;
pub mod stream;
pub mod sys;
pub mod transport;
pub mod units;
mod value;
pub mod words;

/// Re-exported for the line with which a transport registers itself.
pub use inventory;
pub use protocol::Protocol;
pub use registry::{Registration, Registry};
