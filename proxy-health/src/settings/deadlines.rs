//! The deadlines of a check, which follow from its interval and the timeouts of its section.

use std::time::Duration;

use super::timeout_check::CheckTimeout;

/// The deadlines of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// How long connecting may take; without a time for the rest, the whole check.
    pub connect: Duration,
    /// How long the rest may take, from the moment at which the connection can be used.
    pub rest: Option<Duration>,
}

impl Deadlines {
    /// Returns the deadlines of a check with this interval, in a section with these timeouts. A check without a timeout
    /// of its own has to end before the next one.
    pub fn new(interval: Duration, connect: Option<Duration>, check: CheckTimeout) -> Deadlines {
        let connect = connect.filter(|_| check.0.is_some()).map_or(interval, |connect| connect.min(interval));
        Deadlines { connect, rest: check.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_deadline_without_a_timeout() {
        let [one, two, nine] = [1, 2, 9].map(Duration::from_secs);
        let deadlines = |connect, check| Deadlines::new(two, connect, CheckTimeout(check));
        assert_eq!(deadlines(Some(one), None), Deadlines { connect: two, rest: None });
        assert_eq!(deadlines(Some(one), Some(nine)), Deadlines { connect: one, rest: Some(nine) });
        assert_eq!(deadlines(Some(nine), Some(nine)), Deadlines { connect: two, rest: Some(nine) });
        assert_eq!(deadlines(None, Some(nine)), Deadlines { connect: two, rest: Some(nine) });
    }
}
