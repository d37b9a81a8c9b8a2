//! `%ts`, `%tsc`: the termination state. `%ST`: the status of the response.

use super::simple::alias;

alias!(
    "ts",
    Record,
    "who or what ended it, and in which phase",
    |context, field| {
        match context.record {
            Some(record) => field.token(&record.termination()),
            None => field.missing(),
        }
    },
    at_end
);
// Of these names, HAProxy does not wait for the end for this one.
alias!("tsc", Record, "the same, and what persistence cookies did", |context, field| {
    match context.record {
        Some(record) => {
            let ([cause, stage], [client, server]) = (record.termination(), record.cookies());
            field.token(&[cause, stage, client, server]);
        }
        None => field.missing(),
    }
});
alias!("ST", ResponseLine, "the status of the response; without one -1, in mode tcp 0", |context, field| {
    let status = match (context.record, context.response.as_deref()) {
        (Some(record), _) => record.status().map_or(-i64::from(record.is_http()), i64::from),
        (None, Some(response)) => response.status().into(),
        (None, None) => 0,
    };
    field.number(status);
});
