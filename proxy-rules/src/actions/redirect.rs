//! `redirect`: replies with a redirection.

use crate::action::ActionEntry;
use crate::answer::{Redirect, RedirectRules};
use crate::points::HookPoint;

inventory::submit! {
    ActionEntry::new(
        "redirect",
        "{location|prefix|scheme} <format> [code <code>] [drop-query] [keep-query] [append-slash] [ignore-empty] \
         [set-cookie <cookie>|set-cookie-fmt <format>|clear-cookie <cookie>]",
        &[HookPoint::HttpRequest, HookPoint::HttpResponse],
        "send the client elsewhere, and skip the remaining rules",
        |action| {
            let (points, on_request) = (action.points(), !action.hook.is_response());
            Ok(Box::new(Redirect::parse(action.line, &RedirectRules { points, formats: true, on_request })?))
        },
    )
}
