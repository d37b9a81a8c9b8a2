//! Names of servers that are resolved while the program runs: by name servers that answer, fail, lie and change. A HAProxy
//! is held to the same, but for what it does not do: it does not ask again by TCP.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod lies;
mod message;
mod peer;
mod real;
mod records;
mod rules;
mod site;
