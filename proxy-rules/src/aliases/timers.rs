//! `%Th`, `%Ti`, `%TR`, `%Tq`, `%Tw`, `%Tc`, `%Tr`, `%Td`, `%Ta`, `%Tt`, `%Tu`: durations, in milliseconds; -1 for a
//! phase that did not happen.

use std::time::Duration;

use super::simple::alias;
use crate::context::Context;
use crate::format::Field;
use crate::record::{Record, Timers};

fn timer(
    context: &Context<'_>,
    field: &mut Field<'_>,
    of: impl FnOnce(&Timers, &dyn Record) -> Option<Duration>,
) {
    let Some(record) = context.record else { return field.missing() };
    let millis = of(&record.timers(), record).map_or(-1, millis);
    field.number(millis);
}

/// Returns a duration in milliseconds. 64 bits are always enough.
fn millis(time: Duration) -> i64 {
    let millis = time.as_secs().saturating_mul(1000).saturating_add(time.subsec_millis().into());
    i64::try_from(millis).unwrap_or(i64::MAX)
}

/// Writes a duration that may continue after the line is written.
fn so_far(context: &Context<'_>, field: &mut Field<'_>, of: fn(&Timers) -> Duration) {
    if context.record.is_some_and(|record| record.is_early()) {
        field.mark();
    }
    timer(context, field, |timers, _| Some(of(timers)));
}

alias!(
    "Th",
    Record,
    "handshakes of layers below",
    |context, field| {
        timer(context, field, |timers, _| Some(timers.handshake));
    },
    at_end
);
alias!(
    "Ti",
    Record,
    "idle time before the request",
    |context, field| {
        timer(context, field, |timers, _| timers.idle);
    },
    at_end
);
alias!(
    "TR",
    Record,
    "from the first byte of the request until its head was complete",
    |context, field| {
        timer(context, field, |timers, _| timers.request);
    },
    at_end
);
alias!(
    "Tq",
    Record,
    "%Th + %Ti + %TR",
    |context, field| {
        timer(context, field, |timers, _| timers.until_request());
    },
    at_end
);
alias!(
    "Tw",
    Record,
    "waiting in queues",
    |context, field| {
        timer(context, field, |timers, _| timers.queue);
    },
    at_end
);
alias!(
    "Tc",
    Record,
    "connecting to the server",
    |context, field| {
        timer(context, field, |timers, _| timers.connect);
    },
    at_end
);
alias!(
    "Tr",
    Record,
    "waiting for the head of the response",
    |context, field| {
        timer(context, field, |timers, _| timers.response);
    },
    at_end
);
alias!(
    "Td",
    Record,
    "transferring data",
    |context, field| {
        timer(context, field, |timers, record| timers.data(record.is_http()));
    },
    at_end
);
alias!(
    "Ta",
    Record,
    "from the first byte of the request until the end",
    |context, field| {
        so_far(context, field, |timers| timers.active);
    },
    at_end
);
alias!(
    "Tt",
    Record,
    "from the beginning until the end",
    |context, field| {
        so_far(context, field, Timers::total);
    },
    at_end
);
alias!(
    "Tu",
    Record,
    "what a user waits for: %Tt without idle time",
    |context, field| {
        so_far(context, field, Timers::user);
    },
    at_end
);
