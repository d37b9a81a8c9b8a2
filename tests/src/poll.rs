//! Asking again and again, for state of the kernel that announces no change. Where there is an event, wait
//! for it.

use std::thread;
use std::time::{Duration, Instant};

/// How long to wait between two questions: short against any deadline, long against the question.
const INTERVAL: Duration = Duration::from_millis(2);

/// Asks until there is an answer, or until `limit` has passed; it is asked once more at the end of it.
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
