//! The process: how it goes into the background, what it may do, what it runs on, and what signals ask of it.
//!
//! ```text
//!  configuration read ─ daemonize ─ bind ─ raise_files_limit ─ write_pidfile ─ confine ─ workers ─ Launch::ready
//!                       (no thread yet)                       (outside the jail)        (pin_this_thread)
//! ```
//!
//! The order is HAProxy's: sockets are bound with the rights that the process was started with, the file with its
//! number is written where the rest of the system sees it, and only then are rights given up. Nothing here ends the
//! process or says anything; whoever calls decides what an error means.

mod confine;
mod cpus;
mod daemon;
mod files;
mod names;
mod pidfile;
mod signals;
mod stop;
mod sys;
#[cfg(test)]
mod tests;

pub(crate) use confine::{Confinement, ConfinementError, Jail, confine};
pub(crate) use cpus::{CpuSet, PinError, default_threads, pin_this_thread};
pub(crate) use daemon::{DaemonError, Fork, Launch, Launched, daemonize};
pub(crate) use files::{
    FilesError, FilesLimit, Raised, automatic_maxconn, files_for, open_files, raise_files_limit,
};
pub(crate) use names::{Gid, Uid, group_by_name, user_by_name};
pub(crate) use pidfile::{PidfileError, write_pidfile};
pub(crate) use signals::{Asked, Request, Signals};
pub(crate) use stop::HardStop;
