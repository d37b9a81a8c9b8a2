//! `%si`, `%sp`, `%bi`, `%bp`: both ends of the connection to the server.

use super::address::{host, port};
use super::simple::alias;

alias!("si", Record, "the server's address", |context, field| {
    host(context.record.and_then(|record| record.server_address()), field);
});
alias!("sp", Record, "the server's port", |context, field| {
    port(context.record.and_then(|record| record.server_address()), 0, field);
});
alias!("bi", Record, "the proxy's own address towards the server", |context, field| {
    host(context.record.and_then(|record| record.own_address()), field);
});
alias!("bp", Record, "the proxy's own port towards the server", |context, field| {
    port(context.record.and_then(|record| record.own_address()), 0, field);
});
