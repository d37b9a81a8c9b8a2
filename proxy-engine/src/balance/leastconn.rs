//! `balance leastconn`: the server with the fewest sessions for its weight, including those that wait for it; among
//! equals, in turn.
//!
//! Each choice looks at all servers and reads two counters of each. It begins one server further each time and keeps
//! the first of equals, which makes them take turns.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Member;
use super::{Algorithm, Balance, Candidates, no_arguments};
use crate::policy::{MAX_WEIGHT, WEIGHT_SCALE};

inventory::submit! {
    Algorithm {
        name: "leastconn",
        arguments: "",
        help: "the server with the fewest connections for its weight",
        since: "0.1",
        needs_request: false,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(LeastConnections::default()))
        },
    }
}

#[derive(Debug, Default)]
struct LeastConnections {
    turn: AtomicUsize,
}

impl Balance for LeastConnections {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let count = candidates.count();
        let begin = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut best: Option<((bool, usize), usize)> = None;
        for step in 0..count {
            let index = begin.wrapping_add(step) % count;
            let server = candidates.server(index);
            if !candidates.has(index) || !takes_more(server) {
                continue;
            }
            let key = (candidates.avoid == Some(index), share(server));
            if best.is_none_or(|(least, _)| key < least) {
                best = Some((key, index));
            }
        }
        best.map(|(_, index)| index)
    }
}

/// The largest effective weight.
const MOST: usize = MAX_WEIGHT as usize * WEIGHT_SCALE as usize;

/// Returns the load with one more session, divided by the weight; 0 for an idle server.
fn share(server: &dyn Member) -> usize {
    match server.load() {
        0 => 0,
        load => (load + 1) * MOST / server.effective_weight().max(1) as usize,
    }
}

/// Returns whether the server has room, or its queue has if a limit for the queue is set.
fn takes_more(server: &dyn Member) -> bool {
    server.maxconn().is_none_or(|maxconn| server.load() < maxconn + server.maxqueue().unwrap_or(0))
}
