//! Reports of matches that have failed, for the log of the program: at most one in an interval, since a client may cause
//! any number of them.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The shortest time between two reports.
const INTERVAL: Duration = Duration::from_secs(10);

/// A match that has failed.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// The expression, as in the configuration.
    pub expression: &'a str,
    /// The number of failures, of any expression, since the last report.
    pub repeated: u64,
}

/// A receiver of reports.
type Receiver = Box<dyn Fn(Failure<'_>) + Send>;

/// The receiver of the process, as its failures are counted for the process.
static REPORTS: Mutex<Reports> = Mutex::new(Reports { receiver: None, last: None, repeated: 0 });

struct Reports {
    receiver: Option<Receiver>,
    last: Option<Instant>,
    repeated: u64,
}

impl Reports {
    fn failed(&mut self, expression: &str, now: Instant) {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            self.repeated += 1;
            return;
        }
        self.last = Some(now);
        let repeated = std::mem::take(&mut self.repeated);
        if let Some(receiver) = &self.receiver {
            receiver(Failure { expression, repeated });
        }
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports").field("last", &self.last).field("repeated", &self.repeated).finish()
    }
}

fn reports() -> MutexGuard<'static, Reports> {
    REPORTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes failures of matches to this receiver from now on. It is called where they happen, and must not block.
pub fn report_to(receiver: impl Fn(Failure<'_>) + Send + 'static) {
    reports().receiver = Some(Box::new(receiver));
}

/// Reports that a match has failed, unless that was done a short time ago.
pub(super) fn failed(expression: &str) {
    reports().failed(expression, Instant::now());
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn there_is_one_report_in_an_interval() {
        let (sender, receiver) = mpsc::channel();
        let send = move |failure: Failure<'_>| {
            sender.send((failure.expression.to_owned(), failure.repeated)).unwrap();
        };
        let mut reports = Reports { receiver: Some(Box::new(send)), last: None, repeated: 0 };
        let begun = Instant::now();
        for (expression, after) in [("a", 0), ("b", 1), ("c", 9), ("d", 10), ("e", 30)] {
            reports.failed(expression, begun + Duration::from_secs(after));
        }
        let told: Vec<_> = receiver.try_iter().collect();
        assert_eq!(told, [("a".to_owned(), 0), ("d".to_owned(), 2), ("e".to_owned(), 0)]);
    }
}
