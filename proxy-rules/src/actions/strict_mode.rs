//! `strict-mode`: whether a failed change ends the message with an error.

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct StrictMode(bool);

impl Action for StrictMode {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.strict = self.0;
        Verdict::Continue
    }
}

inventory::submit! {
    ActionEntry::new(
        "strict-mode",
        "{on|off}",
        &[HookPoint::HttpRequest, HookPoint::HttpResponse, HookPoint::HttpAfterResponse],
        "whether changes that fail end the message with an error",
        |action| Ok(Box::new(StrictMode(action.line.args.one_of(&[("on", true), ("off", false)])?))),
    )
}
