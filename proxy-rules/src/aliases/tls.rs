//! `%sslc`, `%sslv`: always missing, since there is no TLS.

use super::simple::alias;

alias!("sslc", Client, "the cipher of the client's connection", |_, field| field.missing());
alias!("sslv", Client, "the version of TLS of the client's connection", |_, field| field.missing());
