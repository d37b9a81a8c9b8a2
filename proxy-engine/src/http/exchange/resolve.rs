//! Rules that have names resolved (`do-resolve`): the exchange waits, and the rules continue after them.

use std::net::IpAddr;
use std::time::Duration;

use proxy_rules::{ContentRules, NameLookup, Verdict};
use tokio::time::timeout;

use super::{Exchange, Stop};
use crate::exchange::front::FrontExchange;

/// What a rule has resolved.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) lookup: Box<NameLookup>,
    pub(super) address: Option<IpAddr>,
}

impl Exchange<'_> {
    /// Waits for the answer to a rule, and enters a section again, whose rules continue after it.
    pub(super) async fn enter_resolved(
        &mut self,
        front: &dyn FrontExchange,
        mut lookup: Box<NameLookup>,
        enter: fn(&mut Self, &dyn FrontExchange) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        loop {
            let address = lookup.resolve().await;
            self.resolved = Some(Box::new(Resolved { lookup, address }));
            match enter(self, front) {
                Err(Stop::Resolve(next)) => lookup = next,
                entered => return entered,
            }
        }
    }

    /// Waits for the answers to content rules, at most for their inspect delay each, and returns what they decide.
    pub(super) async fn inspect_resolved(
        &mut self,
        front: &dyn FrontExchange,
        content: &ContentRules,
        mut lookup: Box<NameLookup>,
    ) -> Verdict {
        loop {
            let address = resolve_within(&lookup, content.inspect_delay).await;
            let verdict =
                self.with_context(front, false, |context| content.rules.resume(context, &lookup, address));
            match verdict {
                Verdict::Resolve(next) => lookup = next,
                verdict => return verdict,
            }
        }
    }
}

/// Resolves a name, and gives up after a time.
async fn resolve_within(lookup: &NameLookup, limit: Option<Duration>) -> Option<IpAddr> {
    match limit {
        Some(limit) => timeout(limit, lookup.resolve()).await.ok().flatten(),
        None => lookup.resolve().await,
    }
}
