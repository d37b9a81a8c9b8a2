//! The engine: workers, listeners, sessions, exchanges, and the servers that they are led to.
//!
//! Every connection takes one way; where the ways of the modes part, they part late.
//!
//! ```text
//!  listener ─accept─► client connection ──layers──► mode tcp:  session ───────────┐
//!                     (connection/)                 mode http: codec ─► exchange ─┤
//!                                                   (tcp/, http/)                 ▼
//!      one meter and one record for all of them (observe/)                     upstream
//! ```
//!
//! Folders, each of which uses only those before it: [`policy`] (what can be configured), [`observe`] (meter, record,
//! counters), `exchange` (the traits of the two sides of an exchange), [`balance`] (algorithms), `upstream` (choosing,
//! queueing, connecting, retrying, pooling), `listener` (sockets, accepting, permits), `connection` (a client's
//! connection, whatever it carries), `tcp` and `http` (what it carries), `runtime` (workers and the engine),
//! [`commands`] (of the runtime socket), [`config`] (the keywords, and from a configuration to frontends and backends).
//!
//! One worker is one thread with a runtime of its own; all that belongs to a connection stays on one worker. This
//! crate knows transports only through `proto-core`.

pub mod balance;
pub mod commands;
pub mod config;
mod connection;
mod exchange;
mod http;
mod listener;
pub mod observe;
pub mod policy;
mod runtime;
mod tcp;
#[cfg(test)]
mod tests;
mod upstream;

pub use connection::{Frontend, FrontendConfig, Listener, SampledFrontend, Switching};
pub use listener::{ListenerConfig, ListeningSocket, ListeningSockets, ProcessLimits, ProcessRates};
pub use observe::{
    AcceptedRecord, AccessLog, Cause, Concurrent, Count, Counters, HttpRecord, LogTarget, Notice, Observer,
    PhaseTimes, QueuePositions, Rate, Rates, SessionRecord, Stage, Tallies, Termination, Timers, Traffic,
};
pub use policy::{BackendTimeouts, LogMoment, LogOptions, MAX_WEIGHT, Redispatch};
pub use runtime::{Config, Engine, Load, Proxies, StartError};
pub use upstream::{
    Admin, Backend, BackendConfig, ByFamily, CheckNumbers, CheckRoute, CheckTarget, ExternalCheck,
    FilesLimit, HealthCheck, NameResolution, NameServer, Operational, ResolverConfig, ResolverSection,
    SavedCheck, SavedServer, Server, ServerConfig, ServerKey, ServerPort, StateView, Way,
};
