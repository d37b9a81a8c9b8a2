//! Observing the engine: the meter of a session or exchange, the record it makes, and counters.
//!
//! * `meter`: records every event of a session or exchange once; it counts, and makes the record.
//! * [`SessionRecord`]: the values of a log line. [`AccessLog`]: the log lines of a frontend. [`Observer`]: another
//!   receiver of records.
//! * [`Tallies`]: what each worker counts for itself. [`Rates`]: events in a second.
//! * [`observed`]: the name, number and counters of a frontend, listener, backend or server.
//! * [`Termination`]: how a session ended, in HAProxy's two letters.

mod began;
mod cookies;
mod counters;
mod infos;
mod log;
mod meter;
mod notice_limit;
pub mod observed;
mod observer;
mod rates;
mod record;
mod shortage;
mod tally;
mod termination;
mod waited;
mod worker;

pub use counters::{BackCounters, FrontCounters, Traffic};
pub use log::{AccessLog, LogTarget};
pub use observed::{ObservedBackend, ObservedFrontend, ObservedListener, ObservedServer};
pub use observer::{Notice, Observer};
pub use proxy_rules::record::{Concurrent, QueuePositions};
pub use rates::{Rate, Rates};
pub use record::{AcceptedRecord, HttpRecord, SessionRecord, Timers};
pub use tally::{Count, PhaseTimes, Tallies};
pub use termination::{Cause, Stage, Termination};
pub use worker::Counters;

pub(crate) use began::Began;
pub(crate) use cookies::{ClientCookie, ResponseCookie};
pub(crate) use infos::ConnectionInfos;
pub(crate) use meter::{Meter, RecordInputs};
pub(crate) use notice_limit::NoticeLimit;
pub(crate) use observed::{Arrived, Ingress};
pub(crate) use shortage::{Shortage, Signal};
pub(crate) use waited::Waited;
pub(crate) use worker::{Load, WorkerCounters, WorkerView};
