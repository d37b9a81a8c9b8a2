//! What is counted of a frontend, a listener, a server or a backend by each worker for itself: no cache line is shared,
//! and a worker that never serves an object has no memory for it.
//!
//! Only a worker writes its own counters, so a reset does not touch them: it keeps their sums, which readers subtract.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exchanges of HTTP.
    Requests,
    /// Responses with a status from 100 to 199.
    Informational,
    /// Responses with a status from 200 to 299.
    Successful,
    /// Responses with a status from 300 to 399.
    Redirections,
    /// Responses with a status from 400 to 499.
    ClientErrors,
    /// Responses with a status from 500 to 599.
    ServerErrors,
    /// Exchanges with another status, or without a response.
    OtherStatus,
    /// Requests that rules have denied.
    DeniedRequests,
    /// Responses that rules have denied.
    DeniedResponses,
    /// Requests that did not arrive completely, or were none.
    RequestErrors,
    /// Sessions and exchanges that the client aborted after a server was sought for them.
    ClientAborts,
    /// Sessions and exchanges that the server aborted after the response had begun.
    ServerAborts,
    /// Exchanges without a valid response of the server.
    ResponseErrors,
    /// Sessions and exchanges that ended with an internal error.
    InternalErrors,
    /// Requests that the proxy has answered itself, as asked to.
    Intercepted,
    /// Connections that `tcp-request session` has rejected.
    DeniedSessions,
    /// Sessions and exchanges that the algorithm has assigned.
    Balanced,
    /// Exchanges on a connection that was used before.
    Reuses,
    /// Attempts to connect.
    Connects,
}

/// The number of variants of [`Count`].
const COUNTS: usize = Count::Connects as usize + 1;

impl Count {
    /// Returns the class of a status; `None` is the status of an exchange without a response.
    pub(crate) fn of_status(status: Option<u16>) -> Count {
        match status {
            Some(100..=199) => Count::Informational,
            Some(200..=299) => Count::Successful,
            Some(300..=399) => Count::Redirections,
            Some(400..=499) => Count::ClientErrors,
            Some(500..=599) => Count::ServerErrors,
            _ => Count::OtherStatus,
        }
    }
}

/// How long the phases of a session or exchange with a server took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTimes {
    /// In queues.
    pub queue: Duration,
    /// Until the connection to the server was established.
    pub connect: Duration,
    /// Until the head of the response had arrived.
    pub response: Duration,
    /// From beginning to end.
    pub total: Duration,
}

impl PhaseTimes {
    fn of(milliseconds: [u64; PHASES]) -> PhaseTimes {
        let [queue, connect, response, total] = milliseconds.map(Duration::from_millis);
        PhaseTimes { queue, connect, response, total }
    }
}

/// The number of phases that are timed.
pub(crate) const PHASES: usize = 4;

/// The number of latest sessions and exchanges of each worker that averages are made of.
const WINDOW: u64 = 512;

/// The counters of one worker, on cache lines of their own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Tally {
    counts: [AtomicU64; COUNTS],
    /// The number of times in the sums, at most [`WINDOW`].
    samples: AtomicU64,
    /// The sums of the latest times, in milliseconds. Of the older ones each new one takes a share away.
    sums: [AtomicU64; PHASES],
    longest: [AtomicU64; PHASES],
}

impl Tally {
    pub(crate) fn add(&self, count: Count) {
        let counter = &self.counts[count as usize];
        // No other thread writes it.
        counter.store(counter.load(Relaxed) + 1, Relaxed);
    }

    /// Adds the times of the phases, in milliseconds and in the order of [`PhaseTimes`].
    pub(crate) fn took(&self, times: [u32; PHASES]) {
        let samples = self.samples.load(Relaxed);
        if samples < WINDOW {
            self.samples.store(samples + 1, Relaxed);
        }
        for (phase, time) in times.into_iter().enumerate() {
            let (sum, longest, time) = (&self.sums[phase], &self.longest[phase], u64::from(time));
            let before = sum.load(Relaxed);
            // Most phases take less than a millisecond.
            if before | time == 0 {
                continue;
            }
            let share = if samples < WINDOW { 0 } else { before.div_ceil(WINDOW) };
            sum.store(before - share + time, Relaxed);
            if time > longest.load(Relaxed) {
                longest.store(time, Relaxed);
            }
        }
    }
}

/// The counters of all workers for one object.
#[derive(Debug, Default)]
pub struct Tallies {
    workers: OnceLock<Box<[OnceLock<Box<Tally>>]>>,
    /// The sums at the last reset.
    base: [AtomicU64; COUNTS],
}

impl Tallies {
    /// Returns the counters of one of `workers` workers.
    pub(crate) fn of(&self, worker: usize, workers: usize) -> Option<&Tally> {
        let all = self.workers.get_or_init(|| (0..workers).map(|_| OnceLock::new()).collect());
        all.get(worker).map(|own| &**own.get_or_init(Box::default))
    }

