//! Limits a repeated notice to one in an interval.

use std::time::Duration;

use tokio::time::Instant;

/// The shortest time between two notices.
const INTERVAL: Duration = Duration::from_secs(10);

/// The limit of one kind of notice.
#[derive(Debug, Default)]
pub(crate) struct NoticeLimit {
    last: Option<Instant>,
    repeated: u64,
}

impl NoticeLimit {
    /// Returns the number of notices left out since the last one, if a notice is due now.
    pub(crate) fn due(&mut self) -> Option<u64> {
        if self.last.is_some_and(|last| last.elapsed() < INTERVAL) {
            self.repeated += 1;
            return None;
        }
        self.last = Some(Instant::now());
        Some(std::mem::take(&mut self.repeated))
    }
}
