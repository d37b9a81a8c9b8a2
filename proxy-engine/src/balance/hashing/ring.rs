//! A ring of all 32-bit numbers on which each server has a number of points in proportion to its weight.
//!
//! A point depends on the server's own number and on nothing else, so proxies that know the same numbers agree, and a
//! server that is added, removed or changes its weight moves only the keys next to its own points. Only these points are
//! touched then, so a change costs their number times the logarithm of all.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};

use proxy_rules::hash::avalanche;

use crate::balance::Candidates;
use crate::balance::weights::Weights;

/// A point, and the index of its server: those at the same point are in the order of the configuration.
type Point = (u32, u32);

#[derive(Debug, Default)]
pub(super) struct Ring {
    points: BTreeSet<Point>,
    /// The numbers from which the points of each server are computed: as many as it has weight.
    keys: Vec<u32>,
    weights: Weights,
    /// The point of the last turn.
    last: Option<Point>,
}

fn point(key: u32, number: u32, index: usize) -> Point {
    (avalanche(key.wrapping_add(number)), index as u32)
}

impl Ring {
    /// Sets the key and the weight of a server, one of `count`.
    pub(super) fn set(&mut self, index: usize, key: u32, weight: u32, count: usize) {
        self.keys.resize(self.keys.len().max(count), 0);
        let (before, old) = (self.weights.of(index), self.keys[index]);
        // Of the same key, only the difference.
        let kept = if key == old { before.min(weight) } else { 0 };
        for number in kept..before {
            self.points.remove(&point(old, number, index));
        }
        self.points.extend((kept..weight).map(|number| point(key, number, index)));
        self.keys[index] = key;
        self.weights.set(index, weight, count);
    }

    /// Returns whether there is exactly one server.
    pub(super) fn has_one(&self) -> bool {
        self.weights.members() == 1
    }

    /// Returns the server with the point nearest to a hash; if that is not allowed, the first after it that is, and the
    /// nearest if none is.
    pub(super) fn nearest(&self, hash: u32, allow: impl Fn(usize, &Weights) -> bool) -> Option<usize> {
        let after = *self.points.range((hash, 0)..).next().or(self.points.first())?;
        let before = *self.points.range(..(hash, 0)).next_back().or(self.points.last())?;
        let distance = |from: u32, to: u32| to.wrapping_sub(from);
        let is_nearer = distance(before.0, hash) <= distance(hash, after.0);
        let nearest = if is_nearer { before } else { after };
        let server = |point: &Point| point.1 as usize;
        let mut from = self.from(nearest).map(server);
        from.find(|index| allow(*index, &self.weights)).or(Some(server(&nearest)))
    }

    /// Returns all points, beginning with this one.
    fn from(&self, begin: Point) -> impl Iterator<Item = &Point> {
        self.points.range(begin..).chain(self.points.range(..begin))
    }

    /// Returns the server with room whose point comes next; the one that has failed only if there is no other.
    pub(super) fn turn(&mut self, candidates: &Candidates<'_>) -> Option<usize> {
        let mut avoided = None;
        let last = self.last.unwrap_or((0, 0));
        let from_last = match self.last {
            Some(last) => self.points.range((Excluded(last), Unbounded)),
            None => self.points.range(..),
        };
        let mut chosen = None;
        for point in from_last.chain(self.points.range(..=last)) {
            let index = point.1 as usize;
            if !candidates.server(index).has_room() {
                continue;
            }
            if candidates.avoid != Some(index) {
                chosen = Some(*point);
                break;
            }
            avoided = avoided.or(Some(*point));
        }
        self.last = chosen.or(avoided).or(self.last);
        chosen.or(avoided).map(|(_, index)| index as usize)
    }
}
