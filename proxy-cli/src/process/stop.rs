//! `hard-stop-after`: a soft stop that takes too long becomes an end.

use std::time::Duration;

use tokio::time::Instant;

/// When a soft stop is given up.
#[derive(Debug)]
pub(crate) struct HardStop {
    limit: Option<Duration>,
    end: Option<Instant>,
}

impl HardStop {
    /// One that waits so long from when the soft stop begins; for ever with `None`.
    pub(crate) fn after(limit: Option<Duration>) -> HardStop {
        HardStop { limit, end: None }
    }

    /// The soft stop begins. One that has begun goes on: a second signal wins no time.
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
