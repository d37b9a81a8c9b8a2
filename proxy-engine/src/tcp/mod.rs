//! Sessions of mode tcp: a client is led to a server, and bytes are relayed between both.

mod session;
mod waiting;

pub(crate) use session::run;
