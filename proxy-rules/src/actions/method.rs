//! `set-method`: replaces the method.

use proxy_http::token::is_token;

use super::change::{Failed, verdict};
use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::format::Format;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct SetMethod(Format);

impl Action for SetMethod {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.build(
            |context, value| self.0.write(context, value),
            |context, value| {
                let Some(request) = context.request.as_deref_mut() else { return Verdict::Continue };
                let changed = match is_token(value) {
                    true => request.set_method(value).map_err(Failed::from),
                    false => Err(Failed::Malformed),
                };
                verdict(changed, context)
            },
        )
    }
}

inventory::submit! {
    ActionEntry::new("set-method", "<format>", &[HookPoint::HttpRequest], "another method", |action| {
        Ok(Box::new(SetMethod(action.format("the method")?)))
    })
}
