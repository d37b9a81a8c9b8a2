//! A terminal to run a program on. The program detects one by a system call, so it takes a real one.
#![allow(unsafe_code, reason = "the one module of this test that makes system calls")]

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::process::{Command, ExitStatus, Stdio};
use std::ptr::{null, null_mut};

/// Opens both ends of a pseudo-terminal: ours, and the program's.
fn open() -> io::Result<(File, OwnedFd)> {
    let (mut ours, mut theirs) = (-1, -1);
    // SAFETY: both descriptors are written to valid places; the optional name and settings are null.
    let result = unsafe { libc::openpty(&raw mut ours, &raw mut theirs, null_mut(), null(), null()) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so both are open descriptors, and nothing else owns them.
    Ok(unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) })
}

/// Runs a program whose standard error is a terminal; returns what it wrote there.
pub(crate) fn run(mut command: Command) -> io::Result<(ExitStatus, Vec<u8>)> {
    let (mut ours, theirs) = open()?;
    let mut child = command.stderr(theirs).stdout(Stdio::null()).stdin(Stdio::null()).spawn()?;
    // The command holds the program's end, and the output ends when all copies of it are closed.
    drop(command);
    let mut output = Vec::new();
    match ours.read_to_end(&mut output) {
        // The error of reading a terminal whose other end is closed.
        Err(error) if error.raw_os_error() == Some(libc::EIO) => {}
        result => _ = result?,
    }
    Ok((child.wait()?, output))
}
