//! The servers of a backend that can be chosen, as workers read them with one load for each session.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Mutex, PoisonError};

use crate::balance::Group;

/// Where the epoch begins. The bits before it are the group: its kind, and the index of the only server.
const EPOCH: u32 = 32;
const KIND: u32 = 30;
const INDEX: u64 = (1 << KIND) - 1;

/// The group of servers to choose from, and a number that changes with each change of a server.
#[derive(Debug)]
pub(in crate::upstream) struct UsableServers {
    word: AtomicU64,
    /// Held while the servers are looked at, so that the last one who looks has seen all changes.
    recount: Mutex<()>,
}

impl UsableServers {
    pub(in crate::upstream) fn new(group: Group) -> UsableServers {
        UsableServers { word: AtomicU64::new(word(group, 1)), recount: Mutex::new(()) }
    }

    /// Returns the group and the epoch.
    pub(in crate::upstream) fn get(&self) -> (Group, u64) {
        let word = self.word.load(SeqCst);
        let group = match (word >> KIND) & 3 {
            0 => Group::Empty,
            1 => Group::Primaries,
            2 => Group::Backups,
            _ => Group::One((word & INDEX) as usize),
        };
        (group, word >> EPOCH)
    }

    /// Publishes a group after a change. `look` determines it from the servers. Returns whether the last usable server
    /// has gone, which only one of several changes at the same time is told.
    pub(in crate::upstream) fn changed(&self, look: impl FnOnce() -> Group) -> bool {
        let _only_one = self.recount.lock().unwrap_or_else(PoisonError::into_inner);
        let ((before, epoch), after) = (self.get(), look());
        // 0 is the epoch of an algorithm that has seen no servers yet.
        let next = (epoch as u32).wrapping_add(1).max(1);
        self.word.store(word(after, next), SeqCst);
        before != Group::Empty && after == Group::Empty
    }
}

fn word(group: Group, epoch: u32) -> u64 {
    let group = match group {
        Group::Empty => 0,
        Group::Primaries => 1 << KIND,
        Group::Backups => 2 << KIND,
        Group::One(index) => 3 << KIND | index as u64 & INDEX,
    };
    u64::from(epoch) << EPOCH | group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_has_an_epoch_of_its_own() {
        let servers = UsableServers::new(Group::Empty);
        assert_eq!(servers.get(), (Group::Empty, 1));
        for (epoch, group) in (2..).zip([Group::Primaries, Group::Backups, Group::One(0), Group::One(12_345)])
        {
            servers.changed(|| group);
            assert_eq!(servers.get(), (group, epoch));
        }
        servers.word.store(word(Group::Empty, u32::MAX), SeqCst);
        servers.changed(|| Group::Primaries);
        assert_eq!(servers.get(), (Group::Primaries, 1));
    }
}
