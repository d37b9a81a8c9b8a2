//! Fetches without arguments, which are a function of the context.

use crate::context::Context;
use crate::fetch::Fetch;
use crate::sample::Sample;

/// A function of the context.
pub(super) type Take = for<'c> fn(&'c Context<'_>) -> Option<Sample<'c>>;

/// A fetch that is a plain function.
#[derive(Debug)]
pub(super) struct Simple(pub(super) Take);

impl Fetch for Simple {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        (self.0)(context)
    }
}

/// Submits a fetch.
macro_rules! simple {
    ($name:literal, $gives:expr, $needs:expr, $help:literal, $take:expr $(, $with:ident($($argument:expr),*))*) => {
        inventory::submit! {
            $crate::fetch::FetchEntry::new($name, "", $gives, $needs, $help, |_| {
                const TAKE: $crate::fetches::simple::Take = $take;
                Ok(Box::new($crate::fetches::simple::Simple(TAKE)))
            })
            $(.$with($($argument),*))*
        }
    };
}

pub(super) use simple;
