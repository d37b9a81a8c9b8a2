//! HTTP messages without I/O: the neutral message that the proxy, its rules and its logs work on, and the codec of
//! HTTP/1 that fills and writes it.
//!
//! * [`Request`], [`Response`]: heads. Their bytes stand in one arena, with an index of [`Fields`]; what is changed is
//!   appended to the arena and the index is pointed to it. A codec fills them in place.
//! * [`BodyLength`]: what is known of the body that follows a head.
//! * [`Target`], [`list`], [`token`], [`hex`], [`reason`]: what heads are made of, for whoever looks into one.
//! * [`h1`]: HTTP/1.0 and 1.1 (RFC 9112), from bytes to heads and bodies and back.
//!
//! There is no socket here, no clock, and nothing of the proxy.

mod body;
mod fields;
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
