//! Sessions of mode tcp: each connects a client to a server, and relays bytes between them.

mod content_rules;
mod http_look;
mod lead;
mod response_rules;
mod session;
mod steer;
mod view;
mod waiting_client;

pub(crate) use lead::run;
