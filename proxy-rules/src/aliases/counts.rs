//! `%B`, `%U`: bytes. `%ac`, `%fc`, `%bc`, `%sc`: connections. `%rc`: retries. `%sq`, `%bq`: positions in queues.

use super::simple::alias;
use crate::context::Context;
use crate::format::Field;
use crate::record::Record;

fn count(context: &Context<'_>, field: &mut Field<'_>, of: fn(&dyn Record) -> u64) {
    match context.record {
        Some(record) => field.count(of(record)),
        None => field.missing(),
    }
}

alias!(
    "B",
    Record,
    "bytes to the client",
    |context, field| {
        if context.record.is_some_and(|record| record.is_early()) {
            field.mark();
        }
        count(context, field, |record| record.bytes_to_client());
    },
    at_end
);
alias!(
    "U",
    Record,
    "bytes from the client",
    |context, field| {
        count(context, field, |record| record.bytes_from_client());
    },
    at_end
);
alias!(
    "ac",
    Record,
    "connections of the process",
    |context, field| {
        count(context, field, |record| record.concurrent().process as u64);
    },
    at_end
);
alias!(
    "fc",
    Record,
    "connections of the frontend",
    |context, field| {
        count(context, field, |record| record.concurrent().frontend as u64);
    },
    at_end
);
alias!(
    "bc",
    Record,
    "connections of the backend",
    |context, field| {
        count(context, field, |record| record.concurrent().backend as u64);
    },
    at_end
);
alias!(
    "sc",
    Record,
    "connections of the server",
    |context, field| {
        count(context, field, |record| record.concurrent().server as u64);
    },
    at_end
);
alias!(
    "rc",
    Record,
    "retries; with '+' if it went to another server",
    |context, field| {
        if context.record.is_some_and(|record| record.is_redispatched()) {
            field.mark();
        }
        count(context, field, |record| record.retries().into());
    },
    at_end
);
alias!(
    "sq",
    Record,
    "the place in the server's queue",
    |context, field| {
        count(context, field, |record| record.queue_positions().server);
    },
    at_end
);
alias!(
    "bq",
    Record,
    "the place in the backend's queue",
    |context, field| {
        count(context, field, |record| record.queue_positions().backend);
    },
    at_end
);
