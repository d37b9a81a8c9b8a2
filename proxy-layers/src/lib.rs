//! The product's own layers: what precedes the bytes of a connection to tell its addresses, or to reach its target.
//!
//! * [`proxy_protocol`]: the PROXY protocol, versions 1 and 2, read and written.
//! * [`netscaler`]: the client IP header of NetScaler, read.
//! * [`socks4`]: the request to a SOCKS4 proxy, and its answer.
//!
//! These modules have no I/O. A reader gets all bytes so far and answers a [`Progress`], or a [`Refused`] with the
//! [`ErrorCode`] that `fc_err` has for it. They accept and refuse what HAProxy 3.5 does, byte for byte, including
//! where that is laxer than the protocol's specification: whoever sends to an HAProxy today can send to Braid.
//!
//! HAProxy differs in one thing. It looks at a header once, at whatever its first successful read finds, and refuses
//! what is not whole then as truncated. The readers here answer [`Progress::NeedMore`] for exactly those bytes of which
//! more could still make a header, so that both can be done: to wait for the rest under a deadline, or to refuse with
//! the code that HAProxy has for them (`ended`).

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

/// The most bytes of a header that are looked at: HAProxy's default `tune.bufsize`, into which a header has to fit.
pub const HEADER_MAX: usize = 16_384;
