//! Samples of the first message of a TLS connection that is passed on without decryption: `req.ssl_sni` and others.
//!
//! They need the bytes that content rules of mode tcp inspect, and may have to wait for more: `req.ssl_hello_type` is
//! undetermined until the message is complete.

mod hello;
mod hello_type;
mod lists;
mod names;
mod support;
mod version;
