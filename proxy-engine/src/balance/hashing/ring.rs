//! A ring of all 32-bit numbers on which each server has a number of points in proportion to its weight.
//!
//! A point depends on the server's number and on nothing else, so proxies that know the same numbers agree, and a
//! server that is added, removed or changes its weight moves only the keys next to its own points.

use proxy_rules::hash::avalanche;

use crate::balance::Candidates;
use crate::policy::{MAX_WEIGHT, WEIGHT_SCALE};

/// The most points of a server, one for each unit of its effective weight: the distance between the numbers from which
/// the points of two servers are computed. It is HAProxy's, like the way in which points are computed.
const STRIDE: u32 = MAX_WEIGHT as u32 * WEIGHT_SCALE;

#[derive(Debug, Default)]
pub(super) struct Ring {
    epoch: u64,
    /// The points in order, each with its server.
    points: Vec<(u32, usize)>,
    /// The point of the last turn.
    last: Option<u32>,
}

impl Ring {
    /// Applies changes of the servers.
    pub(super) fn follow(&mut self, candidates: &Candidates<'_>) {
        if self.epoch == candidates.epoch {
            return;
        }
        self.epoch = candidates.epoch;
        self.points.clear();
        for (index, server) in candidates.members() {
            let first = server.id().wrapping_mul(STRIDE);
            let points = (0..server.effective_weight()).map(|point| first.wrapping_add(point));
            self.points.extend(points.map(|point| (avalanche(point), index)));
        }
        self.points.sort_unstable();
    }

    /// Returns the server with the point nearest to a hash, or the next one if that is to be avoided and there is
    /// another.
    pub(super) fn nearest(&self, hash: u32, avoid: Option<usize>) -> Option<usize> {
        let count = self.points.len();
        let after = self.points.partition_point(|(point, _)| *point < hash).checked_rem(count)?;
        let before = (after + count - 1) % count;
        let distance = |from: u32, to: u32| to.wrapping_sub(from);
        let is_nearer = distance(self.points[before].0, hash) <= distance(hash, self.points[after].0);
        let begin = if is_nearer { before } else { after };
        let server = |step: usize| self.points[(begin + step) % count].1;
        (0..count).map(server).find(|index| Some(*index) != avoid).or(Some(server(0)))
    }

    /// Returns the server with room whose point comes next; the one that has failed only if there is no other.
    pub(super) fn turn(&mut self, candidates: &Candidates<'_>) -> Option<usize> {
        let count = self.points.len();
        let begin = match self.last {
            Some(last) => self.points.partition_point(|(point, _)| *point <= last),
            None => 0,
        };
        let mut avoided = None;
        for (point, index) in (0..count).map(|step| self.points[(begin + step) % count]) {
            if !candidates.server(index).has_room() {
                continue;
            }
            if candidates.avoid != Some(index) {
                self.last = Some(point);
                return Some(index);
            }
            avoided = avoided.or(Some((point, index)));
        }
        let (point, index) = avoided?;
        self.last = Some(point);
        Some(index)
    }
}
