//! The records of a name that are known: those of the last answer, and older ones for as long as the section says.
//!
//! They have an order that does not depend on that of messages, which name servers rotate: HAProxy's, by a hash.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use proxy_config::Network;
use twox_hash::XxHash32;

use crate::message::{Answer, Data};
use crate::name::DomainName;
use crate::policy::{Families, Preference};
use crate::requester::Requester;

/// The most records of a name that are kept.
const MOST: usize = 4096;

/// A record, and who uses it.
#[derive(Clone, Debug)]
pub struct Known {
    hash: u32,
    /// What it says.
    pub data: Data,
    /// The address of a server of a service, if an answer has it, and when one had it last.
    pub additional: Option<(IpAddr, Instant)>,
    seen: Instant,
    users: Vec<Requester>,
}

/// The records of a name.
#[derive(Clone, Debug, Default)]
pub struct Records {
    all: Vec<Known>,
    /// The record at which the next choice begins, so that servers of the same name get different addresses.
    next: Option<Data>,
}

/// The choice of an address for a requester.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one that it has.
    Same,
    /// Another one.
    New(IpAddr),
    /// There is none for it.
    None,
}

impl Records {
    /// Adds the records of an answer, and drops those that have not been seen for `hold`. Returns the dropped ones.
    pub fn update(&mut self, answer: Answer, now: Instant, hold: Duration) -> Vec<Known> {
        for data in answer.records {
            self.see(data, now);
        }
        for (name, ip) in answer.additional {
            self.see_additional(&name, ip, now);
        }
        let is_recent = |seen: Instant| seen.checked_add(hold).is_none_or(|until| until >= now);
        let (kept, dropped) = self.all.drain(..).partition(|known| is_recent(known.seen));
        self.all = kept;
        for known in &mut self.all {
            known.additional = known.additional.filter(|(_, seen)| is_recent(*seen));
        }
        dropped
    }

    /// Drops all records, and returns them.
    pub fn clear(&mut self) -> Vec<Known> {
        self.next = None;
        std::mem::take(&mut self.all)
    }

    /// Returns the records in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Known> {
        self.all.iter()
    }

    /// Forgets that a requester uses a record.
    pub fn release(&mut self, requester: Requester) {
        for known in &mut self.all {
            known.users.retain(|user| *user != requester);
        }
    }

    fn see(&mut self, data: Data, now: Instant) {
        let hash = hash(&data);
        let same = |known: &&mut Known| known.hash == hash && is_same(&known.data, &data);
        if let Some(known) = self.all.iter_mut().find(same) {
            known.seen = now;
            known.data = data;
            return;
        }
        if self.all.len() < MOST {
            let place = self.all.partition_point(|known| known.hash <= hash);
            self.all.insert(place, Known { hash, data, additional: None, seen: now, users: Vec::new() });
        }
    }

    fn see_additional(&mut self, name: &DomainName, ip: IpAddr, now: Instant) {
        let is_of = |known: &&mut Known| matches!(&known.data, Data::Server { target, .. } if target == name);
        for known in self.all.iter_mut().filter(is_of) {
            match &mut known.additional {
                Some((known, seen)) if *known == ip => *seen = now,
                // A name may have several addresses: the first one stays.
                Some(_) => {}
                additional @ None => *additional = Some((ip, now)),
            }
        }
    }

    /// Chooses an address: one of the preferred family before one of a preferred network, before one that no other
    /// server of the backend has, before the one that the requester has. `requester` is a server that will use it, or
    /// `None` if it is not kept.
    pub fn choose(
        &mut self,
        preference: &Preference,
        families: Families,
        current: Option<IpAddr>,
        requester: Option<Requester>,
    ) -> Choice {
        let uses = |known: &Known| requester.is_some_and(|own| known.users.contains(&own));
        if self.all.iter().any(uses) {
            return Choice::Same;
        }
        let count = self.all.len();
        let mut best: Option<(usize, u8)> = None;
        let first = self.all.iter().position(|known| Some(&known.data) == self.next.as_ref()).unwrap_or(0);
        for index in (0..count).map(|offset| (first + offset) % count) {
            let score = self.score(index, preference, families, current, requester);
            let Some(score) = score.filter(|score| best.is_none_or(|(_, best)| *score > best)) else {
                continue;
            };
            best = Some((index, score));
            if score == BEST {
                break;
            }
        }
        let Some((index, _)) = best else { return Choice::None };
        self.next = self.all.get(index + 1).map(|known| known.data.clone());
        let Some(known) = self.all.get_mut(index) else { return Choice::None };
        known.users.extend(requester);
        match known.data {
            Data::Address(ip) if Some(ip) == current => Choice::Same,
            Data::Address(ip) => Choice::New(ip),
            Data::Server { .. } => Choice::None,
        }
    }

    fn score(
        &self,
        index: usize,
        preference: &Preference,
        families: Families,
        current: Option<IpAddr>,
        requester: Option<Requester>,
    ) -> Option<u8> {
        let known = self.all.get(index)?;
        let Data::Address(ip) = known.data else { return None };
        if !families.accept(ip) {
            return None;
        }
        let mut score = u8::from(preference.family.has(ip)) * FAMILY;
        for network in &preference.networks {
            // As in HAProxy, networks of one family exclude addresses of the other one.
            match (network, ip) {
                (Network::V4(_), IpAddr::V6(_)) | (Network::V6(_), IpAddr::V4(_)) => return None,
                _ if network.contains(ip) => {
                    score += NETWORK;
                    break;
                }
                _ => {}
            }
        }
        let is_taken = requester.is_some_and(|own| known.users.iter().any(|user| user.shares_backend(own)));
        match is_taken {
            true if !preference.shares_address => return None,
            true => {}
            false => score += FREE,
        }
        Some(score + u8::from(current == Some(ip)))
    }
}

/// How much each advantage counts.
const FAMILY: u8 = 8;
const NETWORK: u8 = 4;
const FREE: u8 = 2;
/// The score of an address with all advantages.
const BEST: u8 = 15;

/// Returns whether two records are the same, up to a weight that may change.
fn is_same(one: &Data, other: &Data) -> bool {
    match (one, other) {
        (Data::Address(one), Data::Address(other)) => one == other,
        (Data::Server { target, port, .. }, Data::Server { target: other, port: other_port, .. }) => {
            (target, port) == (other, other_port)
        }
        _ => false,
    }
}

/// The numbers of the types of records, which are the seeds of their hashes.
const A: u32 = 1;
const AAAA: u32 = 28;
const SRV: u32 = 33;

fn hash(data: &Data) -> u32 {
    match data {
        Data::Address(IpAddr::V4(ip)) => XxHash32::oneshot(A, &ip.octets()),
        Data::Address(IpAddr::V6(ip)) => XxHash32::oneshot(AAAA, &ip.octets()),
        Data::Server { target, .. } => XxHash32::oneshot(SRV, &target.labels()),
    }
}
