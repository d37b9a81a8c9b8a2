//! The statistics of a running program: by the commands of its runtime socket, and as a page.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod page;
mod prometheus;
mod site;
