//! The servers' side: from a session or exchange that wants a server to a connection of one.
//!
//! ```text
//!  dispatch ─► choose ─► (queue) ─► connect ─► a connection
//!     ▲                               │
//!     └──────────── retry ◄───────────┘ failed
//! ```
//!
//! * [`backend`], [`server`]: who serves, and what may change while it runs.
//! * `dispatch`: leads a session or exchange to a server. `choose`: which one; the algorithms are in `balance`. `queue`:
//!   waiting for a slot. `connect`: one attempt. `retry`: what follows a failed one.
//! * `pool`: idle and shared connections of a worker. `shared`: one that carries many exchanges. `handover`: asking other
//!   workers for theirs.

pub(crate) mod backend;
pub(crate) mod behalf;
pub(crate) mod choose;
pub(crate) mod client_wait;
pub(crate) mod connect;
pub(crate) mod dispatch;
pub(crate) mod handover;
mod idle;
pub(crate) mod pool;
pub(crate) mod queue;
mod queue_lines;
mod retry;
pub(crate) mod server;
mod shared;
pub(crate) mod slot;

pub use backend::{Backend, BackendConfig};
pub use server::{Server, ServerConfig, ServerKey, ServerPort};
