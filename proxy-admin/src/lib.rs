//! The runtime socket: commands to the running process, in the protocol of HAProxy's `stats socket`.
//!
//! * [`settings`]: the keywords of the configuration that are about it.
//! * [`Admin`]: the thread that serves the sockets. [`Limits`]: what bounds it.
//! * [`Command`], [`Call`], [`Answer`]: a command is an entry, made by the file that implements it; [`Commands`] gathers
//!   them.
//! * [`State`]: what the process tells about itself. Whoever assembles the program implements it.
//!
//! ```text
//!  bytes ─► request::Reader ─► Request (a line: commands, payload) ─► Session ─► Command::run ─► Answer ─► bytes
//!           (escapes, <<, limits)                                     (level, mode, severity)
//! ```
//!
//! It knows no engine and no transport. All its connections live on one thread of their own, so that whoever reads
//! large answers slowly, or asks a thousand things, takes no worker's time.

#![warn(missing_docs)]

mod acceptor;
mod answer;
mod command;
mod commands;
mod connection;
mod guide;
mod level;
mod request;
mod server;
mod session;
pub mod settings;
mod severity;
mod state;
mod words;

pub use answer::{Answer, Outcome, Refusal};
pub use command::{Call, Command, Commands};
pub use level::Level;
pub use server::{Admin, AdminSocket, Limits, StartError};
pub use session::{Mode, Session};
pub use severity::{Severity, SeverityOutput};
pub use state::{Info, ServerHandle, State};
