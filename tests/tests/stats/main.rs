//! The statistics of a running program: by the commands of its runtime socket.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod site;
