//! Settings as plain types: timeouts, retries, reuse, closing, limits. No keywords and no I/O.
//!
//! The keywords of the configuration store these types in sections and lines; the rest of the engine reads them from
//! here. This module imports nothing of the engine, so that any part of it can depend on this.

mod backend;
mod balancing;
mod bind_proto;
mod closing;
mod cookie;
mod forwarded;
mod frontend;
mod hashing;
mod http;
mod http_timeouts;
mod http_tuning;
mod inspection;
mod limits;
mod listener_statistics;
mod logging;
mod retry;
mod reuse;
mod server;
mod server_state;
mod source;
mod switches;
mod tcp;
mod timeouts;
mod unusual_names;

pub use backend::BackendTimeouts;
pub use balancing::{AllBackups, Balancing};
pub use bind_proto::BindProto;
pub use closing::Closing;
pub use cookie::{CookieMode, CookiePolicy, DynamicCookieKey, Persist, ServerCookieValue};
pub use forwarded::{ForwardFor, OriginalTo};
pub use frontend::FrontendPolicy;
pub use hashing::{HashAffinity, HashBalanceFactor, HashFunction, HashKey, HashMethod, HashType};
pub use http::{HttpPolicy, SectionId};
pub use http_timeouts::HttpTimeouts;
pub use http_tuning::HttpTuning;
pub use inspection::Inspection;
pub use limits::{BindName, ConnectionRate, FullConn, MaxConn, ProcessSessionRate, SessionRate};
pub use listener_statistics::ListenerStatistics;
pub use logging::{LogMoment, LogOptions};
pub use retry::{Redispatch, Retries, RetryCause, RetryOn};
pub use reuse::{IdlePool, Reuse};
pub use server::{
    Backup, Disabled, InitAddr, InitAddrs, MAX_WEIGHT, ServerLimits, SlowStart, WEIGHT_SCALE, Weight,
};
pub use server_state::{StateFileName, StateFiles, StateSource};
pub use source::SourceAddress;
pub use switches::Switches;
pub use tcp::{KeepAlive, TcpTuning};
pub use timeouts::Timeouts;
pub use unusual_names::UnusualNames;