    fn all(&self) -> impl Iterator<Item = &Tally> + Clone {
        let all = self.workers.get().map(|all| &**all).unwrap_or_default();
        all.iter().filter_map(|own| own.get().map(|tally| &**tally))
    }

    /// Returns the sum of a count since the start.
    pub fn ever(&self, count: Count) -> u64 {
        self.all().map(|tally| tally.counts[count as usize].load(Relaxed)).sum()
    }

    /// Returns the sum of a count since the last reset.
    pub fn total(&self, count: Count) -> u64 {
        self.ever(count).saturating_sub(self.base[count as usize].load(Relaxed))
    }

    /// Returns the averages over the latest sessions and exchanges of all these, in whole milliseconds.
    pub fn averages<'t>(of: impl Iterator<Item = &'t Tallies> + Clone) -> PhaseTimes {
        let all = of.flat_map(Tallies::all);
        let samples: u64 = all.clone().map(|tally| tally.samples.load(Relaxed)).sum();
        let sum = |phase: usize| all.clone().map(|tally| tally.sums[phase].load(Relaxed)).sum::<u64>();
        PhaseTimes::of(std::array::from_fn(|phase| sum(phase).div_ceil(samples.max(1))))
    }

    /// Returns the longest times of all these since the last reset of maxima.
    pub fn longest<'t>(of: impl Iterator<Item = &'t Tallies> + Clone) -> PhaseTimes {
        let all = of.flat_map(Tallies::all);
        let longest = |phase: usize| all.clone().map(|tally| tally.longest[phase].load(Relaxed)).max();
        PhaseTimes::of(std::array::from_fn(|phase| longest(phase).unwrap_or(0)))
    }

    /// Resets the longest times.
    pub(crate) fn reset_peaks(&self) {
        let longest = self.all().flat_map(|tally| &tally.longest);
        longest.for_each(|longest| longest.store(0, Relaxed));
    }

    /// Resets the counts.
    pub(crate) fn reset_counts(&self) {
        for (count, base) in self.base.iter().enumerate() {
            let sum = self.all().map(|tally| tally.counts[count].load(Relaxed)).sum();
            base.store(sum, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(milliseconds: u64) -> PhaseTimes {
        PhaseTimes { total: Duration::from_millis(milliseconds), ..PhaseTimes::default() }
    }

    fn average(tallies: &Tallies) -> PhaseTimes {
        Tallies::averages([tallies].into_iter())
    }

    fn longest(tallies: &Tallies) -> PhaseTimes {
        Tallies::longest([tallies].into_iter())
    }

    #[test]
    fn workers_are_summed_up() {
        let tallies = Tallies::default();
        assert_eq!((tallies.total(Count::Requests), average(&tallies)), (0, PhaseTimes::default()));
        for (worker, number) in [(0, 2), (2, 1)] {
            (0..number).for_each(|_| tallies.of(worker, 3).unwrap().add(Count::Requests));
        }
        assert!(tallies.of(3, 3).is_none());
        assert_eq!((tallies.total(Count::Requests), tallies.total(Count::Successful)), (3, 0));
        assert_eq!(tallies.all().count(), 2, "a worker that never counted has no memory");
        tallies.reset_counts();
        tallies.of(1, 3).unwrap().add(Count::Requests);
        assert_eq!((tallies.total(Count::Requests), tallies.ever(Count::Requests)), (1, 4));
    }

    #[test]
    fn averages_follow_the_latest_times() {
        let tallies = Tallies::default();
        let tally = tallies.of(0, 2).unwrap();
        [10, 20, 30].into_iter().for_each(|time| tally.took([0, 0, 0, time]));
        tallies.of(1, 2).unwrap().took([0, 0, 0, 100]);
        assert_eq!((average(&tallies), longest(&tallies)), (times(40), times(100)));
        let both = [&tallies, &Tallies::default()];
        assert_eq!(Tallies::averages(both.into_iter()), times(40));
        (0..8 * WINDOW).for_each(|_| tally.took([0, 0, 0, 1000]));
        let average = average(&tallies).total.as_millis();
        assert!((990..=1000).contains(&average), "{average}");
        tallies.reset_peaks();
        assert_eq!(longest(&tallies), times(0));
    }

    #[test]
    fn statuses_have_classes() {
        let counts = [99, 100, 204, 304, 404, 599, 600].map(|status| Count::of_status(Some(status)));
        let expected = [
            Count::OtherStatus,
            Count::Informational,
            Count::Successful,
            Count::Redirections,
            Count::ClientErrors,
            Count::ServerErrors,
            Count::OtherStatus,
        ];
        assert_eq!((counts, Count::of_status(None)), (expected, Count::OtherStatus));
    }
}
