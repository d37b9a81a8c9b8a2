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

use super::registry::no_expression;
use super::{Algorithm, Balance, Candidates, Group, Members, lock, no_arguments, weight_in_use};
use crate::policy::{MAX_WEIGHT, WEIGHT_SCALE};

inventory::submit! {
    Algorithm {
        name: "roundrobin",
        arguments: "",
        help: "each server in turn, evenly spread by weights that may change",
        since: "0.1",
        needs_request: false,
        expression: no_expression,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(RoundRobin::default()))
        },
    }
}

/// The primary servers, and the backups.
#[derive(Debug, Default)]
struct RoundRobin(Mutex<[Turns; 2]>);

impl Balance for RoundRobin {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        lock(&self.0)[usize::from(candidates.group == Group::Backups)].take(candidates)
    }

    fn changed(&self, servers: &dyn Members, index: usize) {
        let server = servers.member(index);
        let mut all = lock(&self.0);
        all[usize::from(server.is_backup())].set(index, weight_in_use(server), servers.count());
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
    place: Place,
}

/// The set that a server waits in, and its key there.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// It does not take part, or has its turn.
    #[default]
    Nowhere,
    Scheduled(ByPosition),
    /// Unscheduled, or for the next window: the sets change roles.
    ByWeight(ByWeight),
}

/// The place of a server among those that wait in the same set: by key, then in order of insertion.
type ByPosition = (u64, u64, usize);

/// The same for sets with the heaviest servers first.
type ByWeight = (Reverse<u32>, u64, usize);

#[derive(Debug, Default)]
struct Turns {
    servers: Vec<Turn>,
    /// The sum of weights now, and the one at the start of the window.
    total: u32,
    window: u32,
    position: u32,
    /// Whether any server had a turn.
    has_begun: bool,
    unscheduled: BTreeSet<ByWeight>,
    scheduled: BTreeSet<ByPosition>,
    next: BTreeSet<ByWeight>,
    /// The number of insertions so far, by which equals keep their order.
    tickets: u64,
}

impl Turns {
    fn take(&mut self, candidates: &Candidates<'_>) -> Option<usize> {
        if !mem::replace(&mut self.has_begun, true) {
            self.window = self.total;
            self.position = self.total;
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
        let is_due = |(_, _, index): &ByPosition| self.servers[*index].position <= self.position;
        let index = if self.scheduled.first().is_some_and(is_due) {
            self.scheduled.pop_first().map(|(_, _, index)| index)
        } else if let Some((_, _, index)) = self.unscheduled.pop_first() {
            self.servers[index].position = 0;
            self.servers[index].carried = 0;
            Some(index)
        } else {
            self.scheduled.pop_first().map(|(_, _, index)| index)
        };
        index.inspect(|index| self.servers[*index].place = Place::Nowhere)
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
            let key = (Reverse(turn.weight), ticket, index);
            turn.place = Place::ByWeight(key);
            self.next.insert(key);
            return;
        }
        // At one position the heaviest server comes first, and among equals the one with the smallest remainder.
        let largest = u32::from(MAX_WEIGHT) * WEIGHT_SCALE;
        let within = (largest + turn.carried - turn.weight) / WEIGHT_SCALE;
        let key = (u64::from(turn.position) * u64::from(MAX_WEIGHT) + u64::from(within), ticket, index);
        turn.place = Place::Scheduled(key);
        self.scheduled.insert(key);
    }

    fn wait_unscheduled(&mut self, index: usize) {
        let key = (Reverse(self.servers[index].weight), self.ticket(), index);
        self.servers[index].place = Place::ByWeight(key);
        self.unscheduled.insert(key);
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

    /// Sets the weight of a server, one of `count`. Other servers keep their turns.
    fn set(&mut self, index: usize, weight: u32, count: usize) {
        self.servers.resize(count, Turn::default());
        let before = mem::replace(&mut self.servers[index].weight, weight);
        if before == weight {
            return;
        }
        self.total = self.total - before + weight;
        match mem::take(&mut self.servers[index].place) {
            Place::Nowhere => {}
            Place::Scheduled(key) => drop(self.scheduled.remove(&key)),
            Place::ByWeight(key) => drop(self.unscheduled.remove(&key) || self.next.remove(&key)),
        }
        let is_first = self.unscheduled.is_empty() && self.next.is_empty() && self.scheduled.is_empty();
        if is_first {
            self.window = self.total;
            self.position = self.total;
        }
        if weight == 0 {
            return;
        }
        if !self.has_begun {
            self.wait_unscheduled(index);
            return;
        }
        // As if it had just had its turn, so that it neither waits for a new window nor gets several turns at once.
        let turn = &mut self.servers[index];
        turn.position = self.position + self.total / weight;
        turn.carried = 0;
        self.schedule(index);
    }
}
