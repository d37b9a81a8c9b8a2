//! A table with an entry for each unit of weight, for the algorithms that look up servers in one.

use super::Candidates;
use super::Member;

/// The table, and what it was made from. Weights are those of the configuration, divided by their greatest common
/// divisor: these algorithms do not follow a weight that changes.
#[derive(Debug, Default)]
pub(super) struct Map {
    epoch: u64,
    entries: Vec<usize>,
    distinct: usize,
}

impl Map {
    /// Returns the table for these candidates. It is rebuilt if a server was added or removed.
    pub(super) fn for_candidates(&mut self, candidates: &Candidates<'_>) -> &Map {
        if self.epoch != candidates.epoch {
            *self = Map::new(candidates);
        }
        self
    }

    fn new(candidates: &Candidates<'_>) -> Map {
        let weight = |server: &dyn Member| usize::from(server.initial_weight());
        let common = (0..candidates.count())
            .map(|index| weight(candidates.server(index)))
            .fold(0, greatest_common_divisor);
        // A server that was configured with weight 0 and was given another one gets the lowest.
        let members: Vec<(usize, usize)> = candidates
            .members()
            .map(|(index, server)| (index, (weight(server) / common.max(1)).max(1)))
            .collect();
        let total: usize = members.iter().map(|(_, weight)| weight).sum();

        // With each entry each server earns its weight. The first of those that have earned a whole entry takes it and
        // pays for it; one that has earned twice as much comes first.
        let mut earned = vec![0_isize; members.len()];
        let mut entries = Vec::with_capacity(total);
        let total = total.cast_signed();
        for _ in 0..total {
            let mut best: Option<(usize, isize)> = None;
            for (at, (_, weight)) in members.iter().enumerate() {
                earned[at] += weight.cast_signed();
                let score = (earned[at] + total) / total;
                if best.is_none_or(|(_, most)| score > most) {
                    best = Some((at, score));
                }
            }
            if let Some((at, _)) = best {
                earned[at] -= total;
                entries.push(members[at].0);
            }
        }
        Map { epoch: candidates.epoch, entries, distinct: members.len() }
    }

    /// Returns the server for a hash, or the only server.
    pub(super) fn at(&self, hash: u32) -> Option<usize> {
        let entry = (hash as usize).checked_rem(self.entries.len())?;
        self.entries.get(entry).copied()
    }

    /// Returns whether there is exactly one server.
    pub(super) fn has_one(&self) -> bool {
        self.distinct == 1
    }

    /// Returns the next server with room, starting at entry `next`, and advances `next` past it; the server that has
    /// failed only if there is no other.
    pub(super) fn turn(&self, candidates: &Candidates<'_>, next: &mut usize) -> Option<usize> {
        let count = self.entries.len();
        let mut avoided = None;
        for entry in (0..count).map(|step| (*next + step) % count) {
            let index = self.entries[entry];
            if !candidates.server(index).has_room() {
                continue;
            }
            if candidates.avoid != Some(index) {
                *next = (entry + 1) % count;
                return Some(index);
            }
            avoided = Some(entry);
        }
        let entry = avoided?;
        *next = (entry + 1) % count;
        Some(self.entries[entry])
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
