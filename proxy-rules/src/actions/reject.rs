//! `reject`: closes the client's connection without a reply.

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Reject;

impl Action for Reject {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::Reject
    }

    fn reads_request(&self) -> bool {
        false
    }
}

inventory::submit! {
    ActionEntry::new(
        "reject",
        "",
        &[
            HookPoint::TcpConnection,
            HookPoint::TcpSession,
            HookPoint::TcpRequest,
            HookPoint::TcpResponse,
            HookPoint::HttpRequest,
        ],
        "close the client's connection without an answer",
        |_| Ok(Box::new(Reject)),
    )
}
