//! The kinds of checks that an option chooses, each in a file of its own with its entry.

mod entry;
mod external;
mod http;
mod ldap;
mod mysql;
mod pgsql;
mod redis;
mod smtp;
mod ssl_hello;
mod tcp;

pub use entry::CheckEntry;
pub use external::{ExternalChecks, ExternalCommand};
