//! Sessions of mode tcp: a client is led to a server, and bytes are relayed between both.

mod content_rules;
mod http_look;
mod response_rules;
mod session;
mod view;
mod waiting_client;

pub(crate) use session::run;
