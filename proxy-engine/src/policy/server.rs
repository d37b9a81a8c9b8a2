//! Numbers of servers.

/// The largest weight.
pub const MAX_WEIGHT: u16 = 256;
