//! What is observed of the engine: the meter of a session or exchange, the record it makes, and counters.
//!
//! * `meter`: told once of everything that happens to a session or exchange; it counts, and makes the record.
//! * [`SessionRecord`]: what a log line can say. [`AccessLog`]: the log lines of a frontend. [`Observer`]: who else is
//!   told.
//! * [`scope`]: a frontend, listener, backend or server as it is observed: its name, number and counters.
//! * [`Termination`]: how a session ended, in HAProxy's two letters.

mod counters;
mod log;
mod meter;
mod observer;
mod record;
pub mod scope;
mod shortage;
mod termination;
mod worker;

pub use counters::{BackCounters, FrontCounters, Traffic};
pub use log::{AccessLog, LogLevel, LogTarget};
pub use observer::{Notice, Observer};
pub use proxy_rules::record::{Concurrent, QueuePlaces};
pub use record::{Accepted, HttpRecord, SessionRecord, Timers};
pub use scope::{BackendScope, FrontendScope, ListenerScope, ServerScope};
pub use termination::{Cause, Stage, Termination};
pub use worker::Counters;

pub(crate) use meter::{Began, ConnectionInfos, Meter, Moment, Waited};
pub(crate) use scope::{Arrived, Ingress};
pub(crate) use shortage::{Shortage, Signal};
pub(crate) use worker::{Load, WorkerCounters, WorkerView};
