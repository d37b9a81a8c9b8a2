//! Assigns the numbers (`id`) of proxies, listeners and servers, for statistics and commands.

use std::collections::HashMap;

use proxy_config::{Diagnostic, Diagnostics, Id, Span};

/// Returns the number of each: the configured one, or else the next free one, in order.
pub(super) fn assign<'v>(
    given: impl Iterator<Item = (Option<&'v Id>, Span)>,
    diagnostics: &mut Diagnostics,
) -> Vec<u32> {
    let given: Vec<_> = given.collect();
    let mut taken: HashMap<u32, Span> = HashMap::new();
    for (identity, span) in &given {
        let Some(Id(id)) = identity else { continue };
        if let Some(first) = taken.insert(*id, *span) {
            let problem = Diagnostic::alert(*span, format!("id {id} is given twice"));
            diagnostics.push(problem.related(first, "first"));
        }
    }
    let mut free = (1..=u32::MAX).filter(|id| !taken.contains_key(id));
    let mut next = || free.next().unwrap_or(u32::MAX);
    given.iter().map(|(identity, _)| identity.map_or_else(&mut next, |id| id.0)).collect()
}
