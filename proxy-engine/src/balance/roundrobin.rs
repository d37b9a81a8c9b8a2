//! `balance roundrobin`: each server in turn, as often as its weight says and spread as evenly as possible. Follows
//! weights that change.
//!
//! Turns are counted as positions in a window whose length is the sum of effective weights. After its turn a server's next one is
//! the sum divided by its weight ahead; the remainder is carried over, so that no turn is lost.
//!
//! ```text
//!  unscheduled (heaviest first) ──no server due at a position──► has its turn ──► scheduled, by position
//!       ▲                                                             ▲  │           │
//!       │                                                             └──┼── due ────┘
//!  window expired: all start again ◄─ beyond the window: next ◄──────────┘
//! ```

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::mem;
use std::sync::Mutex;

use super::{Algorithm, Balance, Candidates, lock, no_arguments};
use crate::policy::{MAX_WEIGHT, WEIGHT_SCALE};

inventory::submit! {
    Algorithm {
        name: "roundrobin",
        arguments: "",
        help: "each server in turn, evenly spread by weights that may change",
        since: "0.1",
        needs_request: false,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(RoundRobin::default()))
        },
    }
}

#[derive(Debug, Default)]
struct RoundRobin(Mutex<Turns>);

impl Balance for RoundRobin {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        lock(&self.0).take(candidates)
    }

    fn is_full_with_a_queue(&self) -> bool {
        true
    }
}

/// The turn of a server.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// The effective weight; 0 while the server does not take part.
    weight: u32,
    /// The position of its next turn; 0 before the first.
    position: u32,
    carried: u32,
}

/// The place of a server among those that wait in the same set: by key, then in order of insertion.
type WaitingServer = (u64, u64, usize);

#[derive(Debug, Default)]
struct Turns {
    epoch: u64,
    servers: Vec<Turn>,
    /// The sum of weights now, and the one at the start of the window.
    total: u32,
    window: u32,
    position: u32,
    unscheduled: BTreeSet<(Reverse<u32>, u64, usize)>,
    scheduled: BTreeSet<WaitingServer>,
    next: BTreeSet<(Reverse<u32>, u64, usize)>,
    /// The number of insertions so far, by which equals keep their order.
    tickets: u64,
}

impl Turns {
    fn take(&mut self, candidates: &Candidates<'_>) -> Option<usize> {
        if self.epoch != candidates.epoch {
            self.follow(candidates);
        }
        let mut restarted = false;
        let mut passed_over: Vec<usize> = Vec::new();
        let mut avoided = None;
        let chosen = loop {
            let Some(index) = self.due() else {
                if restarted {
                    break avoided;
                }
                restarted = true;
                self.begin_window();
                continue;
            };
            self.had_its_turn(index);
            if candidates.server(index).has_room() {
                if candidates.avoid != Some(index) || avoided.is_some() {
                    break Some(index);
                }
                avoided = Some(index);
            }
            passed_over.push(index);
        };
        if let Some(index) = chosen {
            self.schedule(index);
        }
        for index in passed_over.into_iter().rev().filter(|index| Some(*index) != chosen) {
            if restarted {
                // Its turn was in the previous window.
                self.wait_unscheduled(index);
            } else {
                self.schedule(index);
            }
        }
        chosen
    }

    /// Removes and returns the server whose turn it is, if the window has one left.
    fn due(&mut self) -> Option<usize> {
        let first = self.scheduled.first().copied();
        if let Some(turn @ (_, _, index)) = first
            && self.servers[index].position <= self.position
        {
            self.scheduled.remove(&turn);
            return Some(index);
        }
        if let Some((_, _, index)) = self.unscheduled.pop_first() {
            self.servers[index].position = 0;
            self.servers[index].carried = 0;
            return Some(index);
        }
        self.scheduled.pop_first().map(|(_, _, index)| index)
    }

    /// Moves on by one position, and the server by its stride.
    fn had_its_turn(&mut self, index: usize) {
        let turn = &mut self.servers[index];
        if turn.position == 0 {
            turn.position = self.position;
        }
        turn.position += self.total / turn.weight;
        turn.carried += self.total % turn.weight;
        if turn.carried >= turn.weight {
            turn.carried -= turn.weight;
            turn.position += 1;
        }
        self.position += 1;
    }

    fn schedule(&mut self, index: usize) {
        let ticket = self.ticket();
        let turn = &mut self.servers[index];
        if turn.position >= 2 * self.window || turn.position >= self.window + self.total {
            self.next.insert((Reverse(turn.weight), ticket, index));
            return;
        }
        // At one position the heaviest server comes first, and among equals the one with the smallest remainder.
        let largest = u32::from(MAX_WEIGHT) * WEIGHT_SCALE;
        let within = (largest + turn.carried - turn.weight) / WEIGHT_SCALE;
        let key = u64::from(turn.position) * u64::from(MAX_WEIGHT) + u64::from(within);
        self.scheduled.insert((key, ticket, index));
    }

    fn wait_unscheduled(&mut self, index: usize) {
        let turn = (Reverse(self.servers[index].weight), self.ticket(), index);
        self.unscheduled.insert(turn);
    }

    fn begin_window(&mut self) {
        mem::swap(&mut self.unscheduled, &mut self.next);
        self.window = self.total;
        self.position = self.total;
    }

    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// Applies changes. Servers that did not change keep their turns.
    fn follow(&mut self, candidates: &Candidates<'_>) {
        self.epoch = candidates.epoch;
        let first_time = self.total == 0;
        self.servers.resize(candidates.count(), Turn::default());
        let weight_now = |index: usize| match candidates.has(index) {
            true => candidates.server(index).effective_weight(),
            false => 0,
        };
        let changed: Vec<usize> = (0..self.servers.len())
            .filter(|index| weight_now(*index) != self.servers[*index].weight)
            .collect();
        for &index in &changed {
            self.servers[index].weight = weight_now(index);
        }
        self.total = self.servers.iter().map(|turn| turn.weight).sum();
        let stays = |index: &usize| !changed.contains(index);
        self.unscheduled.retain(|(_, _, index)| stays(index));
        self.next.retain(|(_, _, index)| stays(index));
        self.scheduled.retain(|(_, _, index)| stays(index));
        if first_time || self.unscheduled.is_empty() && self.next.is_empty() && self.scheduled.is_empty() {
            self.window = self.total;
            self.position = self.total;
        }
        for index in changed {
            if self.servers[index].weight == 0 {
                continue;
            }
            if first_time {
                self.wait_unscheduled(index);
            } else {
                // As if it had just had its turn, so that it neither waits for a new window nor gets several turns at
                // once.
                let turn = &mut self.servers[index];
                turn.position = self.position + self.total / turn.weight;
                turn.carried = 0;
                self.schedule(index);
            }
        }
    }
}
