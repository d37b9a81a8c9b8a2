//! A table with an entry for each unit of weight, for the algorithms that look up servers in one.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::{Candidates, Member};

/// The table. Weights are those of the configuration, divided by their greatest common divisor: these algorithms do not
/// follow a weight that changes.
#[derive(Debug, Default)]
pub(super) struct Map {
    /// Whether it shows the servers as they are. Made when it is next used, so that many changes at once cost one.
    is_current: bool,
    entries: Vec<usize>,
    distinct: usize,
    /// The entry whose turn is next.
    next: usize,
}

impl Map {
    /// Notes that a server has changed.
    pub(super) fn is_outdated(&mut self) {
        self.is_current = false;
    }

    /// Applies changes of servers.
    pub(super) fn follow(&mut self, candidates: &Candidates<'_>) {
        if self.is_current {
            return;
        }
        let weight = |server: &dyn Member| usize::from(server.initial_weight());
        let common = (0..candidates.count())
            .map(|index| weight(candidates.server(index)))
            .fold(0, greatest_common_divisor);
        // A server that was configured with weight 0 and was given another one gets the lowest.
        let members: Vec<(usize, usize)> = candidates
            .members()
            .map(|(index, server)| (index, (weight(server) / common.max(1)).max(1)))
            .collect();
        *self =
            Map { is_current: true, distinct: members.len(), entries: entries(&members), next: self.next };
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

    /// Returns the next server with room; the one that has failed only if there is no other.
    pub(super) fn turn(&mut self, candidates: &Candidates<'_>) -> Option<usize> {
        let count = self.entries.len();
        // After entries have gone, turns begin again.
        let begin = if self.next < count { self.next } else { 0 };
        let mut avoided = None;
        for entry in (begin..count).chain(0..begin) {
            let index = self.entries[entry];
            if !candidates.server(index).has_room() {
                continue;
            }
            if candidates.avoid != Some(index) {
                self.next = entry + 1;
                return Some(index);
            }
            avoided = Some(entry);
        }
        let entry = avoided?;
        self.next = entry + 1;
        Some(self.entries[entry])
    }
}

/// Distributes the entries among servers, each with its index and its weight.
///
/// With each entry each server earns its weight. The first of those that have earned a whole entry takes it and pays for
/// it; one that has earned more comes first. What a server earns only matters when it reaches the next whole entry, so
/// only these moments are looked at: the k-th is at entry k * total / weight.
fn entries(members: &[(usize, usize)]) -> Vec<usize> {
    let total: usize = members.iter().map(|(_, weight)| weight).sum();
    let due = |at: usize, nth: usize| (nth * total).div_ceil(members[at].1);
    // The servers by the number of whole entries that they have earned, and when each earns its next.
    let mut earned: BTreeSet<(Reverse<isize>, usize)> =
        (0..members.len()).map(|at| (Reverse(0), at)).collect();
    let mut coming: BinaryHeap<Reverse<(usize, usize)>> =
        (0..members.len()).map(|at| Reverse((due(at, 1), at))).collect();
    let mut balances = vec![(0_isize, 1_usize); members.len()];
    let mut entries = Vec::with_capacity(total);
    for entry in 1..=total {
        while let Some(Reverse((when, at))) = coming.peek().copied()
            && when <= entry
        {
            coming.pop();
            let (balance, nth) = &mut balances[at];
            earned.remove(&(Reverse(*balance), at));
            (*balance, *nth) = (*balance + 1, *nth + 1);
            earned.insert((Reverse(*balance), at));
            if *nth <= members[at].1 {
                coming.push(Reverse((due(at, *nth), at)));
            }
        }
        let Some((_, at)) = earned.pop_first() else { break };
        entries.push(members[at].0);
        let (balance, _) = &mut balances[at];
        *balance -= 1;
        earned.insert((Reverse(*balance), at));
    }
    entries
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the rule says, which takes the product of servers and entries.
    fn slowly(members: &[(usize, usize)]) -> Vec<usize> {
        let total: isize = members.iter().map(|(_, weight)| weight.cast_signed()).sum();
        let mut earned = vec![0_isize; members.len()];
        let one = |_| {
            let mut best: Option<(usize, isize)> = None;
            for (at, (_, weight)) in members.iter().enumerate() {
                earned[at] += weight.cast_signed();
                let score = (earned[at] + total) / total;
                if best.is_none_or(|(_, most)| score > most) {
                    best = Some((at, score));
                }
            }
            let (at, _) = best.expect("there are servers");
            earned[at] -= total;
            members[at].0
        };
        (0..total).map(one).collect()
    }

    #[test]
    fn each_server_has_entries_for_its_weight_in_the_order_of_the_rule() {
        let mut state = 1_u32;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        for round in 0..200 {
            let members: Vec<(usize, usize)> =
                (0..=next() % 12).map(|index| (index, 1 + next() % [3, 256, 10][round % 3])).collect();
            let entries = entries(&members);
            assert_eq!(entries, slowly(&members), "{members:?}");
            for (index, weight) in &members {
                assert_eq!(entries.iter().filter(|entry| *entry == index).count(), *weight);
            }
        }
        assert_eq!(entries(&[]), [0; 0]);
    }
}
