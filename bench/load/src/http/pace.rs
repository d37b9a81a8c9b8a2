//! The times at which requests are due, and the end of a run.

use std::time::{Duration, Instant};

/// The amount of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    Requests(u64),
    /// Requests start for this long; those that have started may end.
    For(Duration),
}

impl Amount {
    /// Returns how long requests start, if a duration ends the run.
    pub(crate) fn duration(self) -> Duration {
        match self {
            Self::Requests(_) => Duration::ZERO,
            Self::For(time) => time,
        }
    }
}

/// The action for a free connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Start a request with this intended start: now in a closed loop, perhaps earlier in an open one.
    Start(Instant),
    Later(Instant),
    Over,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    begin: Instant,
    /// The seconds between the intended starts of an open loop.
    interval: Option<f64>,
    total: Option<u64>,
    end: Option<Instant>,
    started: u64,
}

impl Pace {
    pub(crate) fn new(begin: Instant, amount: Amount, rate: Option<f64>) -> Self {
        let (total, end) = match (amount, rate) {
            (Amount::Requests(count), _) => (Some(count), None),
            // In an open loop all requests with an intended start in that time are started, however late: leaving
            // out those that found no free connection would leave out the slow ones.
            (Amount::For(time), Some(rate)) => (Some((time.as_secs_f64() * rate) as u64), None),
            (Amount::For(time), None) => (None, Some(begin + time)),
        };
        Self { begin, interval: rate.map(|rate| 1.0 / rate), total, end, started: 0 }
    }

    /// Returns the number of requests that are part of the run, as far as it is known.
    pub(crate) fn total(&self) -> u64 {
        self.total.unwrap_or(self.started)
    }

    /// Returns the next action. `Start` is counted, so the caller has to start the request.
    pub(crate) fn next(&mut self, now: Instant) -> Turn {
        if self.total.is_some_and(|total| self.started >= total) || self.end.is_some_and(|end| now >= end) {
            return Turn::Over;
        }
        let intended = match self.interval {
            None => now,
            // Calculated from the beginning each time, so that errors do not add up.
            Some(interval) => self.begin + Duration::from_secs_f64(interval * self.started as f64),
        };
        if intended > now {
            return Turn::Later(intended);
        }
        self.started += 1;
        Turn::Start(intended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_catches_up_with_the_intended_starts() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace::new(begin, Amount::For(Duration::from_millis(40)), Some(100.0));
        assert_eq!(pace.next(at(0)), Turn::Start(at(0)));
        assert_eq!(pace.next(at(0)), Turn::Later(at(10)));
        // Long after the end the rest is still started, with its intended starts.
        let rest: Vec<Turn> = (0..4).map(|_| pace.next(at(500))).collect();
        assert_eq!(rest, [Turn::Start(at(10)), Turn::Start(at(20)), Turn::Start(at(30)), Turn::Over]);
        assert_eq!(pace.total(), 4);
    }

    #[test]
    fn a_closed_loop_starts_until_its_end() {
        let begin = Instant::now();
        let end = begin + Duration::from_secs(1);
        let mut pace = Pace::new(begin, Amount::For(Duration::from_secs(1)), None);
        assert_eq!(pace.next(begin), Turn::Start(begin));
        assert_eq!(pace.next(end), Turn::Over);
        assert_eq!(pace.total(), 1);
        let mut pace = Pace::new(begin, Amount::Requests(1), None);
        assert_eq!((pace.next(end), pace.next(end)), (Turn::Start(end), Turn::Over));
    }
}
