//! Starting programs beside tests that watch connections.
//!
//! Between fork and exec a child has all descriptors of this process. A test that closes a connection and waits for the
//! other side to see it, or that has a listener of its own refuse, holds [`without_forks`] meanwhile; starting a
//! program takes it as well.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use socket2::Socket;

use crate::error::{Context, Result};
use crate::process::Process;

/// Returns a guard. While it is held no program is started, and all that were are past the moment in which they have
/// the descriptors of this process. A row must not keep open a listener of another row, nor a connection that is to end
/// at once.
pub fn without_forks() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a program with no descriptor of a test.
pub fn start(command: Command) -> Result<Process> {
    let _alone = without_forks();
    Process::start(command)
}

/// Starts a program that inherits this socket under its number.
pub fn start_with(command: Command, socket: &Socket) -> Result<Process> {
    let _alone = without_forks();
    socket.set_cloexec(false).context("hand on", "a socket")?;
    let process = Process::start(command);
    socket.set_cloexec(true).context("keep", "a socket")?;
    process
}
