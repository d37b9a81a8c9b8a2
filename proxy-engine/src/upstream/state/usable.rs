//! The servers of a backend that can be chosen, as workers read them with one load for each session.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::balance::{Group, Member, Members};

/// Where the kind of a group begins. The bits before it are the index of the only server.
const KIND: u32 = 62;
const INDEX: u64 = (1 << KIND) - 1;

/// The group of servers to choose from: primary servers, and only without any usable one backups.
#[derive(Debug)]
pub(in crate::upstream) struct UsableServers {
    group: AtomicU64,
    /// Whether all backups are used, not only the first.
    all_backups: bool,
    usable: Mutex<Usable>,
}

/// The usable servers. Each change updates them, so that none looks at all servers.
#[derive(Debug, Default)]
struct Usable {
    primaries: BTreeSet<usize>,
    backups: BTreeSet<usize>,
}

impl UsableServers {
    pub(in crate::upstream) fn new(servers: &dyn Members, all_backups: bool) -> UsableServers {
        let all = UsableServers {
            group: AtomicU64::new(word(Group::Empty)),
            all_backups,
            usable: Mutex::default(),
        };
        for index in 0..servers.count() {
            all.changed(index, servers.member(index));
        }
        all
    }

    /// Returns the group.
    pub(in crate::upstream) fn get(&self) -> Group {
        let word = self.group.load(SeqCst);
        match word >> KIND {
            0 => Group::Empty,
            1 => Group::Primaries,
            2 => Group::Backups,
            _ => Group::One((word & INDEX) as usize),
        }
    }

    /// Returns the number of usable primary servers, and of backups.
    pub(in crate::upstream) fn counts(&self) -> (usize, usize) {
        let usable = self.lock();
        (usable.primaries.len(), usable.backups.len())
    }

    /// Publishes the group after a change of a server; changes of one server come one after the other. Returns whether the
    /// last usable server has gone, which only one of several changes at the same time is told.
    pub(in crate::upstream) fn changed(&self, index: usize, server: &dyn Member) -> bool {
        let mut usable = self.lock();
        let set = if server.is_backup() { &mut usable.backups } else { &mut usable.primaries };
        match server.is_usable() {
            true => set.insert(index),
            false => set.remove(&index),
        };
        let after = match (usable.primaries.is_empty(), usable.backups.first()) {
            (false, _) => Group::Primaries,
            (true, None) => Group::Empty,
            (true, Some(_)) if self.all_backups => Group::Backups,
            (true, Some(first)) => Group::One(*first),
        };
        let before = self.get();
        self.group.store(word(after), SeqCst);
        before != Group::Empty && after == Group::Empty
    }

    fn lock(&self) -> MutexGuard<'_, Usable> {
        self.usable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn word(group: Group) -> u64 {
    match group {
        Group::Empty => 0,
        Group::Primaries => 1 << KIND,
        Group::Backups => 2 << KIND,
        Group::One(index) => 3 << KIND | index as u64 & INDEX,
    }
}
