//! `accept`: skips the remaining rules about the connection, or the remaining content rules of this section.

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Accept;

impl Action for Accept {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::Accept
    }

    fn reads_request(&self) -> bool {
        false
    }
}

inventory::submit! {
    ActionEntry::new(
        "accept",
        "",
        &[HookPoint::TcpConnection, HookPoint::TcpSession, HookPoint::TcpRequest, HookPoint::TcpResponse],
        "skip the remaining rules about the connection or the content",
        |_| Ok(Box::new(Accept)),
    )
}
