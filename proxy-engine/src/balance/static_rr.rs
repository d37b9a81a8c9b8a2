//! `balance static-rr`: each server in turn by a table that is made once. Weights that change have no effect.

use std::sync::Mutex;

use super::map::Map;
use super::{Algorithm, Balance, Choice, lock, no_arguments};

inventory::submit! {
    Algorithm {
        name: "static-rr",
        arguments: "",
        help: "each server in turn, by weights that do not change",
        since: "0.1",
        make: |arguments| {
            no_arguments(arguments)?;
            Ok(Box::new(StaticRoundRobin::default()))
        },
    }
}

#[derive(Debug, Default)]
struct StaticRoundRobin(Mutex<(Map, usize)>);

impl Balance for StaticRoundRobin {
    fn choose(&self, choice: &Choice<'_>) -> Option<usize> {
        let mut state = lock(&self.0);
        let (map, next) = &mut *state;
        let places = map.for_choice(choice).places();
        let count = places.len();
        if count == 0 {
            return None;
        }
        let mut avoided = None;
        for place in (0..count).map(|step| (*next + step) % count) {
            let index = places[place];
            if !choice.servers[index].has_room() {
                continue;
            }
            if choice.avoid != Some(index) {
                *next = (place + 1) % count;
                return Some(index);
            }
            avoided = Some(place);
        }
        let place = avoided?;
        *next = (place + 1) % count;
        Some(places[place])
    }

    fn is_full_with_a_queue(&self) -> bool {
        true
    }
}
