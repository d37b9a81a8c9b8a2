//! Running the engine: its start and its stop, the workers, and the tasks of each besides serving connections.
//!
//! * [`Engine`]: starts workers on listening sockets, stops them softly or at once.
//! * `worker`: the connections of one thread. `thread`: that thread, with a runtime of its own. `delivery`: which
//!   worker gets a connection. `duty`: a worker's other tasks. `inquiry`: what other threads ask of a worker.
//!   `answers`: its answers. `gauges`: what workers have to do. `failure`: a worker that ended by a panic.

pub(crate) mod answers;
mod delivery;
mod duty;
mod engine;
mod error;
mod failure;
pub(crate) mod gauges;
pub(crate) mod inquiry;
pub(crate) mod server_orders;
mod thread;
pub(crate) mod worker;

pub use engine::{Config, Engine, Proxies};
pub use error::StartError;
pub use gauges::Load;
