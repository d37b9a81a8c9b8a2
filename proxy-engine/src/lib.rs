//! The engine: workers, listeners and sessions.
//!
//! * [`Engine`]: starts workers on listening sockets, stops them softly or at once.
//! * [`Service`]: listening sockets and the server behind them. [`Server`]: how it is reached.
//! * [`Observer`]: what the engine tells, a session's record when it ends and notices of trouble.
//! * [`resolve`]: names to addresses, on a thread that may block.
//!
//! One worker is one thread with a runtime of its own; all that belongs to a connection stays on one worker. This
//! crate knows transports only through `proto-core`.

mod acceptor;
mod counters;
mod dispatch;
mod engine;
mod observer;
mod phase;
pub mod resolve;
mod service;
mod session;
mod slots;
mod worker;

pub use counters::Counters;
pub use engine::{Config, Engine, StartError};
pub use observer::{Notice, Observer, SessionRecord, SessionResult};
pub use service::{Server, ServerPort, Service, Timeouts};
