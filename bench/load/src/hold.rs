//! Many idle connections, each checked once and then held: what a connection costs while nothing happens.

use std::time::{Duration, Instant};

use crate::cost::{Meter, ProcessError};
use crate::failure::Failure;
use crate::link::{Dial, Limit, Link, Transport};
use crate::pattern::{Pattern, Seed};
use crate::plan::Target;
use crate::report::Report;
use crate::tally::{Outcome, Tally};
use crate::wire::{Mode, Request};

/// The bytes that the origin sends before a connection becomes idle: they show that the connection reaches the
/// origin.
const PROOF: usize = 100;

/// Open idle connections. Dropping it closes them without a check.
#[derive(Debug)]
pub struct Held {
    links: Vec<Link>,
    tally: Tally,
    count: u64,
    transport: Transport,
    seed: Seed,
    opening: Duration,
    meter: Meter,
}

impl Held {
    /// Opens `count` connections one after the other; those that fail are counted in the report.
    pub fn open(target: &Target, count: u64, seed: Seed, timeout: Duration) -> Result<Self, ProcessError> {
        let meter = Meter::start(&target.processes)?;
        let (begin, dial) = (Instant::now(), target.dial());
        let deadline = begin + timeout;
        let (mut links, mut tally) = (Vec::new(), Tally::default());
        for index in 0..count {
            if Instant::now() >= deadline {
                break;
            }
            match open_one(&dial, seed.nth(index), deadline) {
                Err(failure) => tally.record(Outcome::failed(failure)),
                Ok(link) => {
                    tally.record(Outcome {
                        bytes: PROOF as u64,
                        stall: Duration::ZERO,
                        path: None,
                        result: Ok(()),
                    });
                    links.push(link);
                }
            }
        }
        let opening = begin.elapsed();
        Ok(Self { links, tally, count, transport: target.transport, seed, opening, meter })
    }

    /// Returns the number of connections that were opened.
    pub fn count(&self) -> usize {
        self.links.len()
    }

    /// Returns the number of them that have neither ended nor sent anything since. An end takes a moment to arrive.
    pub fn alive(&self) -> usize {
        self.links.iter().filter(|link| link.is_idle().is_ok()).count()
    }

    /// Checks each connection once more (one that has ended is an error) and closes them. The cost in the report
    /// covers opening and holding; its memory is that of the moment before closing.
    pub fn close(mut self) -> Report {
        let cost = self.meter.stop();
        for link in &self.links {
            self.tally.paths.record(link.path());
            if let Err(failure) = link.is_idle() {
                self.tally.revoke(&failure);
            }
        }
        Report::new("hold", self.transport, self.seed, self.count, self.opening, self.tally, cost)
    }
}

fn open_one(dial: &Dial, seed: Seed, deadline: Instant) -> Result<Link, Failure> {
    let limit = Limit::Until(deadline);
    let link = Link::connect(dial, deadline)?;
    let request = Request { mode: Mode::Hold, bytes: PROOF as u64, seed };
    link.write_all(&request.encode(), limit, |_| {})?;
    let mut proof = [0; PROOF];
    link.read_exact(&mut proof, limit)?;
    Pattern::new(seed).check(0, &proof)?;
    Ok(link)
}
