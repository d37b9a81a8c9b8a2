//! Balancing: the algorithms by which `upstream/choose.rs` finds the server of a session.
//!
//! Each algorithm is one file here. It implements [`Balance`] and submits an [`Algorithm`] with its name, arguments
//! and help, so that the configuration, its reference page and its suggestions are made from the same entries.
//!
//! What an algorithm keeps is its own, and shared by all workers. Those that count turns or look into a table take one
//! short lock per session (an uncontended one is one atomic exchange and a store, the same as a compare-and-swap loop,
//! and a turn is several words that must change together); the others use one atomic counter. No lock is held while
//! anything waits.

mod first;
mod hashing;
mod header;
mod leastconn;
mod map;
mod random;
mod registry;
mod roundrobin;
mod source;
mod static_rr;
mod uri;
mod url_param;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_http::Request;

pub use crate::policy::{HashFunction, HashMethod, HashType};
pub use registry::{Algorithm, ArgumentError, Made, make};

/// The servers to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// None can be used.
    Empty,
    /// Those that are no backups.
    Primaries,
    /// All backups: no primary can be used.
    Backups,
    /// The one backup that is used while no primary can be.
    One(usize),
}

/// A server as the algorithms see it.
pub trait Member {
    /// The number it is known by.
    fn id(&self) -> u32;

    /// Its weight now. With 0 it gets nothing new.
    fn weight(&self) -> u16;

    /// The weight that it was configured with.
    fn initial_weight(&self) -> u16;

    /// Whether it is used only while no other can be.
    fn is_backup(&self) -> bool;

    /// Whether it may be given new sessions.
    fn is_usable(&self) -> bool;

    /// Whether another session would get a slot without overtaking one that waits.
    fn has_room(&self) -> bool;

    /// Sessions that hold a slot.
    fn slots_in_use(&self) -> usize;

    /// Sessions that hold a slot, and those that wait for one.
    fn load(&self) -> usize;

    /// Sessions it takes at once.
    fn maxconn(&self) -> Option<usize>;

    /// Sessions that may wait for it.
    fn maxqueue(&self) -> Option<usize>;
}

/// The servers of a backend, in the order of the configuration.
pub trait Members {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    fn member(&self, index: usize) -> &dyn Member;
}

/// What is known of the session or exchange that a server is chosen for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Requester<'a> {
    /// The client's address, if it has one.
    pub client: Option<IpAddr>,
    /// The request, if there is one.
    pub request: Option<&'a Request>,
}

/// The servers to choose from, and for whom.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// All servers of the backend.
    pub servers: &'a dyn Members,
    /// Which of them count.
    pub group: Group,
    /// Changes whenever a weight or the state of a server does.
    pub epoch: u64,
    /// The server that has just failed: to be chosen only if there is no other.
    pub avoid: Option<usize>,
    /// For whom.
    pub requester: Requester<'a>,
}

impl<'a> Candidates<'a> {
    /// How many servers the backend has, those that cannot be chosen included.
    pub fn count(&self) -> usize {
        self.servers.count()
    }

    /// One of all servers of the backend.
    pub fn server(&self, index: usize) -> &'a dyn Member {
        self.servers.member(index)
    }

    /// Whether a server is one to choose from.
    pub fn has(&self, index: usize) -> bool {
        let server = self.server(index);
        let belongs = match self.group {
            Group::Empty => false,
            Group::Primaries => !server.is_backup(),
            Group::Backups => server.is_backup(),
            Group::One(only) => index == only,
        };
        belongs && server.is_usable()
    }

    /// The servers to choose from.
    pub fn members(&self) -> impl Iterator<Item = (usize, &'a dyn Member)> {
        (0..self.count()).filter(|index| self.has(*index)).map(|index| (index, self.server(index)))
    }
}

impl fmt::Debug for Candidates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidates")
            .field("count", &self.count())
            .field("group", &self.group)
            .field("epoch", &self.epoch)
            .field("avoid", &self.avoid)
            .field("requester", &self.requester)
            .finish()
    }
}

/// An algorithm at work for one backend.
pub trait Balance: fmt::Debug + Send + Sync {
    /// The server for a session, by its index in the backend; `None` if the session is to wait for whichever is free
    /// first. Never one that cannot be used, and full only if the session is to wait for that one. The group is not
    /// empty.
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize>;

    /// Whether it always leads the same client to the same server. A session that failed there is not led elsewhere
    /// before its retries run out.
    fn is_deterministic(&self) -> bool {
        false
    }

    /// Whether a queue of the backend means that every server is full, so that no server need be asked.
    fn is_full_with_a_queue(&self) -> bool {
        false
    }
}

/// For algorithms that take none.
fn no_arguments(arguments: &[&str]) -> Result<(), ArgumentError> {
    match arguments {
        [] => Ok(()),
        [first, ..] => Err(ArgumentError(format!("no argument is expected, found '{first}'"))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
