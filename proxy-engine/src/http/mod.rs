//! HTTP: the proxy between requests and responses.
//!
//! * `client`: a client's connection, from request to request. `transaction`: one exchange; `hooks`: its rules;
//!   `relaying`: the way to the server and back; `tunnel`: what may come behind.
//! * `exchange`: what all that asks of the two sides, whatever they speak. `h1` speaks HTTP/1.
//! * `links`, `pool`, `state`: connections to servers, and who has them idle.
//! * `upload`, `transfer`: bodies.

mod alarm;
pub(crate) mod buffers;
mod client;
pub(crate) mod exchange;
mod h1;
mod hooks;
mod links;
mod log;
mod pool;
mod relaying;
mod state;
mod transaction;
mod transfer;
mod tunnel;
mod upload;

pub use crate::policy::HttpPolicy;

pub(crate) use client::{Destination, serve};
#[cfg(test)]
pub(crate) use h1::CODECS as H1;
pub(crate) use hooks::Facts;
pub(crate) use state::{HttpState, Requests, Wanted, requests};
