//! The process: going into the background, giving up rights, limits, CPUs and signals.
//!
//! ```text
//!  configuration read ─► daemonize ─► sockets bound ─► raise_files_limit ─► write_pidfile ─► confine
//!   ─► Launch::leave_terminal ─► logs ─► workers, each with pin_this_thread ─► Launch::ready ─► serves
//! ```
//!
//! The order is HAProxy's: sockets are bound with the rights that the process was started with, the pidfile is written
//! where the rest of the system sees it, and only then are rights given up. No thread may exist when it goes into the
//! background. Nothing here ends the process or prints; the caller decides what an error means.

mod capabilities;
mod confine;
mod cpu_set;
mod cpus;
mod daemon;
mod descriptors;
mod files;
mod harden;
mod heap;
mod memory;
mod names;
mod pidfile;
mod reserve;
mod signals;
mod spare;
mod stop;
mod sys;
#[cfg(test)]
mod tests;

pub(crate) use capabilities::Capability;
pub(crate) use confine::{Confinement, Jail, confine};
pub(crate) use cpu_set::CpuSet;
pub(crate) use cpus::{GROUP_THREADS, available, default_threads, pin_this_thread};
pub(crate) use daemon::{Fork, Launch, Launched, daemonize};
pub(crate) use descriptors::open_descriptors;
pub(crate) use files::{automatic_maxconn, files_for, raise_files_limit};
pub(crate) use harden::{Wanted, after_threads, before_threads};
pub(crate) use heap::allocated;
pub(crate) use memory::{MemoryShare, Taken};
pub(crate) use names::{Gid, Uid, group_by_name, user_by_name};
pub(crate) use pidfile::write_pidfile;
pub(crate) use signals::{Asked, Fatal, Request, Signals};
pub(crate) use stop::HardStop;
pub(crate) use sys::files_limit;
