//! `wait_end`: true once content rules no longer wait.

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct WaitEnd;

impl Fetch for WaitEnd {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        context.is_final.then_some(Sample::Bool(true))
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        !context.is_final
    }
}

inventory::submit! {
    FetchEntry::new(
        "wait_end",
        "",
        Type::Bool,
        Need::Nothing,
        "true, and content rules wait for it as long as they may",
        |_| Ok(Box::new(WaitEnd)),
    )
}
