//! `set-status`: replaces the status.

use proxy_config::Diagnostic;
use proxy_http::reason;

use super::change::{Failed, verdict};
use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct SetStatus {
    status: u16,
    reason: Option<Box<[u8]>>,
}

impl Action for SetStatus {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let Some(response) = context.response.as_deref_mut() else { return Verdict::Continue };
        let words = match &self.reason {
            Some(words) => words,
            None => reason(self.status).as_bytes(),
        };
        let changed = response.set_status(self.status, words).map_err(Failed::from);
        verdict(changed, context)
    }
}

inventory::submit! {
    ActionEntry::new(
        "set-status",
        "<status> [reason <text>]",
        &[HookPoint::HttpResponse, HookPoint::HttpAfterResponse],
        "another status",
        |action| {
            let status = action.line.args.number(100..=999_u16, "a status")?;
            let mut reason = None;
            if action.take_word("reason") {
                let word = action.word("the reason after the status")?;
                if word.bytes().any(|byte| byte.is_ascii_control()) {
                    return Err(Box::new(Diagnostic::alert(word.span, "a control character in the reason of a status")));
                }
                reason = Some(word.text.clone().into_bytes().into());
            }
            Ok(Box::new(SetStatus { status, reason }))
        },
    )
}
