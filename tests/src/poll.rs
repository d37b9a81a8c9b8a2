//! Polling, for state of the kernel that has no notification. Where there is an event, wait for that.

use std::thread;
use std::time::{Duration, Instant};

/// The time between two polls: short against any timeout, long against the poll.
const INTERVAL: Duration = Duration::from_millis(2);

/// Polls until there is a result, or until `limit` has passed; polls once more at the end of it.
pub fn eventually<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        let last = Instant::now() >= end;
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if last {
            return None;
        }
        thread::park_timeout(INTERVAL);
    }
}
