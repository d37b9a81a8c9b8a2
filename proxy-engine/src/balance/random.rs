//! `balance random`: draws some servers by weight, and takes the one of them with the fewest sessions.
//!
//! Two draws are much better than one, and a third adds little. No turns have to be shared, so it suits several proxies
//! in front of the same servers.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Algorithm, ArgumentError, Balance, Candidates};

inventory::submit! {
    Algorithm {
        name: "random",
        arguments: "[<draws>]",
        help: "the least loaded of some servers (2 by default), drawn by weight",
        since: "0.1",
        needs_request: false,
        make: |arguments, _| {
            let draws = match arguments {
                [] => 2,
                [draws] => draws.parse().ok().filter(|draws| *draws > 0).ok_or_else(|| {
                    ArgumentError(format!("a number of draws from 1 up is expected, found '{draws}'"))
                })?,
                [_, more, ..] => {
                    return Err(ArgumentError(format!("only a number of draws is expected, found '{more}'")));
                }
            };
            Ok(Box::new(Random { draws, state: AtomicU64::new(seed()) }))
        },
    }
}

#[derive(Debug)]
struct Random {
    draws: u32,
    state: AtomicU64,
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

impl Balance for Random {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let mut all = candidates.members();
        if let (Some((only, server)), None) = (all.next(), all.next()) {
            // There is nothing to draw.
            return (server.effective_weight() > 0 && server.has_room()).then_some(only);
        }
        // All draws of a choice share one number.
        let mut state = self.state.fetch_add(STEP, Ordering::Relaxed);
        let avoid = candidates.avoid.filter(|avoid| candidates.members().any(|(index, _)| index != *avoid));
        let members = || candidates.members().filter(|(index, _)| Some(*index) != avoid);
        let total: u64 = members().map(|(_, server)| u64::from(server.effective_weight())).sum();
        if total == 0 {
            return None;
        }
        let draw = |bits: u64| {
            let mut left = mixed(bits) % total;
            members().map(|(index, _)| index).find(|index| {
                let weight = u64::from(candidates.server(*index).effective_weight());
                left.checked_sub(weight).map(|rest| left = rest).is_none()
            })
        };
        let relative = |index: usize, other: usize| {
            candidates.server(index).slots_in_use() * candidates.server(other).effective_weight() as usize
        };
        let mut best = draw(state)?;
        for _ in 1..self.draws {
            state = mixed(state.wrapping_add(STEP));
            if let Some(next) = draw(state)
                && relative(next, best) < relative(best, next)
            {
                best = next;
            }
        }
        candidates.server(best).has_room().then_some(best)
    }
}
