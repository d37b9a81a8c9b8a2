//! One name that is resolved again and again.
//!
//! ```text
//!           due                      answer
//!  waiting ─────► asking, try 1 ──────────────────────► waiting (resolved)
//!     ▲             │ every server has failed
//!     │             ├──► asking for the other family ─► answer
//!     │             │ no answer within `timeout retry`
//!     │             └──► asking, try 2 … the last try has failed
//!     └──────────────────────────────────────────────── waiting (failed)
//! ```

use std::time::Instant;

use crate::failure::{Failure, Status};
use crate::message::{Answer, Question, RecordType};
use crate::name::DomainName;
use crate::policy::{Families, ResolverPolicy};
use crate::records::Records;
use crate::requester::Requester;

/// A question that waits for answers.
#[derive(Clone, Copy, Debug)]
struct Asking {
    records: RecordType,
    /// How often it may be asked again.
    tries: u32,
    sent: Instant,
    asked: usize,
    failed: usize,
}

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing yet.
    Wait,
    /// All servers are asked.
    Ask(Question),
    /// There are new records.
    Resolved,
    /// There is no answer.
    Failed(Status),
}

/// A name, what is known about it, and who asks.
#[derive(Clone, Debug)]
pub(crate) struct Resolution {
    pub(crate) name: DomainName,
    /// The records that are asked for first.
    pub(crate) preferred: RecordType,
    pub(crate) requesters: Vec<Requester>,
    pub(crate) records: Records,
    pub(crate) status: Option<Status>,
    /// When resolving last ended.
    pub(crate) ended: Option<Instant>,
    last_valid: Instant,
    asking: Option<Asking>,
}

impl Resolution {
    pub(crate) fn new(name: DomainName, preferred: RecordType, now: Instant) -> Resolution {
        Resolution {
            name,
            preferred,
            requesters: Vec::new(),
            records: Records::default(),
            status: None,
            ended: None,
            last_valid: now,
            asking: None,
        }
    }

    pub(crate) fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// Returns when something is to be done without an answer.
    pub(crate) fn due(&self, policy: &ResolverPolicy) -> Option<Instant> {
        match &self.asking {
            Some(asking) => asking.sent.checked_add(policy.retry),
            None => {
                let wait = if self.requesters.is_empty() { policy.holds.valid } else { policy.interval };
                match self.ended {
                    Some(ended) => ended.checked_add(wait),
                    None => Some(self.last_valid),
                }
            }
        }
    }

    /// Returns whether a failure changes nothing yet, since the last answer is recent.
    pub(crate) fn holds(&self, status: Status, policy: &ResolverPolicy, now: Instant) -> bool {
        self.last_valid.checked_add(policy.holds.after(status)).is_none_or(|until| now < until)
    }

    /// Returns whether the last answer may be used again.
    pub(crate) fn is_fresh(&self, policy: &ResolverPolicy, now: Instant) -> bool {
        let until = self.ended.map(|ended| ended.checked_add(policy.holds.valid));
        self.status == Some(Status::Valid) && until.is_some_and(|until| until.is_none_or(|until| now < until))
    }

    /// Follows the time.
    pub(crate) fn advance(
        &mut self,
        policy: &ResolverPolicy,
        families: Families,
        servers: usize,
        now: Instant,
    ) -> Step {
        if self.due(policy).is_none_or(|due| due > now) {
            return Step::Wait;
        }
        let Some(asking) = self.asking else {
            let tries = policy.tries.saturating_sub(1);
            return self.ask(self.preferred, tries, servers, now);
        };
        if asking.tries == 0 {
            let status = match asking.failed {
                0 => Status::TimedOut,
                _ => self.status.unwrap_or(Status::Other),
            };
            return self.end(Step::Failed(status), now);
        }
        let other = other_family(self.preferred, families);
        match other.filter(|_| asking.failed > 0 && asking.records == self.preferred) {
            Some(other) => self.ask(other, asking.tries, servers, now),
            None => self.ask(self.preferred, asking.tries - 1, servers, now),
        }
    }

    /// Follows an answer of one of the servers.
    pub(crate) fn answered(
        &mut self,
        answer: Result<Answer, Failure>,
        families: Families,
        servers: usize,
        now: Instant,
    ) -> (Step, Option<Answer>) {
        let Some(asking) = &mut self.asking else { return (Step::Wait, None) };
        let failure = match answer {
            Ok(answer) => {
                self.last_valid = now;
                return (self.end(Step::Resolved, now), Some(answer));
            }
            Err(failure) => failure,
        };
        let status = Status::from(failure);
        self.status = Some(status);
        asking.failed += 1;
        // Another server may know it.
        if asking.failed < asking.asked {
            return (Step::Wait, None);
        }
        let asking = *asking;
        let is_second = asking.records != self.preferred;
        let step = match other_family(self.preferred, families) {
            _ if is_second && asking.tries == 0 => self.end(Step::Failed(status), now),
            Some(other) if !is_second => self.ask(other, asking.tries, servers, now),
            // The next try is due when the question would be repeated.
            Some(_) | None => Step::Wait,
        };
        (step, None)
    }

    fn ask(&mut self, records: RecordType, tries: u32, servers: usize, now: Instant) -> Step {
        self.asking = Some(Asking { records, tries, sent: now, asked: servers, failed: 0 });
        Step::Ask(Question { name: self.name.clone(), records })
    }

    fn end(&mut self, step: Step, now: Instant) -> Step {
        self.status = Some(match step {
            Step::Failed(status) => status,
            _ => Status::Valid,
        });
        (self.asking, self.ended) = (None, Some(now));
        step
    }
}

/// Returns the records of the other family, if both are accepted.
fn other_family(preferred: RecordType, families: Families) -> Option<RecordType> {
    let other = match preferred {
        RecordType::A => RecordType::Aaaa,
        RecordType::Aaaa => RecordType::A,
        RecordType::Srv => return None,
    };
    (families == Families::BOTH).then_some(other)
}
