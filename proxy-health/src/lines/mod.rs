//! Log lines about checks and servers, to the letter as HAProxy writes them: people and tools search for them.
//!
//! ```text
//! Health check for server b/s failed, reason: Layer4 timeout, check duration: 2001ms, status: 2/3 UP.
//! Server b/s is DOWN, reason: Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 0ms. 0 active and 0 backup servers left. 2 sessions active, 0 requeued, 0 remaining in queue.
//! backend b has no server available!
//! ```

mod admin;
mod check;
mod reason;
mod server;
#[cfg(test)]
mod tests;

pub use admin::{AdminChange, AdminLine};
pub use check::check_line;
pub use reason::Reason;
pub use server::{Cause, Change, Left, ServerLine, ServerName, no_server};
