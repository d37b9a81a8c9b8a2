//! The engine at work: its start and its stop, the workers, and what each of them does beside serving connections.
//!
//! * [`Engine`]: starts workers on listening sockets, stops them softly or at once.
//! * `worker`: the connections of one thread. `thread`: that thread, with a runtime of its own. `delivery`: which
//!   worker gets a connection. `duty`: what a worker does all the time. `inquiry`: what other threads ask of a worker.
//!   `answers`: what it answers.

pub(crate) mod answers;
mod delivery;
mod duty;
mod engine;
mod error;
pub(crate) mod inquiry;
mod thread;
pub(crate) mod worker;

pub use engine::{Config, Engine};
pub use error::StartError;
