//! What a connection that is passed on as it is says in its first message: `req.ssl_sni` and the others.
//!
//! They need bytes that content rules of mode tcp look at, and more of them may have to come: `req.ssl_hello_type` is
//! undetermined until the message is whole.

mod hello;
mod hello_type;
mod lists;
mod names;
mod support;
mod version;
