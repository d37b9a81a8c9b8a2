//! `balance static-rr`: each server in turn, by a table. Changes of weights have no effect.

use std::sync::Mutex;

use super::map::Map;
use super::registry::no_expression;
use super::{Algorithm, Balance, Candidates, Members, lock, no_arguments};

inventory::submit! {
    Algorithm {
        name: "static-rr",
        arguments: "",
        help: "each server in turn, by weights that do not change",
        since: "0.1",
        needs_request: false,
        expression: no_expression,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(StaticRoundRobin::default()))
        },
    }
}

#[derive(Debug, Default)]
struct StaticRoundRobin(Mutex<Map>);

impl Balance for StaticRoundRobin {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let mut map = lock(&self.0);
        map.follow(candidates);
        map.turn(candidates)
    }

    fn changed(&self, _: &dyn Members, _: usize) {
        lock(&self.0).is_outdated();
    }

    fn follows_weights(&self) -> bool {
        false
    }

    fn is_full_with_a_queue(&self) -> bool {
        true
    }
}
