//! Starting programs beside tests that watch connections.
//!
//! Between a fork and what follows it a child has all descriptors of this process. A test that closes a connection and
//! waits for the other side to see it, or that has a listener of its own refuse, holds [`without_forks`] meanwhile; so does
//! whoever starts a program.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use socket2::Socket;

use crate::error::{Context, Result};
use crate::process::Process;

/// While it is held nothing is started, and everything that was is past the moment in which it has all descriptors of
/// this process. One row must not hold the door of another, nor a connection that is to end at once.
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
