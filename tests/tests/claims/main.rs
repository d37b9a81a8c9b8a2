//! The claims of MPTCP, tested with the built program on the machine's own kernel: a connection through the proxy moves
//! from one path to another, uses several at once, survives the loss of all, and moves from IPv4 to IPv6; on the
//! client's side of the proxy and on the server's. Every byte of every transfer is checked.
//!
//! Each test prints what it measured: the longest time in which the receiver got nothing, and the speed.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod both;
mod client;
mod gap;
mod server;
mod transfer;
