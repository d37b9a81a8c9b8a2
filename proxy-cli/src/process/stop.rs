//! `hard-stop-after`: a soft stop that takes too long becomes a hard stop.

use std::time::Duration;

use tokio::time::Instant;

/// The deadline of a soft stop.
#[derive(Debug)]
pub(crate) struct HardStop {
    limit: Option<Duration>,
    end: Option<Instant>,
}

impl HardStop {
    /// Makes one with a limit from the beginning of the soft stop; without a limit it never ends the soft stop.
    pub(crate) fn after(limit: Option<Duration>) -> HardStop {
        HardStop { limit, end: None }
    }

    /// Begins the soft stop. A second call does not extend it.
    pub(crate) fn begin(&mut self) {
        self.end = self.end.or_else(|| Instant::now().checked_add(self.limit?));
    }

    /// Waits until a soft stop has begun and has taken too long. Cancel-safe.
    pub(crate) async fn over(&self) {
        match self.end {
            Some(end) => tokio::time::sleep_until(end).await,
            None => std::future::pending().await,
        }
    }
}
