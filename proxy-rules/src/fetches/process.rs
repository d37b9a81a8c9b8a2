//! `env`, `hostname`, `pid`, `date`, `date_us`: the process, its environment and the time.

use std::time::{SystemTime, UNIX_EPOCH};

use proto_core::address::Environment as _;

use super::simple::simple;
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::hostname::HOSTNAME;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The value that a variable of the environment had when the configuration was read. Lines after a `setenv` see it.
#[derive(Debug)]
struct Env(Option<Box<[u8]>>);

impl Fetch for Env {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        self.0.as_deref().map(|value| Sample::Text(value.into()))
    }
}

inventory::submit! {
    FetchEntry::new("env", "<name>", Type::Text, Need::Nothing, "a variable of the environment", |inputs| {
        let name = inputs.text("the name of a variable")?;
        let value = inputs.surroundings.and_then(|surroundings| surroundings.variables.var(name));
        Ok(Box::new(Env(value.map(|value| value.into_bytes().into()))))
    })
}

simple!("hostname", Type::Text, Need::Nothing, "the name of this machine", |_| {
    Some(Sample::Text((&HOSTNAME[..]).into()))
});

simple!("pid", Type::Integer, Need::Nothing, "the number of the process", |_| {
    Some(Sample::Integer(std::process::id().into()))
});

/// Returns the time since 1970 in a unit, of which a second has this many.
fn since_1970(in_second: u32) -> i64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let part = time.subsec_nanos() / (1_000_000_000 / in_second);
    i64::try_from(time.as_secs())
        .unwrap_or(i64::MAX)
        .saturating_mul(in_second.into())
        .saturating_add(part.into())
}

/// The time in a unit, plus an offset in the same unit.
#[derive(Debug)]
struct Date {
    offset: i64,
    in_second: u32,
}

impl Fetch for Date {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Integer(since_1970(self.in_second).saturating_add(self.offset)))
    }
}

inventory::submit! {
    FetchEntry::new(
        "date",
        "[<offset>][,<unit>]",
        Type::Integer,
        Need::Nothing,
        "the time since 1970 in s, ms or us; without a unit in seconds",
        |inputs| {
            let offset = inputs.number_or(0, i64::MIN..=i64::MAX, "what to add to the time")?;
            let in_second = match inputs.take() {
                None => 1,
                Some(unit) => match &*unit.text {
                    "s" => 1,
                    "ms" => 1000,
                    "us" => 1_000_000,
                    _ => return Err(inputs.bad(unit, "the unit: 's', 'ms' or 'us'")),
                },
            };
            Ok(Box::new(Date { offset, in_second }))
        },
    )
}

simple!("date_us", Type::Integer, Need::Nothing, "the microseconds of the time", |_| {
    Some(Sample::Integer(since_1970(1_000_000) % 1_000_000))
});
