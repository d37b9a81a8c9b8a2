//! `srv_is_up`, `srv_conn`, `srv_conn_free`, `srv_queue`, `srv_sess_rate`, `srv_weight`, `srv_iweight`, `srv_uweight`: a server, by name.

use std::sync::Arc;

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::named_proxy::{NamedProxy, ServerFacts};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// A fact about a server; a number of -1 stands for no limit.
type Ask = fn(&dyn ServerFacts) -> Sample<'static>;

#[derive(Debug)]
struct OfServer(Arc<NamedProxy>, Ask);

impl Fetch for OfServer {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        self.0.server().map(self.1)
    }
}

fn number(count: usize) -> Sample<'static> {
    Sample::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

macro_rules! of_server {
    ($name:literal, $gives:expr, $help:literal, $ask:expr) => {
        inventory::submit! {
            FetchEntry::new($name, "[<backend>/]<server>", $gives, Need::Nothing, $help, |inputs| {
                const ASK: Ask = $ask;
                Ok(Box::new(OfServer(inputs.server()?, ASK)))
            })
        }
    };
}

of_server!("srv_is_up", Type::Bool, "whether a server is up and not in maintenance", |server| {
    Sample::Bool(server.is_up())
});
of_server!("srv_conn", Type::Integer, "the number of sessions of a server", |server| number(
    server.sessions()
));
of_server!("srv_conn_free", Type::Integer, "the free slots of a server; -1 without a limit", |server| {
    server.free_slots().map_or(Sample::Integer(-1), number)
});
of_server!("srv_queue", Type::Integer, "the number of sessions that wait for a server", |server| {
    number(server.queued())
});
of_server!(
    "srv_sess_rate",
    Type::Integer,
    "the sessions and exchanges of a server in the last second",
    |server| { Sample::Integer(i64::try_from(server.session_rate()).unwrap_or(i64::MAX)) }
);
of_server!("srv_weight", Type::Integer, "the weight of a server that balancing uses now", |server| {
    Sample::Integer(server.effective_weight().into())
});
of_server!("srv_iweight", Type::Integer, "the configured weight of a server", |server| {
    Sample::Integer(server.initial_weight().into())
});
of_server!("srv_uweight", Type::Integer, "the weight of a server that was set last", |server| {
    Sample::Integer(server.user_weight().into())
});
