//! `balance leastconn`: the server with the fewest sessions for its weight, those that wait for it included; among
//! equals, in turn.
//!
//! All servers are looked at for each session, reading two counters of each. Looking begins one server further each
//! time and keeps the first of equals, which is what makes them take turns.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Algorithm, Balance, Choice, no_arguments};
use crate::policy::MAX_WEIGHT;
use crate::server::Server;

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
    fn choose(&self, choice: &Choice<'_>) -> Option<usize> {
        let count = choice.servers.len();
        let begin = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut best: Option<((bool, usize), usize)> = None;
        for step in 0..count {
            let index = begin.wrapping_add(step) % count;
            let server = &choice.servers[index];
            if !choice.has(index) || !takes_more(server) {
                continue;
            }
            let key = (choice.avoid == Some(index), share(server));
            if best.is_none_or(|(least, _)| key < least) {
                best = Some((key, index));
            }
        }
        best.map(|(_, index)| index)
    }
}

/// Its load for its weight, were it given one more; an idle one is always the least.
fn share(server: &Server) -> usize {
    match server.load() {
        0 => 0,
        load => (load + 1) * usize::from(MAX_WEIGHT) / usize::from(server.weight().max(1)),
    }
}

/// Whether there is room, or in the queue of a server that has been given one.
fn takes_more(server: &Server) -> bool {
    let config = server.config();
    config.maxconn.is_none_or(|maxconn| server.load() < maxconn + config.maxqueue.unwrap_or(0))
}
