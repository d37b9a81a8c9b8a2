//! `return`: replies in place of a server.

use proxy_config::Spanned;

use crate::action::{Action, ActionEntry};
use crate::answer::Reply;
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Return(Reply);

impl Action for Return {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        self.0.verdict(context, false)
    }
}

inventory::submit! {
    ActionEntry::new(
        "return",
        "[status <code>] [content-type <type>] [hdr <name> <format>]... \
         [default-errorfiles|errorfiles <section>|errorfile <file>|file <file>|string <text>|lf-file <file>\
         |lf-string <format>]",
        &[HookPoint::HttpRequest, HookPoint::HttpResponse],
        "reply, and skip the remaining rules",
        |action| {
            let span = action.line.args.last();
            Ok(Box::new(Return(Reply::parse(action, Spanned { value: 200, span })?)))
        },
    )
}
