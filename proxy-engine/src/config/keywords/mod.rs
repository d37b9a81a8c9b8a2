//! The keywords of the engine, each in a file of its own or with those that share its value.
//!
//! A keyword parses its arguments and stores a type of [`policy`](crate::policy) in its section or line.
//! [`assembly`](super::assembly) turns sections into what the engine reads.

mod abortonclose;
mod allbackups;
mod backup;
mod balance;
mod bind_name;
mod bind_proto;
pub(super) mod case_adjust;
mod closing;
mod cookie;
mod disabled;
mod forwarded;
mod fullconn;
mod hash_balance;
mod hash_key;
mod hash_type;
mod http_reuse;
mod http_timeouts;
mod idle_pool;
mod init_addr;
mod maxconn;
mod mode_http;
mod persist;
mod rate_limits;
mod redispatch;
mod restrict_names;
mod retries;
mod retry_on;
mod server_limits;
mod server_state;
mod slowstart;
mod socket_stats;
mod source;
mod splice;
mod switches;
mod tcp_keep_alive;
mod tcp_options;
#[cfg(test)]
mod tests;
mod timeouts;
mod tuning;
mod weight;
