//! The connect storm: connect, 100 bytes in each direction, close, as often as configured.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::link::{Dial, Limit, Link};
use crate::opening::Opening;
use crate::pattern::{Pattern, Seed};
use crate::progress::Progress;
use crate::tally::{Outcome, Tally};
use crate::wire::{Mode, Request};

/// The payload of each connection, in bytes.
const BYTES: usize = 100;

/// One storm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storm<'a> {
    pub(crate) dial: &'a Dial,
    pub(crate) opening: &'a Opening,
    pub(crate) count: u64,
    pub(crate) concurrency: u64,
    pub(crate) seed: Seed,
    pub(crate) deadline: Instant,
    /// Counts bytes that have returned.
    pub(crate) progress: &'a Progress,
}

impl Storm<'_> {
    pub(crate) fn run(&self) -> Tally {
        let next = AtomicU64::new(0);
        let mut tally = Tally::default();
        thread::scope(|scope| {
            let workers: Vec<_> =
                (0..self.concurrency.min(self.count)).map(|_| scope.spawn(|| self.worker(&next))).collect();
            for worker in workers {
                match worker.join() {
                    Ok(part) => tally.merge(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        tally
    }

    fn worker(&self, next: &AtomicU64) -> Tally {
        let mut tally = Tally::default();
        while Instant::now() < self.deadline {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= self.count {
                break;
            }
            tally.record(self.once(self.seed.nth(index)).unwrap_or_else(Outcome::failed));
        }
        tally
    }

    fn once(&self, seed: Seed) -> Result<Outcome, Failure> {
        let link = Link::connect(self.dial, self.deadline)?;
        let result = self.exchange(&link, seed);
        // The stall of a storm would be the scheduling delay of one read, so it is not measured.
        let bytes = if result.is_ok() { BYTES as u64 } else { 0 };
        self.progress.add(bytes);
        Ok(Outcome { bytes, stall: Duration::ZERO, path: link.path(), result })
    }

    fn exchange(&self, link: &Link, seed: Seed) -> Result<(), Failure> {
        let pattern = Pattern::new(seed);
        let limit = Limit::Until(self.deadline);
        let request = Request { mode: Mode::Echo, bytes: BYTES as u64, seed };
        let mut payload = [0; BYTES];
        pattern.fill(0, &mut payload);
        let message = [self.opening.bytes(), &request.encode(), &payload].concat();
        link.write_all(&message, limit, |_| {})?;
        let mut answer = [0; BYTES];
        link.read_exact(&mut answer, limit)?;
        Ok(pattern.check(0, &answer)?)
    }
}
