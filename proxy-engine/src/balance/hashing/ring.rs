//! A ring of all 32-bit numbers on which each server has places, as many as its weight says.
//!
//! A place depends on the server's number and on nothing else, so proxies that know the same numbers agree, and a
//! server that comes, goes or changes its weight moves only the keys next to its own places.

use super::function::avalanche;
use crate::balance::Choice;
use crate::policy::MAX_WEIGHT;

/// Places for each unit of weight. HAProxy's, as is the way in which they are found.
const SCALE: u32 = 16;

/// The most places that a server can have: how far apart the numbers are from which the places of two are made.
const STRIDE: u32 = MAX_WEIGHT as u32 * SCALE;

#[derive(Debug, Default)]
pub(super) struct Ring {
    epoch: u64,
    /// By place, each with its server.
    places: Vec<(u32, usize)>,
    /// Where the last turn was.
    last: Option<u32>,
}

impl Ring {
    /// Takes up what has changed.
    pub(super) fn follow(&mut self, choice: &Choice<'_>) {
        if self.epoch == choice.epoch {
            return;
        }
        self.epoch = choice.epoch;
        self.places.clear();
        for (index, server) in choice.members() {
            let first = server.id().wrapping_mul(STRIDE);
            let places = (0..u32::from(server.weight()) * SCALE).map(|place| first.wrapping_add(place));
            self.places.extend(places.map(|place| (avalanche(place), index)));
        }
        self.places.sort_unstable();
    }

    /// The server with the place nearest to a hash, or the next one if that is to be avoided and there is another.
    pub(super) fn nearest(&self, hash: u32, avoid: Option<usize>) -> Option<usize> {
        let count = self.places.len();
        let after = self.places.partition_point(|(place, _)| *place < hash).checked_rem(count)?;
        let before = (after + count - 1) % count;
        let distance = |from: u32, to: u32| to.wrapping_sub(from);
        let is_nearer = distance(self.places[before].0, hash) <= distance(hash, self.places[after].0);
        let begin = if is_nearer { before } else { after };
        let server = |step: usize| self.places[(begin + step) % count].1;
        (0..count).map(server).find(|index| Some(*index) != avoid).or(Some(server(0)))
    }

    /// The server with room whose place comes next; the one that has failed only if there is no other.
    pub(super) fn turn(&mut self, choice: &Choice<'_>) -> Option<usize> {
        let count = self.places.len();
        let begin = match self.last {
            Some(last) => self.places.partition_point(|(place, _)| *place <= last),
            None => 0,
        };
        let mut avoided = None;
        for (place, index) in (0..count).map(|step| self.places[(begin + step) % count]) {
            if !choice.servers[index].has_room() {
                continue;
            }
            if choice.avoid != Some(index) {
                self.last = Some(place);
                return Some(index);
            }
            avoided = avoided.or(Some((place, index)));
        }
        let (place, index) = avoided?;
        self.last = Some(place);
        Some(index)
    }
}
