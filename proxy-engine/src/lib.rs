//! The engine: workers, listeners, sessions, and the servers that they are led to.
//!
//! * [`Engine`]: starts workers on listening sockets, stops them softly or at once.
//! * [`Frontend`]: where clients come in. [`Backend`]: servers that share the work. [`Server`]: one of them.
//! * [`balance`]: how a server is chosen.
//! * [`Observer`]: what the engine tells, a session's [`SessionRecord`] and notices of trouble. [`tcplog`] writes records
//!   as HAProxy does.
//! * [`settings`]: the keywords of the configuration that are about all this.
//! * [`resolve`]: names to addresses, on a thread that may block.
//!
//! One worker is one thread with a runtime of its own; all that belongs to a connection stays on one worker. This
//! crate knows transports only through `proto-core`.

mod acceptor;
mod backend;
pub mod balance;
pub mod commands;
mod counters;
mod dispatch;
mod engine;
mod frontend;
pub mod http;
pub mod httplog;
mod observer;
mod phase;
mod queue;
mod reach;
mod record;
pub mod resolve;
mod server;
mod session;
pub mod settings;
mod slots;
mod switching;
mod sys;
mod tally;
pub mod tcplog;
mod termination;
#[cfg(test)]
mod tests;
mod watch;
mod worker;

pub use backend::{Backend, BackendConfig, BackendTimeouts, Redispatch};
pub use counters::Counters;
pub use engine::{Config, Engine, StartError};
pub use frontend::{Frontend, FrontendConfig, Listener, ListenerConfig, LogMoment, LogOptions};
pub use observer::{Notice, Observer};
pub use record::{Accepted, Concurrent, HttpRecord, Places, SessionRecord, Timers};
pub use server::{MAX_WEIGHT, Server, ServerConfig, ServerPort};
pub use switching::Switching;
pub use tally::{BackTally, FrontTally, Traffic};
pub use termination::{Cause, Stage, Termination};
