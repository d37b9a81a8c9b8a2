//! HTTP over connections that change their paths: what `mode http` promises to a phone that leaves the Wi-Fi in the
//! middle of a download, of an upload, or between two requests of one connection; and its log.
//!
//! The claims of MPTCP are tested for bytes in `claims`; here the proxy parses, frames and pools what it relays, so
//! that it could lose, repeat or end something itself. Every byte of every body is checked.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod client;
mod kept;
mod log;
mod moved;
mod proxy;
#[path = "../claims/transfer.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod transfer;
