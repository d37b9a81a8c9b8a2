//! `balance static-rr`: each server in turn, by a table that is made once. Changes of weights have no effect.

use std::sync::Mutex;

use super::map::Map;
use super::{Algorithm, Balance, Candidates, lock, no_arguments};

inventory::submit! {
    Algorithm {
        name: "static-rr",
        arguments: "",
        help: "each server in turn, by weights that do not change",
        since: "0.1",
        needs_request: false,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(StaticRoundRobin::default()))
        },
    }
}

#[derive(Debug, Default)]
struct StaticRoundRobin(Mutex<(Map, usize)>);

impl Balance for StaticRoundRobin {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let mut state = lock(&self.0);
        let (map, next) = &mut *state;
        map.for_candidates(candidates).turn(candidates, next)
    }

    fn follows_weights(&self) -> bool {
        false
    }

    fn is_full_with_a_queue(&self) -> bool {
        true
    }
}
