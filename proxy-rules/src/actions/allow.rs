//! `allow`: skips the remaining rules of this hook point in this section.

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Allow;

impl Action for Allow {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::Accept
    }
}

inventory::submit! {
    ActionEntry::new(
        "allow",
        "",
        &[HookPoint::HttpRequest, HookPoint::HttpResponse, HookPoint::HttpAfterResponse],
        "skip the remaining rules",
        |_| Ok(Box::new(Allow)),
    )
}
