//! The runtime socket: commands to the running process, in the protocol of HAProxy's `stats socket`.
//!
//! * [`settings`]: the keywords of the configuration for the runtime socket.
//! * [`Admin`]: the thread that serves the sockets. [`AdminLimits`]: its limits.
//! * [`Command`], [`Call`], [`Answer`]: a command is an entry in the file that implements it; [`Commands`] collects
//!   them.
//!
//! ```text
//!  bytes ─► request::Reader ─► Request (a line: commands, payload) ─► Client ─► Command ─► pieces, Answer ─► bytes
//!           (escapes, <<, limits)                                     (level, mode, severity)
//! ```
//!
//! This crate has only the commands about the runtime socket itself. The crate that owns a fact registers the
//! command that shows it: the command is an entry in that crate, and the program passes the value that it uses to
//! [`Admin::start`], by its type.
//!
//! All connections are served by one thread of their own, so that a client that reads a large answer slowly, or
//! sends a thousand commands, takes no time of a worker.

#![warn(missing_docs)]

mod acceptor;
mod answer;
mod client;
mod command;
mod commands;
mod connection;
mod execute;
mod foreign;
mod help;
mod input;
mod level;
mod limits;
mod pass;
mod request;
mod server;
pub mod settings;
mod severity;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod uptime;
mod words;

pub use answer::{Answer, CommandResult, Refusal};
pub use client::{Client, Mode};
pub use command::{Call, Command, Commands, Handler, Running};
pub use level::Level;
pub use limits::AdminLimits;
pub use pass::Passed;
pub use server::{Admin, AdminSocket, StartError};
pub use severity::{Severity, SeverityOutput};
pub use uptime::Uptime;
