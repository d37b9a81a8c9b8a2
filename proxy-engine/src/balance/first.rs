//! `balance first`: the server with the lowest number that has a free slot. Keeps as few servers busy as possible.
//!
//! A server that is found full is set aside until its load changes, so that a choice does not look at all that are full.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::registry::no_expression;
use super::{Algorithm, Balance, Candidates, Group, Member, Members, lock, no_arguments, weight_in_use};

inventory::submit! {
    Algorithm {
        name: "first",
        arguments: "",
        help: "the server with the lowest id that has a free connection slot",
        since: "0.1",
        needs_request: false,
        expression: no_expression,
        make: |arguments, _| {
            no_arguments(arguments)?;
            Ok(Box::new(First::default()))
        },
    }
}

/// The primary servers, and the backups.
#[derive(Debug, Default)]
struct First(Mutex<[Servers; 2]>);

#[derive(Debug, Default)]
struct Servers {
    /// Those that may have room, by number. Numbers are unique within a backend.
    open: BTreeSet<(u32, usize)>,
    /// Those that were found full.
    full: BTreeSet<usize>,
}

impl Balance for First {
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let servers = &mut lock(&self.0)[usize::from(candidates.group == Group::Backups)];
        let mut avoided = None;
        let mut full = Vec::new();
        let found = servers.open.iter().find(|(_, index)| {
            let server = candidates.server(*index);
            match server.has_room() {
                true if candidates.avoid == Some(*index) => avoided = Some(*index),
                true => return true,
                false if server.has_fixed_limit() => full.push((server.id(), *index)),
                false => {}
            }
            false
        });
        let found = found.map(|(_, index)| *index);
        for (id, index) in full {
            servers.open.remove(&(id, index));
            servers.full.insert(index);
            // A slot may have been released meanwhile, before it was known that this matters.
            if candidates.server(index).has_room() {
                servers.reopen(candidates.server(index), index);
            }
        }
        found.or(avoided)
    }

    fn changed(&self, servers: &dyn Members, index: usize) {
        let server = servers.member(index);
        let mut all = lock(&self.0);
        let all = &mut all[usize::from(server.is_backup())];
        all.full.remove(&index);
        match weight_in_use(server) {
            0 => all.open.remove(&(server.id(), index)),
            _ => all.open.insert((server.id(), index)),
        };
    }

    fn load_changed(&self, server: &dyn Member, index: usize) {
        lock(&self.0)[usize::from(server.is_backup())].reopen(server, index);
    }

    fn follows_load(&self) -> bool {
        true
    }

    fn is_full_with_a_queue(&self) -> bool {
        true
    }
}

impl Servers {
    /// Takes up a server that was set aside, since it may have room now.
    fn reopen(&mut self, server: &dyn Member, index: usize) {
        if !self.full.is_empty() && self.full.remove(&index) {
            self.open.insert((server.id(), index));
        }
    }
}
