//! The system calls of the suite: a separate network namespace for a child process, and a pipe to splice through.
#![allow(unsafe_code, reason = "this is the module of the suite that makes system calls")]

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Makes a command start in a new user and network namespace, in which it is root and the loopback interface is down.
///
/// Without the user namespace this would need privileges; with it an ordinary user can do it if the system allows.
pub(super) fn isolate_network(command: &mut Command) {
    // SAFETY: both only read the ids of the process.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    let files = [
        (c"/proc/self/setgroups", "deny".to_owned()),
        (c"/proc/self/uid_map", format!("0 {user} 1")),
        (c"/proc/self/gid_map", format!("0 {group} 1")),
    ];
    let prepare = move || {
        // SAFETY: the process has one thread here and shares no memory.
        if unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) } != 0 {
            return Err(io::Error::last_os_error());
        }
        for (path, text) in &files {
            // SAFETY: the path is a C string and the text outlives the calls, all of which are allowed after a fork.
            unsafe {
                let fd = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
                let written = libc::write(fd, text.as_ptr().cast(), text.len());
                if fd < 0 || written != text.len() as isize {
                    return Err(io::Error::last_os_error());
                }
                libc::close(fd);
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec `prepare` only makes system calls, with memory that was filled before the fork.
    unsafe { command.pre_exec(prepare) };
}

/// Brings up the loopback interface of this process's network namespace.
pub(super) fn loopback_up() -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    // SAFETY: zeros are a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the request is a whole ifreq that outlives the call.
    match unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A pipe through which bytes are spliced. It is never read when empty nor written when full.
pub(super) struct Pipe {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Pipe {
    pub(super) fn new() -> io::Result<Pipe> {
        let (reader, writer) = io::pipe()?;
        Ok(Pipe { reader, writer })
    }

    /// Moves bytes from a socket into the pipe, which is empty.
    pub(super) fn fill_from(&self, socket: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        splice(socket, self.writer.as_fd(), most)
    }

    /// Moves bytes from the pipe, which holds at least `most`, to a socket.
    pub(super) fn drain_to(&self, socket: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
        splice(self.reader.as_fd(), socket, most)
    }

    /// Writes bytes into the pipe, which is empty and has room for them.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.writer).write_all(bytes)
    }

    /// Reads bytes from the pipe, which holds enough.
    pub(super) fn read(&self, bytes: &mut [u8]) -> io::Result<()> {
        (&self.reader).read_exact(bytes)
    }
}

/// Calls `splice(2)`, without waiting.
fn splice(from: BorrowedFd<'_>, to: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
    let flags = libc::SPLICE_F_MOVE | libc::SPLICE_F_NONBLOCK;
    // SAFETY: both descriptors are borrowed for the call, and no offsets are given.
    let moved = unsafe {
        libc::splice(
            from.as_raw_fd(),
            std::ptr::null_mut(),
            to.as_raw_fd(),
            std::ptr::null_mut(),
            most,
            flags,
        )
    };
    usize::try_from(moved).map_err(|_| io::Error::last_os_error())
}
