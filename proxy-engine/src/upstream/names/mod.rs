//! Names of servers at work: sockets for the questions of `proxy-resolve`, and what follows from answers.
//!
//! ```text
//!            due                    one for each server          answer                    address, state and weight
//!  Resolver ─────► run: a question ────────────────────► ask ─────────────► apply ─────────► of servers, log lines
//!     ▲                                                            │
//!     └────────────────────────────────────────────────────────────┘
//! ```
//!
//! * [`ResolverSection`]: a `resolvers` section. [`NameResolution`]: what resolves the name of a server. `ask`: one
//!   question to one name server. `run`: the questions of a section. `learn`: what requesters learn from answers.
//!   `services`: the servers that SRV records define. `apply`: what changes about a server. `by_family`: connections to
//!   servers that may have addresses of both families.

mod apply;
mod ask;
mod by_family;
mod config;
mod learn;
mod order;
mod run;
mod services;

pub use by_family::ByFamily;
pub use config::{NameResolution, NameServer, ResolverConfig, ResolverSection, Way};
pub(crate) use run::SectionRun;
