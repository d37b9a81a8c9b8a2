//! `%t`, `%T`, `%Tl`, `%Ts`, `%ms`: when the connection was accepted. `%tr`, `%trg`, `%trl`: when the request began.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::simple::alias;
use crate::context::Context;
use crate::date::Date;
use crate::format::Field;

fn accepted(context: &Context<'_>) -> Option<SystemTime> {
    context.record.map(|record| record.accepted()).or_else(|| context.session.accepted())
}

fn began(context: &Context<'_>) -> Option<SystemTime> {
    context.record.map(|record| record.began()).or_else(|| context.session.began())
}

fn local(at: Option<SystemTime>, form: fn(&Date, &mut Vec<u8>), field: &mut Field<'_>) {
    match at {
        Some(at) => field.token_with(|to| form(&Date::local(at), to)),
        None => field.missing(),
    }
}

fn utc(at: Option<SystemTime>, field: &mut Field<'_>) {
    match at {
        Some(at) => field.token_with(|to| Date::utc(at).log_with_zone(to)),
        None => field.missing(),
    }
}

fn since_1970(at: Option<SystemTime>) -> Option<Duration> {
    Some(at?.duration_since(UNIX_EPOCH).unwrap_or_default())
}

alias!("t", Client, "when it was accepted, local time, with milliseconds", |context, field| {
    local(accepted(context), Date::log, field);
});
alias!("T", Client, "when it was accepted, UTC", |context, field| utc(accepted(context), field));
alias!("Tl", Client, "when it was accepted, local time, with the time zone", |context, field| {
    local(accepted(context), Date::log_with_zone, field);
});
alias!("Ts", Client, "when it was accepted, in seconds since 1970", |context, field| {
    match since_1970(accepted(context)) {
        // HAProxy writes it with 32 bits.
        Some(since) => field.identifier(since.as_secs() as u32),
        None => field.missing(),
    }
});
alias!("ms", Client, "the milliseconds of when it was accepted", |context, field| {
    match since_1970(accepted(context)) {
        Some(since) => field.padded(since.subsec_millis(), 3, 2),
        None => field.missing(),
    }
});
alias!("tr", Client, "when the request began, local time, with milliseconds", |context, field| {
    local(began(context), Date::log, field);
});
alias!("trg", Client, "when the request began, UTC", |context, field| utc(began(context), field));
alias!("trl", Client, "when the request began, local time, with the time zone", |context, field| {
    local(began(context), Date::log_with_zone, field);
});
