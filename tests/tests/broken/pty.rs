//! A terminal to run a program on. The program tells one by asking the kernel, so it takes a real one.
#![allow(unsafe_code, reason = "the one module of this test that makes system calls")]

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::process::{Command, ExitStatus, Stdio};
use std::ptr::{null, null_mut};

/// Both ends of a pseudo-terminal: ours, and the program's.
fn open() -> io::Result<(File, OwnedFd)> {
    let (mut ours, mut theirs) = (-1, -1);
    // SAFETY: both descriptors are written to places of ours; the optional name and settings are not asked for.
    let result = unsafe { libc::openpty(&raw mut ours, &raw mut theirs, null_mut(), null(), null()) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so both are open descriptors, and nobody else has them.
    Ok(unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) })
}

/// Runs a program whose standard error is a terminal; gives what it wrote there.
pub(crate) fn run(mut command: Command) -> io::Result<(ExitStatus, Vec<u8>)> {
    let (mut ours, theirs) = open()?;
    let mut child = command.stderr(theirs).stdout(Stdio::null()).stdin(Stdio::null()).spawn()?;
    // The command holds the program's end, and the output ends when nobody does.
    drop(command);
    let mut output = Vec::new();
    match ours.read_to_end(&mut output) {
        // How a terminal ends that nobody has open any more.
        Err(error) if error.raw_os_error() == Some(libc::EIO) => {}
        result => _ = result?,
    }
    Ok((child.wait()?, output))
}
