//! The uptime of the process, as the timed prompt shows it.

use std::fmt;
use std::time::{Duration, Instant};

/// A source of the uptime of the process. It is an argument, so that a test can use its own clock.
pub struct Uptime(Box<dyn Fn() -> Duration + Send + Sync>);

impl Uptime {
    /// Creates it from a clock.
    pub fn new(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Uptime {
        Uptime(Box::new(clock))
    }

    /// Creates one that counts from a moment on.
    pub fn since(start: Instant) -> Uptime {
        Uptime::new(move || start.elapsed())
    }

    /// Returns the time since the process started.
    pub fn now(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for Uptime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uptime({:?})", self.now())
    }
}
