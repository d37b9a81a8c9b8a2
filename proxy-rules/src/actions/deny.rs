//! `deny`: refuses a request or a response with a reply.

use proxy_config::{Parsed, Spanned};

use crate::action::{Action, ActionArguments, ActionEntry};
use crate::answer::{Reply, reply_status};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Deny(Reply);

impl Action for Deny {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        self.0.verdict(context, true)
    }
}

inventory::submit! {
    ActionEntry::new(
        "deny",
        "[{status|deny_status} <code>] [content-type <type>] [hdr <name> <format>]... \
         [default-errorfiles|errorfiles <section>|errorfile <file>|file <file>|string <text>|lf-file <file>\
         |lf-string <format>]",
        &[HookPoint::HttpRequest, HookPoint::HttpResponse],
        "refuse the request or the response, and skip the remaining rules",
        |action| {
            let status = if action.hook.is_response() { 502 } else { 403 };
            Ok(Box::new(Deny(denial(action, status)?)))
        },
    )
}

/// Reads the reply of a denial. Without words, or with `deny_status` alone, it is the error message of the section;
/// with any other word, such as `status`, the reply is made of the words and nothing else.
pub(super) fn denial(action: &mut ActionArguments<'_, '_, '_>, status: u16) -> Parsed<Reply> {
    let mut status = Spanned { value: status, span: action.line.args.last() };
    if action.take_word("deny_status") {
        status = reply_status(action)?;
    }
    if action.is_end() { Reply::message(&status) } else { Reply::parse(action, status) }
}
