//! `close`: closes the connection to the server, and passes on nothing that was received over it.

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Close;

impl Action for Close {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::CloseServer
    }
}

inventory::submit! {
    ActionEntry::new(
        "close",
        "",
        &[HookPoint::TcpResponse],
        "close the server's connection, and pass nothing on of what came over it",
        |_| Ok(Box::new(Close)),
    )
}
