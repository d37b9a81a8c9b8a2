//! `balance leastconn`: the server with the fewest sessions for its weight, including those that wait for it; among
//! equals, in turn.
//!
//! The servers are in a heap, in which one is moved when its load changes. A server that has just been chosen counts one
//! session more before it has it, so that the next choice, of another worker, sees that. One that takes no more is taken
//! out until its load changes.

use std::sync::Mutex;

use super::heap::Heap;
use super::registry::no_expression;
use super::{Algorithm, Balance, Candidates, Group, Member, Members, lock, no_arguments, weight_in_use};
use crate::policy::{MAX_WEIGHT, WEIGHT_SCALE};

inventory::submit! {
    Algorithm {
        name: "leastconn",
        arguments: "",
        help: "the server with the fewest connections for its weight",
        since: "0.1",
        needs_request: false,
        expression: no_expression,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(LeastConnections::default()))
        },
    }
}

/// The primary servers, and the backups.
#[derive(Debug, Default)]
struct LeastConnections(Mutex<[Heap; 2]>);

impl Balance for LeastConnections {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let heap = &mut lock(&self.0)[usize::from(candidates.group == Group::Backups)];
        let mut passed_over = Vec::new();
        let mut avoided = None;
        let chosen = loop {
            let Some(index) = heap.least() else { break avoided };
            let server = candidates.server(index);
            let is_open = takes_more(server);
            if is_open && candidates.avoid != Some(index) {
                break Some(index);
            }
            if is_open {
                avoided = Some(index);
            }
            let taken = heap.take(index);
            if is_open || !server.has_fixed_limit() {
                passed_over.extend(taken);
            }
        };
        for taken in passed_over {
            heap.put_back(taken);
        }
        if let Some(index) = chosen {
            let server = candidates.server(index);
            heap.set(index, share(server, server.load() + 1));
        }
        chosen
    }

    fn changed(&self, servers: &dyn Members, index: usize) {
        let server = servers.member(index);
        let heap = &mut lock(&self.0)[usize::from(server.is_backup())];
        match weight_in_use(server) {
            0 => drop(heap.take(index)),
            _ => heap.set(index, share(server, server.load())),
        }
    }

    fn load_changed(&self, server: &dyn Member, index: usize) {
        let heap = &mut lock(&self.0)[usize::from(server.is_backup())];
        let share = share(server, server.load());
        if heap.key(index) != Some(share) && weight_in_use(server) > 0 {
            heap.set(index, share);
        }
    }

    fn follows_load(&self) -> bool {
        true
    }
}

/// The largest effective weight.
const MOST: u64 = MAX_WEIGHT as u64 * WEIGHT_SCALE as u64;

/// Returns a load with one more session, divided by the weight; 0 for an idle server.
fn share(server: &dyn Member, load: usize) -> u64 {
    match load as u64 {
        0 => 0,
        load => (load + 1) * MOST / u64::from(server.effective_weight().max(1)),
    }
}

/// Returns whether the server has room, or its queue has if a limit for the queue is set.
fn takes_more(server: &dyn Member) -> bool {
    server.maxconn().is_none_or(|maxconn| server.load() < maxconn + server.maxqueue().unwrap_or(0))
}
