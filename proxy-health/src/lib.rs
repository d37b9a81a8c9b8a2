//! Health checks and agent checks without I/O: what they find out, and what follows from it.
//!
//! * [`CheckPlan`], [`Ruleset`]: what a section says about its checks. `checks/` has a file for each kind of check.
//! * [`Conversation`]: one run of a check. It says what to write and what to read, and is told what came of it.
//! * [`Status`], [`CheckResult`]: the result of one check, with the names and texts that HAProxy has for it.
//! * [`Checks`], [`Tally`]: consecutive results, and the [`Transition`] of a server that follows from them.
//! * [`Observer`]: consecutive errors of ordinary traffic, which count like failed checks.
//! * [`Intervals`], [`Spread`]: when the next check is due.
//! * [`agent`]: the question to an agent, and its answer.
//! * [`command`]: a command that checks a server.
//! * [`lines`]: log lines about checks and about servers whose state changes.
//!
//! Nothing here has a clock, a socket or a source of randomness: the caller passes what it has measured or drawn.

pub mod agent;
mod checks;
pub mod command;
pub mod conversation;
mod interval;
pub mod lines;
mod plan;
mod result;
pub mod rules;
mod settings;
mod spread;
mod state;
mod state_field;
mod status;

pub use checks::{CheckEntry, ExternalChecks, ExternalCommand};
pub use conversation::{CheckPlace, Connecting, Conversation, Next, Run};
pub use interval::Intervals;
pub use plan::{CheckPlan, Choice};
pub use result::CheckResult;
pub use rules::Ruleset;
pub use settings::{
    AgentCheck, CheckProtocol, CheckTimeout, CheckTransport, Deadlines, HealthCheckName, LogHealthChecks,
    Observe, OnMarked, ServerCheck, ServerInitState, Track,
};
pub use spread::{First, Spread};
pub use state::{
    CheckSource, CheckState, Checks, Circumstances, Exceeded, InitState, ObservedEvent, ObservedLayer,
    Observer, OnError, Recorded, ServerCondition, Tally, Tracked, Transition,
};
pub use state_field::StateField;
pub use status::{Outcome, Status};
