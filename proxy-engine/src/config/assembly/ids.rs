//! Assigns the numbers (`id`) of proxies, listeners and servers, for statistics and commands.

use std::collections::HashMap;

use proxy_config::{Diagnostic, Diagnostics, Id, Span};

/// The first number of listeners.
pub(super) const FIRST: u32 = 1;
/// The first number of sections. In HAProxy 1 is taken, and requests and files that name sections by number count on it.
pub(super) const FIRST_SECTION: u32 = 2;

/// Returns the numbers of servers: the configured one, or else the next free one, where each server uses up a number.
/// Hashing depends on them, so they have to be those of HAProxy.
pub(super) fn of_servers<'v>(
    given: impl Iterator<Item = (Option<&'v Id>, Span)>,
    diagnostics: &mut Diagnostics,
) -> Vec<u32> {
    let given: Vec<_> = given.collect();
    let mut taken = taken(&given, diagnostics);
    let mut ids = Vec::with_capacity(given.len());
    let mut next = 1;
    for (identity, span) in &given {
        let id = identity.map_or_else(
            || {
                next = (next..=u32::MAX).find(|id| !taken.contains_key(id)).unwrap_or(u32::MAX);
                taken.insert(next, *span);
                next
            },
            |id| id.0,
        );
        ids.push(id);
        // One with a configured number uses up one as well.
        next = next.saturating_add(1);
    }
    ids
}

/// Returns the number of each: the configured one, or else the next free one from `first`, in order.
pub(super) fn assign<'v>(
    given: impl Iterator<Item = (Option<&'v Id>, Span)>,
    first: u32,
    diagnostics: &mut Diagnostics,
) -> Vec<u32> {
    let given: Vec<_> = given.collect();
    let taken = taken(&given, diagnostics);
    let mut free = (first..=u32::MAX).filter(|id| !taken.contains_key(id));
    let mut next = || free.next().unwrap_or(u32::MAX);
    given.iter().map(|(identity, _)| identity.map_or_else(&mut next, |id| id.0)).collect()
}

/// Returns the configured numbers, and reports those that are given twice.
fn taken(given: &[(Option<&Id>, Span)], diagnostics: &mut Diagnostics) -> HashMap<u32, Span> {
    let mut taken: HashMap<u32, Span> = HashMap::new();
    for (identity, span) in given {
        let Some(Id(id)) = identity else { continue };
        if let Some(first) = taken.insert(*id, *span) {
            let problem = Diagnostic::alert(*span, format!("id {id} is given twice"));
            diagnostics.push(problem.related(first, "first"));
        }
    }
    taken
}
