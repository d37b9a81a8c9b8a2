//! `%pid`, `%H`, `%rt`, `%lc`, `%ID`, `%OG`: the process, and the numbers and names that it assigns.

use super::simple::alias;
use crate::hostname::HOSTNAME;

alias!("pid", Nothing, "the number of the process", |_, field| field.identifier(std::process::id()));
alias!("H", Nothing, "the name of this machine", |_, field| field.text(&HOSTNAME));
alias!("rt", Client, "the number of the request, or of the session, in the process", |context, field| {
    match context.record.map(|record| record.number()).or_else(|| context.session.number()) {
        Some(number) => field.identifier(number),
        None => field.missing(),
    }
});
alias!("lc", Record, "lines that the frontend has written before", |context, field| {
    match context.record {
        // HAProxy counts them with 32 bits.
        Some(record) => field.identifier(record.log_count() as u32),
        None => field.missing(),
    }
});
alias!(
    "ID",
    Client,
    "the unique identifier, made by 'unique-id-format'",
    |context, field| {
        field.text(context.unique_id.map_or(b"", |id| id.get(context)));
    },
    at_end
);
alias!("OG", Nothing, "at which point of the session the line is written", |context, field| {
    field.text(context.record.map_or("unspec", |record| record.origin().name()).as_bytes());
});
