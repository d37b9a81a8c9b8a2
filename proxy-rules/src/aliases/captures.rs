//! `%CC`, `%CS`: captured cookies. `%hr`, `%hrl`, `%hs`, `%hsl`: captured header fields. Nothing is captured, which
//! HAProxy says with a dash for cookies and with nothing for fields.

use super::simple::alias;

alias!("CC", Client, "the captured cookie of the request", |_, field| field.missing());
alias!("CS", Client, "the captured cookie of the response", |_, field| field.missing());
alias!("hr", Client, "captured header fields of the request", |_, _| {});
alias!("hrl", Client, "captured header fields of the request, each for itself", |_, _| {});
alias!("hs", Client, "captured header fields of the response", |_, _| {});
alias!("hsl", Client, "captured header fields of the response, each for itself", |_, _| {});
