//! When the next request is due, and when there are no more.

use std::time::{Duration, Instant};

/// How much a run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    Requests(u64),
    /// Requests start for that long; those that have started end in peace.
    For(Duration),
}

impl Amount {
    /// How long requests start, if that is what ends a run.
    pub(crate) fn duration(self) -> Duration {
        match self {
            Self::Requests(_) => Duration::ZERO,
            Self::For(time) => time,
        }
    }
}

/// What to do with a connection that is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Start a request that was meant to start then: now in a closed loop, perhaps earlier in an open one.
    Start(Instant),
    Later(Instant),
    Over,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    begin: Instant,
    /// Seconds between the intended starts of an open loop.
    interval: Option<f64>,
    total: Option<u64>,
    end: Option<Instant>,
    started: u64,
}

impl Pace {
    pub(crate) fn new(begin: Instant, amount: Amount, rate: Option<f64>) -> Self {
        let (total, end) = match (amount, rate) {
            (Amount::Requests(count), _) => (Some(count), None),
            // In an open loop all that were meant to start in that time do, however late: leaving out those that found
            // no free connection would leave out the slow ones.
            (Amount::For(time), Some(rate)) => (Some((time.as_secs_f64() * rate) as u64), None),
            (Amount::For(time), None) => (None, Some(begin + time)),
        };
        Self { begin, interval: rate.map(|rate| 1.0 / rate), total, end, started: 0 }
    }

    /// Requests that are part of the run, as far as it is known.
    pub(crate) fn total(&self) -> u64 {
        self.total.unwrap_or(self.started)
    }

    /// `Start` counts: whoever gets it has to start a request.
    pub(crate) fn next(&mut self, now: Instant) -> Turn {
        if self.total.is_some_and(|total| self.started >= total) || self.end.is_some_and(|end| now >= end) {
            return Turn::Over;
        }
        let intended = match self.interval {
            None => now,
            // From the beginning each time, so that errors do not add up.
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
    fn an_open_loop_catches_up_with_what_was_meant() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace::new(begin, Amount::For(Duration::from_millis(40)), Some(100.0));
        assert_eq!(pace.next(at(0)), Turn::Start(at(0)));
        assert_eq!(pace.next(at(0)), Turn::Later(at(10)));
        // Long after the end the rest is still started, at the times it was meant to.
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
