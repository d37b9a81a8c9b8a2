//! What the configuration language says to the engine: its keywords, and the types in which they keep what was said.
//!
//! Each file is a group of keywords. Whoever puts the engine together reads the types from the sections and lines.

mod balancing;
mod connections;
pub mod http;
mod limits;
mod servers;
mod timeouts;

pub use balancing::Balancing;
pub use connections::{AllBackups, KeepAlive, Retries, SourceAddress, TcpTuning};
pub use limits::{BindName, MaxConn};
pub use servers::{Backup, Disabled, InitAddr, Limits, Resolution, Weight};
pub use timeouts::Timeouts;
