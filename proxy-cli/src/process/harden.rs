//! `insecure-setuid-wanted`, `insecure-fork-wanted`: what the process will never need, and an intruder would.

use std::io;

use super::sys;

/// What a configuration wants to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Programs that it executes may get the rights of the owners of their files.
    pub(crate) setuid: bool,
    /// It may make further processes.
    pub(crate) fork: bool,
}

/// Before there are other threads, which inherit it.
///
/// # Errors
/// Returns the system's error.
pub(crate) fn before_threads(wanted: Wanted) -> io::Result<()> {
    if wanted.setuid { Ok(()) } else { sys::keep_privileges_down() }
}

/// Once all threads are there. The system makes an exception for root, as which `namespace` on a server line needs a short
/// thread for each connection.
///
/// # Errors
/// Returns the system's error.
pub(crate) fn after_threads(wanted: Wanted) -> io::Result<()> {
    if wanted.fork { Ok(()) } else { sys::forbid_processes() }
}
