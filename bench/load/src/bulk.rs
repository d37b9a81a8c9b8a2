//! Long streams: down, up and both ways, each stream on its own thread.

use std::thread;
use std::time::Instant;

use crate::failure::Failure;
use crate::link::{Dial, Limit, Link};
use crate::pattern::{Pattern, Seed};
use crate::progress::Progress;
use crate::tally::{Outcome, Tally};
use crate::transfer::{buffer, receive, send};
use crate::wire::{Direction, Request, Verdict};

/// One run of streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bulk<'a> {
    pub(crate) dial: &'a Dial,
    pub(crate) direction: Direction,
    /// The length of each stream.
    pub(crate) bytes: u64,
    pub(crate) streams: u64,
    pub(crate) seed: Seed,
    pub(crate) deadline: Instant,
    pub(crate) progress: &'a Progress,
}

impl Bulk<'_> {
    pub(crate) fn run(&self) -> Tally {
        let mut tally = Tally::default();
        thread::scope(|scope| {
            let streams: Vec<_> = (0..self.streams)
                .map(|index| scope.spawn(move || self.stream(self.seed.nth(index))))
                .collect();
            for stream in streams {
                match stream.join() {
                    Ok(outcome) => tally.record(outcome),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        tally
    }

    fn stream(&self, seed: Seed) -> Outcome {
        match self.open(seed) {
            Err(failure) => Outcome::failed(failure),
            Ok(link) => match self.direction {
                Direction::Down => self.down(&link, &Pattern::new(seed)),
                Direction::Up => self.up(&link, &Pattern::new(seed)),
                Direction::Echo => self.echo(&link, &Pattern::new(seed)),
            },
        }
    }

    fn limit(&self) -> Limit<'_> {
        Limit::Until(self.deadline)
    }

    fn open(&self, seed: Seed) -> Result<Link, Failure> {
        let link = Link::connect(self.dial, self.deadline)?;
        let request = Request { mode: self.direction.mode(), bytes: self.bytes, seed };
        link.write_all(&request.encode(), self.limit(), |_| {})?;
        Ok(link)
    }

    fn down(&self, link: &Link, pattern: &Pattern) -> Outcome {
        let received = receive(link, pattern, self.bytes, self.limit(), Some(self.progress), &mut buffer());
        Outcome {
            bytes: received.verified,
            stall: received.stall,
            path: received.path,
            result: received.verdict(self.bytes),
        }
    }

    fn up(&self, link: &Link, pattern: &Pattern) -> Outcome {
        let sent = send(link, pattern, self.bytes, self.limit(), Some(self.progress), &mut buffer());
        // Read before the FIN, which begins to close subflows.
        let path = link.path();
        let verdict = sent.and_then(|()| link.finish()).and_then(|()| self.verdict(link));
        match verdict {
            Err(failure) => Outcome { path, ..Outcome::failed(failure) },
            Ok(verdict) => Outcome {
                bytes: verdict.mismatch.unwrap_or(verdict.bytes).min(self.bytes),
                stall: verdict.stall,
                path,
                result: match verdict.mismatch {
                    Some(offset) => Err(Failure::Refuted { offset, verdict }),
                    None => Failure::length(verdict.bytes, self.bytes),
                },
            },
        }
    }

    fn verdict(&self, link: &Link) -> Result<Verdict, Failure> {
        let mut line = [0; Verdict::MAX_LEN];
        let mut len = 0;
        while len < line.len() {
            match link.read(&mut line[len..], self.limit())? {
                0 => break,
                count => len += count,
            }
        }
        Ok(Verdict::parse(&line[..len])?)
    }

    fn echo(&self, link: &Link, pattern: &Pattern) -> Outcome {
        let (sent, received) = thread::scope(|scope| {
            let sender = scope.spawn(|| {
                let sent = send(link, pattern, self.bytes, self.limit(), None, &mut buffer());
                let path = link.path();
                (sent.and_then(|()| link.finish()), path)
            });
            let received =
                receive(link, pattern, self.bytes, self.limit(), Some(self.progress), &mut buffer());
            match sender.join() {
                Ok(sent) => (sent, received),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        let (sent, path) = sent;
        Outcome {
            bytes: received.verified,
            stall: received.stall,
            path,
            // The result of receiving is more precise than the reason why sending failed.
            result: received.verdict(self.bytes).and(sent),
        }
    }
}
