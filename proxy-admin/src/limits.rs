//! What bounds the clients of the runtime socket.

use std::time::Duration;

use proxy_config::Values;

use crate::settings::{MaxPayload, StatsMaxConn, StatsTimeout};

/// What bounds the clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminLimits {
    /// Clients at once. Others wait in the kernel's queue.
    pub connections: usize,
    /// How long a client may be silent, and how long it may take none of an answer.
    pub timeout: Duration,
    /// Bytes of a line of commands.
    pub line: usize,
    /// Bytes of a payload.
    pub payload: usize,
}

/// HAProxy's defaults.
impl Default for AdminLimits {
    fn default() -> AdminLimits {
        // The line is HAProxy's `tune.bufsize`.
        AdminLimits { connections: 10, timeout: Duration::from_secs(10), line: 16_384, payload: 128 << 10 }
    }
}

impl AdminLimits {
    /// What a global section says, and the defaults for the rest. No keyword sets the length of a line.
    pub fn from_global(global: &Values) -> AdminLimits {
        let default = AdminLimits::default();
        AdminLimits {
            connections: global.get().map_or(default.connections, |StatsMaxConn(number)| *number),
            timeout: global.get().map_or(default.timeout, |StatsTimeout(time)| *time),
            payload: global.get().map_or(default.payload, |MaxPayload(size)| *size),
            ..default
        }
    }
}
