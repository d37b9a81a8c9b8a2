//! `%ci`, `%cp`, `%fi`, `%fp`: both ends of the client's connection.

use super::address::{host, port};
use super::simple::alias;

alias!("ci", Client, "the client's address", |context, field| host(Some(context.source()), field));
alias!("cp", Client, "the client's port; of a UNIX socket the number of the listener", |context, field| {
    port(Some(context.source()), context.session.listener_number(), field);
});
alias!("fi", Client, "the address that the client connected to", |context, field| {
    host(Some(context.destination()), field);
});
alias!(
    "fp",
    Client,
    "the port that the client connected to; of a UNIX socket the number of the listener",
    |context, field| {
        port(Some(context.destination()), context.session.listener_number(), field);
    }
);
