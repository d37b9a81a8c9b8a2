//! `set-nice`: no effect. In HAProxy it orders the tasks of a thread; here the sessions of a worker take turns, and
//! none moves more in a turn than another may.

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct SetNice;

impl Action for SetNice {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        false
    }
}

inventory::submit! {
    ActionEntry::new(
        "set-nice",
        "<number>",
        &[HookPoint::TcpRequest, HookPoint::TcpResponse, HookPoint::HttpRequest, HookPoint::HttpResponse],
        "no effect: the sessions of a worker take equal turns",
        |action| {
            let _: i32 = action.line.args.number(-1024..=1024, "the nice value")?;
            Ok(Box::new(SetNice))
        },
    )
}
