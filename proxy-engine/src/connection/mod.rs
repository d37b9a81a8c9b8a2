//! The client's connection: one type for every mode, from acceptance to its end.
//!
//! * [`ClientConnection`]: addresses, permit, session variables, byte totals, its own connections to servers.
//! * [`Frontend`]: the frontend that accepted it. [`Switching`]: the choice of a backend. `sampled_frontend`: its
//!   numbers for samples. `layers`: the handshakes
//!   that come first.
//! * `open`: the beginning of a connection. `status`: what commands show of it. `activity`: a session or exchange in
//!   progress, with its meter. `registry`: all of a worker, to be listed and killed. `kill`: the switch for that.
//! * `upgrade`: a connection of mode tcp that continues as one of HTTP.
//! * `rule_run`: the context of rules, set up and taken apart.
//! * `relay`: bytes both ways, for a session or a tunnel.
//! * `worker`: what the connections of a worker share. `published`: what services show. `codecs`: the codec of each connection of mode http.

pub(crate) mod activity;
mod admission;
mod client;
mod closed;
mod codecs;
mod facts;
mod frontend;
mod gate;
mod kill;
mod layers;
mod listed;
mod open;
mod published;
mod registered;
pub(crate) mod registry;
mod relay;
mod report;
mod routing;
mod rule_run;
mod rule_traces;
mod sampled_frontend;
mod status;
mod upgrade;
mod worker;

pub use frontend::{Frontend, FrontendConfig, Listener};
pub use routing::Switching;
pub use sampled_frontend::SampledFrontend;

pub(crate) use client::{ClientConnection, Owned};
pub(crate) use closed::{KeptServer, sampled};
pub(crate) use codecs::Codecs;
pub(crate) use facts::{Facts, ServerFacts};
pub(crate) use open::{Accepted, Opened, open};
pub(crate) use published::Published;
pub(crate) use registered::Registered;
pub(crate) use relay::relay;
pub(crate) use report::Report;
pub(crate) use rule_run::RuleRun;
pub(crate) use rule_traces::RuleTraces;
pub(crate) use status::{ConnectionStatus, Doing};
pub(crate) use upgrade::{Begun, Upgrade};
pub(crate) use worker::{Parts, WorkerContext};
