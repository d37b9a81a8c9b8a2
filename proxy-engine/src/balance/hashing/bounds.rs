//! The limits within which a key stays with its server on a ring: `hash-balance-factor`, `hash-preserve-affinity`.
//!
//! With a balance factor a server takes no more than that part, in percent, of its share of all sessions: consistent
//! hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam 2016), for servers with weights.

use super::Hashing;
use crate::balance::weights::Weights;
use crate::balance::{Candidates, Member};
use crate::policy::HashAffinity;

/// The limits of a backend.
#[derive(Clone, Copy, Debug)]
pub(in crate::balance) struct Bounds {
    factor: u64,
    affinity: HashAffinity,
}

impl Bounds {
    pub(in crate::balance) fn new(hashing: &Hashing) -> Bounds {
        Bounds { factor: hashing.balance_factor.into(), affinity: hashing.affinity }
    }

    /// Returns whether the number of all sessions has to be known.
    pub(in crate::balance) fn counts_sessions(&self) -> bool {
        self.factor > 0
    }

    /// Returns whether a server may be given another session.
    pub(in crate::balance) fn allow(
        &self,
        candidates: &Candidates<'_>,
        index: usize,
        weights: &Weights,
    ) -> bool {
        if self.factor == 0 && self.affinity == HashAffinity::Always {
            return true;
        }
        let server = candidates.server(index);
        let is_within = || {
            let sessions = candidates.servers.slots_in_use() as u64 + 1;
            (server.slots_in_use() as u64) < share(sessions, self.factor, index, weights)
        };
        (self.factor == 0 || is_within()) && self.is_open(server)
    }

    /// Returns whether a server has a free slot, or a place in its queue, as far as that matters.
    fn is_open(&self, server: &dyn Member) -> bool {
        let Some(limit) = server.maxconn() else { return true };
        match (self.affinity, server.maxqueue()) {
            (HashAffinity::Always, _) | (HashAffinity::MaxQueue, None) => true,
            (HashAffinity::MaxConn, _) => server.slots_in_use() < limit,
            (HashAffinity::MaxQueue, Some(places)) => server.load() < limit + places,
        }
    }
}

/// Returns the most sessions of a server, at least 1: its share of all of them times the factor. What is left over after
/// whole numbers for each unit of weight goes to servers in their order, so that the sum is right.
fn share(sessions: u64, factor: u64, index: usize, weights: &Weights) -> u64 {
    let slots = (sessions * factor).div_ceil(100);
    let total = weights.total().max(1);
    let (whole, rest) = (slots / total, slots % total);
    let (own, before) = (u64::from(weights.of(index)), weights.before(index));
    (own * whole + (before + own) * rest / total - before * rest / total).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_up_to_the_whole() {
        let mut weights = Weights::default();
        [16, 32, 0, 48].into_iter().enumerate().for_each(|(index, weight)| weights.set(index, weight, 4));
        for (sessions, factor, expected) in [
            (1, 101, [1, 1, 1, 1]),
            (60, 100, [10, 20, 1, 30]),
            (61, 100, [10, 20, 1, 31]),
            (100, 150, [25, 50, 1, 75]),
            (1000, 125, [208, 417, 1, 625]),
        ] {
            let shares: [u64; 4] = std::array::from_fn(|index| share(sessions, factor, index, &weights));
            assert_eq!(shares, expected, "{sessions} sessions, {factor} %");
        }
    }
}
