//! Settings of checks: keywords of server lines, of sections and of the process. Each stores a type of its own.

mod agent_check;
mod check_intervals;
mod check_limits;
mod check_target;
mod check_transport;
mod conflicts;
mod deadlines;
mod email_alert;
mod health_check_section;
mod init_state;
mod log_health_checks;
mod observe;
mod on_marked;
mod server_check;
mod spread_checks;
mod time;
mod timeout_check;
mod track;
mod unused_steps;

pub use agent_check::AgentCheck;
pub use deadlines::Deadlines;
pub use health_check_section::HealthCheckName;
pub use init_state::ServerInitState;
pub use log_health_checks::LogHealthChecks;
pub use observe::Observe;
pub use on_marked::OnMarked;
pub use server_check::{CheckProtocol, CheckTransport, ServerCheck};
pub use timeout_check::CheckTimeout;
pub use track::Track;
