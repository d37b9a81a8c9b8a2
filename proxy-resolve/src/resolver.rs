//! All names of a `resolvers` section: which are asked about when, and who learns what.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use crate::failure::{Failure, Status};
use crate::message::{Answer, Question, RecordType};
use crate::name::DomainName;
use crate::policy::{Families, Preference, ResolverPolicy};
use crate::records::{Choice, Known, Records};
use crate::requester::Requester;
use crate::resolution::{Resolution, Step};

/// The most names of a section that rules have asked for, with those whose answers are kept. Clients choose them.
const MOST_LOOKUPS: usize = 4096;

/// A name that is resolved, unique in its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// All servers are asked this question.
    Ask(Key, Question),
    /// Who asks about this name learns its records.
    Resolved(Key),
    /// Who asks about this name learns that there is no answer.
    Failed(Key, Status),
    /// Nobody asks about this name any more.
    Dropped(Key),
}

/// The names of a section.
#[derive(Debug)]
pub struct Resolver {
    policy: ResolverPolicy,
    /// The number of name servers.
    servers: usize,
    families: Families,
    resolutions: BTreeMap<Key, Resolution>,
    next: u64,
}

impl Resolver {
    /// Creates a resolver with this number of name servers.
    pub fn new(policy: ResolverPolicy, servers: usize, families: Families) -> Resolver {
        Resolver { policy, servers, families, resolutions: BTreeMap::new(), next: 0 }
    }

    /// Sets the families that answers may have.
    pub fn set_families(&mut self, families: Families) {
        self.families = families;
    }

    /// Returns the families that answers may have.
    pub fn families(&self) -> Families {
        self.families
    }

    /// Has somebody learn about a name from now on. Returns `None` if too many names are resolved for rules.
    pub fn link(
        &mut self,
        requester: Requester,
        name: DomainName,
        records: RecordType,
        now: Instant,
    ) -> Option<Key> {
        let same = |resolution: &Resolution| resolution.name == name && resolution.preferred == records;
        let known = self.resolutions.iter().find(|(_, resolution)| same(resolution)).map(|(key, _)| *key);
        let key = match known {
            Some(key) => key,
            None => {
                let is_lookup = matches!(requester, Requester::Lookup(_));
                if is_lookup && self.resolutions.len() >= MOST_LOOKUPS && !self.make_room() {
                    return None;
                }
                self.next += 1;
                let key = Key(self.next);
                self.resolutions.insert(key, Resolution::new(name, records, now));
                key
            }
        };
        let resolution = self.resolutions.get_mut(&key)?;
        if !resolution.requesters.contains(&requester) {
            resolution.requesters.push(requester);
        }
        Some(key)
    }

    /// Has somebody learn nothing about a name any more. Returns whether the name is dropped.
    pub fn unlink(&mut self, requester: Requester, key: Key) -> bool {
        let Some(resolution) = self.resolutions.get_mut(&key) else { return true };
        resolution.requesters.retain(|other| *other != requester);
        resolution.records.release(requester);
        let is_kept = matches!(requester, Requester::Lookup(_))
            && resolution.status == Some(Status::Valid)
            && !self.policy.holds.valid.is_zero();
        let is_dropped = resolution.requesters.is_empty() && !is_kept;
        if is_dropped {
            self.resolutions.remove(&key);
        }
        is_dropped
    }

    /// Has a name resolved soon, unless its last answer is recent.
    pub fn hurry(&mut self, key: Key, now: Instant) {
        let policy = self.policy;
        if let Some(resolution) = self.resolutions.get_mut(&key)
            && !resolution.is_asking()
            && !resolution.is_fresh(&policy, now)
        {
            resolution.ended = None;
        }
    }

    /// Returns who learns about a name.
    pub fn requesters(&self, key: Key) -> &[Requester] {
        self.resolutions.get(&key).map_or(&[], |resolution| &resolution.requesters)
    }

    /// Returns whether the last answer about a name may be used again.
    pub fn is_fresh(&self, key: Key, now: Instant) -> bool {
        self.resolutions.get(&key).is_some_and(|resolution| resolution.is_fresh(&self.policy, now))
    }

    /// Returns how resolving a name has ended last.
    pub fn status(&self, key: Key) -> Option<Status> {
        self.resolutions.get(&key)?.status
    }

    /// Returns whether a failure changes nothing yet, since the last answer is recent.
    pub fn holds(&self, key: Key, status: Status, now: Instant) -> bool {
        self.resolutions.get(&key).is_some_and(|resolution| resolution.holds(status, &self.policy, now))
    }

    /// Returns the records of a name.
    pub fn records(&self, key: Key) -> Option<&Records> {
        self.resolutions.get(&key).map(|resolution| &resolution.records)
    }

    /// Drops the records of a name, and returns them.
    pub fn forget(&mut self, key: Key) -> Vec<Known> {
        self.resolutions.get_mut(&key).map(|resolution| resolution.records.clear()).unwrap_or_default()
    }

    /// Has a requester use no record of a name any more.
    pub fn release(&mut self, key: Key, requester: Requester) {
        if let Some(resolution) = self.resolutions.get_mut(&key) {
            resolution.records.release(requester);
        }
    }

    /// Chooses an address of a name: see [`Records::choose`].
    pub fn choose(
        &mut self,
        key: Key,
        preference: &Preference,
        current: Option<IpAddr>,
        requester: Option<Requester>,
    ) -> Choice {
        let families = self.families;
        match self.resolutions.get_mut(&key) {
            Some(resolution) => resolution.records.choose(preference, families, current, requester),
            None => Choice::None,
        }
    }

    /// Returns when [`advance`](Self::advance) has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.resolutions.values().filter_map(|resolution| resolution.due(&self.policy)).min()
    }

    /// Follows the time.
    pub fn advance(&mut self, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        let (policy, families, servers) = (self.policy, self.families, self.servers);
        self.resolutions.retain(|key, resolution| {
            let is_due = resolution.due(&policy).is_some_and(|due| due <= now);
            if is_due && resolution.requesters.is_empty() {
                events.push(Event::Dropped(*key));
                return false;
            }
            let step = resolution.advance(&policy, families, servers, now);
            events.extend(event(*key, step));
            true
        });
        events
    }

    /// Follows the answer of a name server. Returns what is to be done, and the records that are gone.
    pub fn answered(
        &mut self,
        key: Key,
        answer: Result<Answer, Failure>,
        now: Instant,
    ) -> (Option<Event>, Vec<Known>) {
        let (families, servers, hold) = (self.families, self.servers, self.policy.holds.obsolete);
        let Some(resolution) = self.resolutions.get_mut(&key) else { return (None, Vec::new()) };
        let (step, answer) = resolution.answered(answer, families, servers, now);
        let dropped = answer.map(|answer| resolution.records.update(answer, now, hold)).unwrap_or_default();
        (event(key, step), dropped)
    }

    /// Drops a name whose answer was only kept. Returns whether there was one.
    fn make_room(&mut self) -> bool {
        let unused = |resolution: &Resolution| resolution.requesters.is_empty();
        let oldest = self.resolutions.iter().filter(|(_, resolution)| unused(resolution));
        let oldest = oldest.min_by_key(|(_, resolution)| resolution.ended).map(|(key, _)| *key);
        oldest.and_then(|key| self.resolutions.remove(&key)).is_some()
    }
}

fn event(key: Key, step: Step) -> Option<Event> {
    match step {
        Step::Wait => None,
        Step::Ask(question) => Some(Event::Ask(key, question)),
        Step::Resolved => Some(Event::Resolved(key)),
        Step::Failed(status) => Some(Event::Failed(key, status)),
    }
}
