//! `tarpit`: refuses a request after a delay.

use proxy_config::mistake;

use super::deny::denial;
use crate::action::{Action, ActionEntry};
use crate::answer::Reply;
use crate::context::Context;
use crate::errors::ErrorStatus;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Tarpit(ErrorStatus);

impl Action for Tarpit {
    fn run(&self, _context: &mut Context<'_>) -> Verdict {
        Verdict::Tarpit { status: self.0.code() }
    }
}

inventory::submit! {
    ActionEntry::new(
        "tarpit",
        "[deny_status <code>] [status <code> default-errorfiles]",
        &[HookPoint::HttpRequest],
        "refuse the request after a while, and skip the remaining rules",
        |action| {
            let first = action.peek().map(|word| word.span);
            match denial(action, 500)? {
                Reply::Message(status) => Ok(Box::new(Tarpit(status))),
                // The verdict cannot keep a reply of its own while it waits.
                _ => {
                    let place = first.unwrap_or(action.line.span);
                    let problem = mistake(place, "a reply of its own is not supported yet for 'tarpit'");
                    Err(Box::new(problem.help("it sends the section's error message: deny_status 429")))
                }
            }
        },
    )
}
