//! `%CC`, `%CS`: the captured cookie. `%hr`, `%hrl`, `%hs`, `%hsl`: the values in the slots of the frontend, all in
//! braces or one by one. Without slots nothing is written.

use std::cell::Ref;

use super::simple::alias;
use crate::captures::{CapturePlace, Side};
use crate::context::Context;
use crate::escape::Map;
use crate::format::Field;
use crate::record::Origin;

fn cookie(context: &Context<'_>, field: &mut Field<'_>, side: Side) {
    field.text(context.variables.capture(CapturePlace::Cookie(side)).as_deref().unwrap_or_default());
}

/// Returns the captured value of each slot.
fn slots<'c>(context: &'c Context<'_>, side: Side) -> impl ExactSizeIterator<Item = Option<Ref<'c, [u8]>>> {
    // HAProxy has no slots for a connection that failed before there was a request.
    let has_failed = context.record.is_some_and(|record| record.origin() == Origin::SessionError);
    let policy = context.session.captures().filter(|_| !has_failed);
    let count = policy.map_or(0, |policy| u32::try_from(policy.slots(side).len()).unwrap_or(u32::MAX));
    (0..count).map(move |slot| context.variables.capture(CapturePlace::Slot(side, slot)))
}

/// `{first|second}`
fn together(context: &Context<'_>, field: &mut Field<'_>, side: Side) {
    if slots(context, side).len() > 0 {
        field.in_braces(slots(context, side), Map::Header);
    }
}

/// `first second`
fn apart(context: &Context<'_>, field: &mut Field<'_>, side: Side) {
    if slots(context, side).len() > 0 {
        field.list(slots(context, side), Map::Header);
    }
}

alias!("CC", Client, "the captured cookie of the request", |context, field| cookie(
    context,
    field,
    Side::Request
));
alias!("CS", Client, "the captured cookie of the response", |context, field| cookie(
    context,
    field,
    Side::Response
));
alias!("hr", Client, "the captured values of the request, in braces", |context, field| {
    together(context, field, Side::Request);
});
alias!("hrl", Client, "the captured values of the request, one by one", |context, field| {
    apart(context, field, Side::Request);
});
alias!("hs", Client, "the captured values of the response, in braces", |context, field| {
    together(context, field, Side::Response);
});
alias!("hsl", Client, "the captured values of the response, one by one", |context, field| {
    apart(context, field, Side::Response);
});
