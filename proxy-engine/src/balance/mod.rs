//! Balancing: which server gets a session.
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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proxy_http::Request;

use crate::server::Server;

pub use crate::policy::{HashFunction, HashMethod, HashType};
pub use registry::{
    Algorithm, Algorithms, ArgumentError, DuplicateAlgorithm, Made, algorithms, find, linked, make,
};

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

/// What is known of whoever asks for a server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The client's address, if it has one.
    pub client: Option<IpAddr>,
    /// The request, if there is one.
    pub request: Option<&'a Request>,
}

/// A choice to be made.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// All servers of the backend.
    pub servers: &'a [Arc<Server>],
    /// Which of them count.
    pub group: Group,
    /// Changes whenever a weight or the state of a server does.
    pub epoch: u64,
    /// The server that has just failed: to be chosen only if there is no other.
    pub avoid: Option<usize>,
    /// Who asks.
    pub asked: Asked<'a>,
}

impl Choice<'_> {
    /// Whether a server is one to choose from.
    pub fn has(&self, index: usize) -> bool {
        let server = &self.servers[index];
        let belongs = match self.group {
            Group::Empty => false,
            Group::Primaries => !server.config().backup,
            Group::Backups => server.config().backup,
            Group::One(only) => index == only,
        };
        belongs && server.is_usable()
    }

    /// The servers to choose from.
    pub fn members(&self) -> impl Iterator<Item = (usize, &Server)> {
        self.servers.iter().enumerate().filter(|(index, _)| self.has(*index)).map(|(index, s)| (index, &**s))
    }
}

/// An algorithm at work for one backend.
pub trait Balance: fmt::Debug + Send + Sync {
    /// The server for a session, by its place in the backend; `None` if the session is to wait for whichever is free
    /// first. Never one that cannot be used, and full only if the session is to wait for that one. The group is not
    /// empty.
    fn choose(&self, choice: &Choice<'_>) -> Option<usize>;

    /// Whether it always leads the same client to the same server. A session that failed there is not led elsewhere
    /// before its retries run out.
    fn is_deterministic(&self) -> bool {
        false
    }

    /// Whether a queue of the backend means that every server is full, so that nobody need be asked.
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
