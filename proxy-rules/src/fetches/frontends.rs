//! `fe_conn`, `fe_sess_rate`, `fe_req_rate`: the load of a frontend, by name.

use std::sync::Arc;

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::named_proxy::{FrontendFacts, NamedFrontend};
use crate::points::Need;
use crate::sample::{Sample, Type};

type Ask = fn(&dyn FrontendFacts) -> u64;

#[derive(Debug)]
struct OfFrontend(Arc<NamedFrontend>, Ask);

impl Fetch for OfFrontend {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let number = (self.1)(self.0.facts()?);
        Some(Sample::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

macro_rules! of_frontend {
    ($name:literal, $help:literal, $ask:expr) => {
        inventory::submit! {
            FetchEntry::new($name, "[<frontend>]", Type::Integer, Need::Nothing, $help, |inputs| {
                const ASK: Ask = $ask;
                Ok(Box::new(OfFrontend(inputs.frontend()?, ASK)))
            })
        }
    };
}

of_frontend!("fe_conn", "the number of connections of a frontend", |frontend| frontend.connections() as u64);
of_frontend!("fe_sess_rate", "the connections of a frontend in the last second", |frontend| {
    frontend.session_rate()
});
of_frontend!("fe_req_rate", "the requests of a frontend in the last second", |frontend| {
    frontend.request_rate()
});
