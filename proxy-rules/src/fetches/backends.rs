//! `nbsrv`, `be_conn`, `be_conn_free`, `connslots`, `queue`, `avg_queue`, `be_sess_rate`: the load of a backend, by name.

use std::sync::Arc;

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::named_proxy::{BackendFacts, NamedProxy};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// A number about a backend; -1 stands for no limit.
type Ask = fn(&dyn BackendFacts) -> i64;

#[derive(Debug)]
struct OfBackend(Arc<NamedProxy>, Ask);

impl Fetch for OfBackend {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        self.0.backend().map(|facts| Sample::Integer((self.1)(facts)))
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

macro_rules! of_backend {
    ($name:literal, $help:literal, $ask:expr) => {
        inventory::submit! {
            FetchEntry::new($name, "[<backend>]", Type::Integer, Need::Nothing, $help, |inputs| {
                const ASK: Ask = $ask;
                Ok(Box::new(OfBackend(inputs.backend()?, ASK)))
            })
        }
    };
}

of_backend!("nbsrv", "the number of usable servers of a backend", |backend| number(backend.usable_servers()));
of_backend!("be_conn", "the number of sessions of a backend", |backend| number(backend.sessions()));
of_backend!("be_conn_free", "the free slots of the servers of a backend; -1 without a limit", |backend| {
    backend.free_slots().map_or(-1, number)
});
of_backend!("connslots", "the free slots and places in queues of a backend; -1 without a limit", |backend| {
    backend.free_places().unwrap_or(-1)
});
of_backend!("queue", "the number of sessions that wait in a backend", |backend| number(backend.queued()));
of_backend!("be_sess_rate", "the sessions and exchanges of a backend in the last second", |backend| {
    i64::try_from(backend.session_rate()).unwrap_or(i64::MAX)
});
of_backend!("avg_queue", "the sessions that wait in a backend for each usable server", |backend| {
    let (queued, servers) = (backend.queued(), backend.usable_servers());
    // As in HAProxy, a backend without servers counts each of them twice.
    number(if servers == 0 { 2 * queued } else { queued.div_ceil(servers) })
});
