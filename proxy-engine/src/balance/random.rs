//! `balance random`: draws some servers by weight, and takes the one of them with the fewest sessions.
//!
//! Two draws are much better than one, and a third adds little. No turns have to be shared, so it suits several proxies
//! in front of the same servers. Of servers with equal load the one is taken that was chosen less often of late.

mod recent;

use std::sync::Mutex;

use super::hashing::{Bounds, Hashing};
use super::registry::no_expression;
use super::weights::Weights;
use super::{Algorithm, ArgumentError, Balance, Candidates, Group, Members, lock, weight_in_use};
use recent::Recent;

inventory::submit! {
    Algorithm {
        name: "random",
        arguments: "[<draws>]",
        help: "the least loaded of some servers (2 by default), drawn by weight",
        since: "0.1",
        needs_request: false,
        expression: no_expression,
        make: |arguments, hashing| {
            let draws = match arguments {
                [] | [""] => 2,
                [draws] => draws.parse().ok().filter(|draws| *draws > 0).ok_or_else(|| {
                    ArgumentError(format!("a number of draws from 1 up is expected, found '{draws}'"))
                })?,
                [_, more, ..] => {
                    return Err(ArgumentError(format!("only a number of draws is expected, found '{more}'")));
                }
            };
            Ok(Box::new(Random::new(draws, hashing)))
        },
    }
}

#[derive(Debug)]
struct Random {
    draws: u32,
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: u64,
    /// The weights of the primary servers, and of the backups.
    weights: [Weights; 2],
    recent: Recent,
}

/// Returns a seed that differs between processes.
fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

/// Returns 64 well-mixed bits for any 64 bits: the output function of SplitMix64 (Steele, Lea and Flood 2014).
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// SplitMix64's increment.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    fn new(draws: u32, hashing: &Hashing) -> Random {
        let state = State { random: seed(), weights: Default::default(), recent: Recent::default() };
        Random { draws, bounds: Bounds::new(hashing), state: Mutex::new(state) }
    }

    /// Draws a server that may be given another session. One that may not is passed over in favour of the next, as on
    /// a ring.
    fn draw(&self, random: &mut u64, weights: &Weights, candidates: &Candidates<'_>) -> Option<usize> {
        *random = random.wrapping_add(STEP);
        let drawn = weights.at(mixed(*random) % weights.total());
        let allows =
            |index: usize| candidates.avoid != Some(index) && self.bounds.allow(candidates, index, weights);
        if allows(drawn) {
            return Some(drawn);
        }
        let next = |index: usize| {
            let position = weights.before(index) + u64::from(weights.of(index));
            weights.at(if position < weights.total() { position } else { 0 })
        };
        let mut others = std::iter::successors(Some(next(drawn)), |index| Some(next(*index)));
        others.by_ref().take(weights.members()).find(|index| allows(*index)).or(Some(drawn))
    }
}

impl Balance for Random {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let State { random, weights, recent } = &mut *lock(&self.state);
        let weights = &weights[usize::from(candidates.group == Group::Backups)];
        if weights.total() == 0 {
            return None;
        }
        let weight = |index: usize| u64::from(weights.of(index));
        let load = |index: usize| candidates.server(index).slots_in_use() as u64;
        let mut best = self.draw(random, weights, candidates)?;
        for _ in 1..self.draws {
            let next = self.draw(random, weights, candidates)?;
            if next == best {
                continue;
            }
            let (of_next, of_best) = (load(next) * weight(best), load(best) * weight(next));
            let is_rarer = || recent.of(next) * weight(best) < recent.of(best) * weight(next);
            if of_next < of_best || of_next == of_best && is_rarer() {
                best = next;
            }
        }
        if !candidates.server(best).has_room() {
            return None;
        }
        recent.chosen(best);
        Some(best)
    }

    fn changed(&self, servers: &dyn Members, index: usize) {
        let server = servers.member(index);
        let State { weights, recent, .. } = &mut *lock(&self.state);
        weights[usize::from(server.is_backup())].set(index, weight_in_use(server), servers.count());
        recent.resize(servers.count());
    }

    fn counts_sessions(&self) -> bool {
        self.bounds.counts_sessions()
    }
}
