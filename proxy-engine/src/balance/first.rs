//! `balance first`: the server with the lowest number that has a free slot. Keeps as few servers busy as possible.

use super::{Algorithm, Balance, Candidates, no_arguments};

inventory::submit! {
    Algorithm {
        name: "first",
        arguments: "",
        help: "the server with the lowest id that has a free connection slot",
        since: "0.1",
        needs_request: false,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(First))
        },
    }
}

#[derive(Debug)]
struct First;

impl Balance for First {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        // The server that failed comes last, the others by number. Numbers are unique within a backend.
        let free = candidates.members().filter(|(_, server)| server.has_room());
        let key = |(index, id): &(usize, u32)| (candidates.avoid == Some(*index), *id);
        free.map(|(index, server)| (index, server.id())).min_by_key(key).map(|(index, _)| index)
    }

    fn is_full_with_a_queue(&self) -> bool {
        true
    }
}
