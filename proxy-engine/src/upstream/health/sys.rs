//! The system calls for commands that check servers.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The limit on open files of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilesLimit {
    soft: libc::rlim_t,
    hard: libc::rlim_t,
}

impl FilesLimit {
    /// Returns that of this process, as of now; `None` if it is not known.
    pub fn current() -> Option<FilesLimit> {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is writable for the call.
        let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
        (result == 0).then_some(FilesLimit { soft: limit.rlim_cur, hard: limit.rlim_max })
    }
}

/// Has a command start with standard streams only, and with this limit on open files.
pub(super) fn isolate(command: &mut Command, files: Option<FilesLimit>) {
    let before = move || {
        // What others have passed to this process may stay open when a program is executed.
        // SAFETY: no memory is involved. The descriptors are those of the child, which executes a program or ends.
        let closed = unsafe {
            libc::syscall(libc::SYS_close_range, 3_u32, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
        };
        if closed == -1 {
            return Err(io::Error::last_os_error());
        }
        if let Some(FilesLimit { soft, hard }) = files {
            let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
            // SAFETY: `limit` is a complete rlimit that outlives the call. A failure leaves the higher limit.
            unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
        }
        Ok(())
    };
    // SAFETY: between fork and exec only system calls are made, and nothing is allocated.
    unsafe { command.pre_exec(before) };
}

/// Asks a child process that was not waited for yet to end (`SIGTERM`).
pub(super) fn terminate(child: u32) {
    if let Ok(child) = libc::pid_t::try_from(child) {
        // SAFETY: no memory is involved. The number of a child stays its own until it is waited for.
        unsafe { libc::kill(child, libc::SIGTERM) };
    }
}
