//! `balance source`: the same client address leads to the same server, as long as no server comes or goes.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::map::Map;
use super::{Algorithm, Balance, Choice, lock, no_arguments};

inventory::submit! {
    Algorithm {
        name: "source",
        arguments: "",
        help: "by a hash of the client's address",
        since: "0.1",
        make: |arguments| {
            no_arguments(arguments)?;
            Ok(Box::new(Source::default()))
        },
    }
}

#[derive(Debug, Default)]
struct Source {
    map: Mutex<Map>,
    /// For clients without an address.
    turn: AtomicUsize,
}

impl Balance for Source {
    fn choose(&self, choice: &Choice<'_>) -> Option<usize> {
        let mut state = lock(&self.map);
        let map = state.for_choice(choice);
        let places = map.places();
        match choice.client {
            _ if map.distinct() < 2 => places.first().copied(),
            Some(client) => Some(places[hash(client) as usize % places.len()]),
            None => {
                // In turn among those with room, which is what an algorithm without a key comes to.
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                let at = |step: usize| places[turn.wrapping_add(step) % places.len()];
                (0..places.len()).map(at).find(|index| choice.servers[*index].has_room())
            }
        }
    }

    fn is_deterministic(&self) -> bool {
        true
    }
}

/// The words of the address, one upon the other: what the map-based `hash-type` does with addresses.
fn hash(client: IpAddr) -> u32 {
    match client {
        IpAddr::V4(ip) => ip.to_bits(),
        IpAddr::V6(ip) => {
            let bits = ip.to_bits();
            [96, 64, 32, 0].into_iter().map(|shift| (bits >> shift) as u32).fold(0, |hash, word| hash ^ word)
        }
    }
}
