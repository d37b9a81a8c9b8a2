//! HTTP messages without I/O: the messages that the proxy, its rules and its logs use, independent of a version of
//! HTTP, and the codec of HTTP/1 that reads and writes them.
//!
//! * [`Request`], [`Response`]: heads. Their bytes are in one arena, with an index of [`Fields`]; a change appends
//!   to the arena and updates the index. A codec fills them in place.
//! * [`BodyLength`]: the length of the body after a head, as far as it is known.
//! * [`Target`], [`list`], [`cookies`], [`forwarded`], [`token`], [`hex`], [`reason`]: the parts of heads, for code that
//!   reads them.
//! * [`h1`]: HTTP/1.0 and 1.1 (RFC 9112), from bytes to heads and bodies and back.
//!
//! This crate has no sockets and no clock, and does not depend on the proxy.

mod body;
pub mod cookies;
mod fields;
pub mod forwarded;
pub mod h1;
pub mod hex;
pub mod list;
mod method;
mod reason;
mod request;
mod response;
mod target;
pub mod token;
mod version;
mod wire;

pub use body::BodyLength;
pub use fields::{Field, Fields, TooLarge};
pub use method::Method;
pub use reason::reason;
pub use request::Request;
pub use response::Response;
pub use target::{Target, TargetForm};
pub use version::Version;
