//! The servers' side: from a session or exchange to a connection to a server.
//!
//! ```text
//!  dispatch ─► choose ─► (queue) ─► connect ─► a connection
//!     ▲                               │
//!     └──────────── retry ◄───────────┘ failed
//! ```
//!
//! * [`backend`], [`server`]: the servers, and what may change while they run. [`state`]: which of them can be chosen.
//!   [`health`]: checks of them. [`names`]: their names, resolved while they run.
//! * `dispatch`: the whole way of a session or exchange to a server. `choose`: the choice of one; the algorithms are
//!   in `balance`. `queue`: waits for a slot. `connect`: one attempt. `retry`: what follows a failed one.
//! * `steering`, `direct`: rules that choose a server.
//! * `server_cookie`, `dynamic_cookies`: the values of the cookies that lead to servers.
//! * `pool`: the idle and shared connections of a worker. `shared`: a connection that carries many exchanges.
//!   `handover`: gets idle connections of other workers.

pub(crate) mod backend;
pub(crate) mod behalf;
pub(crate) mod choose;
pub(crate) mod client_wait;
pub(crate) mod connect;
mod direct;
pub(crate) mod dispatch;
pub(crate) mod dynamic_cookies;
pub(crate) mod handover;
pub(crate) mod health;
mod idle;
pub(crate) mod names;
pub(crate) mod pool;
mod pool_wakers;
pub(crate) mod queue;
pub(crate) mod queue_lines;
mod retry;
mod sampled;
pub(crate) mod server;
pub(crate) mod server_cookie;
mod shared;
pub(crate) mod slot;
mod slot_limit;
pub(crate) mod state;
pub(crate) mod steering;
mod take_slot;

pub use backend::{Backend, BackendConfig};
pub use health::{CheckNumbers, CheckRoute, CheckTarget, ExternalCheck, FilesLimit, HealthCheck};
pub use names::{ByFamily, NameResolution, NameServer, ResolverConfig, ResolverSection, Way};
pub use server::{Server, ServerConfig, ServerKey, ServerPort};
pub use state::{Admin, Operational, SavedCheck, SavedServer, StateView};
