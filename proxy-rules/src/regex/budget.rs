//! The time that regular expressions may take: of one match, and of all that one context evaluates. Content rules that
//! run again for each arrival of bytes continue with what the run before has left.
//!
//! Clients choose how many matches there are, by the number of fields and of elements in a list, so a limit for each
//! does not bound a request. A process that shares its processor loses it now and then; so a match that exceeds its
//! time by the clock is given as much again, measured by what its thread has used of the processor.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Failed, Regex, sys};

/// The time for all matches of one context.
const RUN: Duration = Duration::from_millis(2);
/// The time that each further run of content rules may take besides. Sessions whose bytes arrive in many pieces need it;
/// a client that sends single bytes costs no more by it than by the packets.
const ARRIVAL: Duration = Duration::from_micros(20);
/// The time of a match until the processor is asked, and once more after that. Together with `PER_BYTE` it is 0.5 ms
/// for a field of 16 kB.
const MATCH: Duration = Duration::from_micros(200);
/// The time that a match may take for each byte of its subject, which is not deducted from that of the context:
/// ordinary expressions need it, and their number is the configuration's.
const PER_BYTE: Duration = Duration::from_nanos(5);

static FAILURES: AtomicU64 = AtomicU64::new(0);

/// Returns how many matches of this process have failed.
pub fn failures() -> u64 {
    FAILURES.load(Ordering::Relaxed)
}

fn failed() -> Failed {
    FAILURES.fetch_add(1, Ordering::Relaxed);
    Failed
}

/// The time that is left for the matches of a context. Once it is used up, each of them fails.
#[derive(Debug)]
pub struct Budget {
    left: Cell<Duration>,
    /// The first expression that has exceeded its time.
    slow: RefCell<Option<Box<str>>>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { left: Cell::new(RUN), slow: RefCell::default() }
    }
}

/// The time that a session has left for further runs of its content rules, in nanoseconds: every session has space for
/// it.
#[derive(Clone, Copy, Debug)]
pub struct TimeLeft(u32);

impl TimeLeft {
    fn new(left: Duration) -> TimeLeft {
        TimeLeft(u32::try_from(left.as_nanos()).unwrap_or(u32::MAX))
    }
}

impl Default for TimeLeft {
    fn default() -> TimeLeft {
        TimeLeft::new(RUN)
    }
}

impl Budget {
    /// Makes the budget of the next run, after runs that have left this time.
    pub(crate) fn after(left: TimeLeft) -> Budget {
        let left = Duration::from_nanos(left.0.into()) + ARRIVAL;
        Budget { left: Cell::new(left.min(RUN)), slow: RefCell::default() }
    }

    /// Returns what is left for further runs.
    pub(crate) fn left(&self) -> TimeLeft {
        TimeLeft::new(self.left.get())
    }

    /// Begins a match.
    pub(super) fn one(&self, length: usize) -> Result<Turn<'_>, Failed> {
        self.turn(length, MATCH)
    }

    /// Begins the matches of a loop over one subject, which may use what is left.
    pub(crate) fn all(&self, length: usize) -> Result<Turn<'_>, Failed> {
        self.turn(length, RUN)
    }

    /// Returns the first expression that has exceeded its time, if one has.
    pub(crate) fn slow(&self) -> Option<Box<str>> {
        self.slow.borrow().clone()
    }

    fn turn(&self, length: usize, most: Duration) -> Result<Turn<'_>, Failed> {
        let left = self.left.get();
        if left.is_zero() {
            return Err(failed());
        }
        let free = PER_BYTE * u32::try_from(length).unwrap_or(u32::MAX);
        let (most, unwatched) = (most.min(left), MATCH.min(left));
        Ok(Turn { budget: self, begun: Instant::now(), free, unwatched, most, slow: None })
    }
}

/// The time of a match, or of a loop of them. What it has used is deducted from the budget at its end.
#[derive(Debug)]
pub(crate) struct Turn<'b> {
    budget: &'b Budget,
    begun: Instant,
    free: Duration,
    /// The time by the clock, besides `free`, after which it is slow.
    unwatched: Duration,
    /// The processor time that it may use once it is slow.
    most: Duration,
    /// The processor time of the thread when the match was found to be slow.
    slow: Option<Duration>,
}

impl Turn<'_> {
    /// Fails if the time of a loop with an expression is used up.
    pub(crate) fn check(&mut self, regex: &Regex) -> Result<(), Failed> {
        if self.is_over() { Err(self.failed(&regex.text)) } else { Ok(()) }
    }

    /// Counts and remembers an expression that has exceeded its time.
    pub(super) fn failed(&self, expression: &str) -> Failed {
        self.budget.slow.borrow_mut().get_or_insert_with(|| expression.into());
        failed()
    }

    /// Returns whether the time is used up.
    pub(super) fn is_over(&mut self) -> bool {
        match self.slow {
            None => {
                if self.begun.elapsed() > self.free + self.unwatched {
                    self.slow = Some(sys::processor_time());
                }
                false
            }
            Some(begun) => sys::processor_time().saturating_sub(begun) > self.most,
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut used = self.begun.elapsed().saturating_sub(self.free).min(self.unwatched);
        if let Some(begun) = self.slow {
            used += sys::processor_time().saturating_sub(begun);
        }
        self.budget.left.set(self.budget.left.get().saturating_sub(used));
    }
}
