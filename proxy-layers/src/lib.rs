//! Braid's own layers: bytes at the beginning of a connection that carry its addresses, or make a proxy connect to
//! its target.
//!
//! * [`proxy_protocol`]: the PROXY protocol, versions 1 and 2, read and written.
//! * [`netscaler`]: the client IP header of NetScaler, read.
//! * [`socks4`]: the request to a SOCKS4 proxy, and its response.
//!
//! These modules have no I/O. A reader gets all bytes received so far and returns a [`Progress`], or a [`Refused`]
//! with the [`ErrorCode`] that `fc_err` has for it. They accept and refuse what HAProxy 3.5 does, byte for byte,
//! including where that is laxer than the protocol's specification: a client that can connect to HAProxy today can
//! connect to Braid.
//!
//! There is one difference. HAProxy reads a header once, from the bytes of its first successful read, and refuses
//! one that is incomplete then as truncated. The readers here return [`Progress::NeedMore`] for exactly those bytes
//! of which more could still make a header, so that the caller can do either: wait for the rest under a deadline,
//! or refuse with the code that HAProxy has for them (`ended`).

mod accept_cip;
mod accept_proxy;
mod addresses;
mod code;
mod expect;
pub mod netscaler;
mod progress;
pub mod proxy_protocol;
mod receive;
mod samples;
mod send_proxy;
pub mod socks4;
mod tlv_formats;
mod via_socks4;

pub use addresses::Addresses;
pub use code::{ErrorCode, Refused};
pub use progress::Progress;

/// The most bytes of a header that are read: HAProxy's default `tune.bufsize`, into which a header has to fit.
pub const HEADER_MAX: usize = 16_384;
