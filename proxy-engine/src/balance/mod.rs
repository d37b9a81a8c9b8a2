//! Balancing: the algorithms by which `upstream/choose.rs` finds the server of a session.
//!
//! Each algorithm is one file here. It implements [`Balance`] and submits an [`Algorithm`] with its name, arguments
//! and help, so that the configuration, its reference page and its suggestions are made from the same entries.
//!
//! The state of an algorithm is its own, and shared by all workers. It is told each change of a server, and never looks at
//! all of them for a session: a choice takes the time of a lookup, whatever the number of servers. Each takes one short
//! lock per session (an uncontended one is one atomic exchange and a store, the same as a compare-and-swap loop, and a
//! turn is several words that must change together). No lock is held across a wait.

mod expression;
mod first;
mod hashing;
mod header;
mod heap;
mod key;
mod leastconn;
mod map;
mod random;
mod rdp_cookie;
mod registry;
mod roundrobin;
mod source;
mod static_rr;
mod uri;
mod url_param;
mod weights;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use proxy_http::Request;

pub use crate::policy::{HashAffinity, HashFunction, HashMethod, HashType};
pub use hashing::Hashing;
pub(crate) use hashing::ring_key;
pub use key::Key;
pub use registry::{Algorithm, ArgumentError, Made, make};

/// The servers to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// No server is usable.
    Empty,
    /// The servers that are no backups.
    Primaries,
    /// All backups, since no primary is usable.
    Backups,
    /// The one backup that is used while no primary is usable.
    One(usize),
}

/// A server as the algorithms see it.
pub trait Member {
    /// Returns the server's number.
    fn id(&self) -> u32;

    /// Returns the current weight in units of [`WEIGHT_SCALE`](crate::policy::WEIGHT_SCALE) for 1: a server that has
    /// just come up may have less than its whole weight. A server with weight 0 gets no new sessions.
    fn effective_weight(&self) -> u32;

    /// Returns the configured weight.
    fn initial_weight(&self) -> u16;

    /// Returns whether it is used only while no primary is usable.
    fn is_backup(&self) -> bool;

    /// Returns whether it may be given new sessions.
    fn is_usable(&self) -> bool;

    /// Returns whether another session would get a slot without overtaking one that waits.
    fn has_room(&self) -> bool;

    /// Returns the number that the points of the server on a ring begin from.
    fn ring_key(&self) -> u32;

    /// Returns the number of sessions that hold a slot.
    fn slots_in_use(&self) -> usize;

    /// Returns the number of sessions that hold a slot or wait for one.
    fn load(&self) -> usize;

    /// Returns the limit of concurrent sessions.
    fn maxconn(&self) -> Option<usize>;

    /// Returns whether the limit depends on nothing, so that a full server has room again only after a session has left.
    fn has_fixed_limit(&self) -> bool;

    /// Returns the limit of sessions that wait for this server.
    fn maxqueue(&self) -> Option<usize>;
}

/// The servers of a backend, in the order of the configuration.
pub trait Members {
    /// Returns the number of servers.
    fn count(&self) -> usize;

    /// Returns the server with this index.
    fn member(&self, index: usize) -> &dyn Member;

    /// Returns the number of sessions that hold a slot of any server. Counted only for an algorithm that
    /// [asks for it](Balance::counts_sessions).
    fn slots_in_use(&self) -> usize;
}

/// Returns what a server counts for as long as it can be chosen: its effective weight, or 0 if it cannot.
fn weight_in_use(server: &dyn Member) -> u32 {
    if server.is_usable() { server.effective_weight() } else { 0 }
}

/// What is known of the session or exchange that a server is chosen for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Requester<'a> {
    /// The client's address, if it has one.
    pub client: Option<IpAddr>,
    /// The request, if there is one.
    pub request: Option<&'a Request>,
    /// The value of the algorithm's [`Key`], if it has one that has a value.
    pub key: Option<&'a [u8]>,
}

/// The servers to choose from, and the session or exchange that needs one.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// All servers of the backend.
    pub servers: &'a dyn Members,
    /// The servers that can be chosen.
    pub group: Group,
    /// The server that has just failed. It is chosen only if there is no other.
    pub avoid: Option<usize>,
    /// The session or exchange that needs a server.
    pub requester: Requester<'a>,
}

impl<'a> Candidates<'a> {
    /// Returns the number of servers of the backend, including those that cannot be chosen.
    pub fn count(&self) -> usize {
        self.servers.count()
    }

    /// Returns the server of the backend with this index.
    pub fn server(&self, index: usize) -> &'a dyn Member {
        self.servers.member(index)
    }

    /// Returns whether a server can be chosen.
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

    /// Iterates over the servers that can be chosen, with their indexes.
    pub fn members(&self) -> impl Iterator<Item = (usize, &'a dyn Member)> {
        (0..self.count()).filter(|index| self.has(*index)).map(|index| (index, self.server(index)))
    }
}

impl fmt::Debug for Candidates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidates")
            .field("count", &self.count())
            .field("group", &self.group)
            .field("avoid", &self.avoid)
            .field("requester", &self.requester)
            .finish()
    }
}

/// The algorithm of one backend, with its state.
pub trait Balance: fmt::Debug + Send + Sync {
    /// Returns the index of the server for a session, or `None` if the session is to wait for the first server that is
    /// free. It is always a usable server, and a full one only if the session is to wait for that one. The group is not
    /// empty.
    fn choose(&self, candidates: &Candidates<'_>) -> Option<usize>;

    /// Learns of a server, or that its weight, its limit, its address or whether it is usable has changed. Changes of one
    /// server are told one after the other.
    fn changed(&self, servers: &dyn Members, index: usize) {
        let _ = (servers, index);
    }

    /// Learns that the load of a server has changed, if it [asks for that](Self::follows_load).
    fn load_changed(&self, server: &dyn Member, index: usize) {
        let _ = (server, index);
    }

    /// Returns whether it is told changes of load.
    fn follows_load(&self) -> bool {
        false
    }

    /// Returns whether it asks for the number of all sessions that hold slots.
    fn counts_sessions(&self) -> bool {
        false
    }

    /// Returns the expression whose value it chooses by, if it has one.
    fn key(&self) -> Option<&Key> {
        None
    }

    /// Returns whether it always leads the same client to the same server. A session whose connection to that server
    /// failed stays with it until its retries run out.
    fn is_deterministic(&self) -> bool {
        false
    }

    /// Returns whether it follows weights that change. An algorithm that does not only knows a weight of 0.
    fn follows_weights(&self) -> bool {
        true
    }

    /// Returns whether sessions in the queue of the backend mean that every server is full, so that none has to be
    /// looked at.
    fn is_full_with_a_queue(&self) -> bool {
        false
    }
}

/// Refuses any argument, for algorithms that take none.
fn no_arguments(arguments: &[&str]) -> Result<(), ArgumentError> {
    match arguments {
        [] => Ok(()),
        [first, ..] => Err(ArgumentError(format!("no argument is expected, found '{first}'"))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
