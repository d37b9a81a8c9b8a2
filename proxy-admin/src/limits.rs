//! The limits for clients of the runtime socket.

use std::time::Duration;

use proxy_config::Values;

use crate::settings::{MaxPayload, StatsMaxConn, StatsTimeout};

/// The limits for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminLimits {
    /// The most clients at once. Others wait in the kernel's queue.
    pub connections: usize,
    /// How long a client may be silent, and how long it may read nothing of an answer.
    pub timeout: Duration,
    /// The most bytes of a line of commands.
    pub line: usize,
    /// The most bytes of a payload.
    pub payload: usize,
}

/// The defaults of HAProxy.
impl Default for AdminLimits {
    fn default() -> AdminLimits {
        // The line is HAProxy's `tune.bufsize`.
        AdminLimits { connections: 10, timeout: Duration::from_secs(10), line: 16_384, payload: 128 << 10 }
    }
}

impl AdminLimits {
    /// Returns the limits of a global section, with the defaults for the rest. No keyword sets the length of a
    /// line.
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
