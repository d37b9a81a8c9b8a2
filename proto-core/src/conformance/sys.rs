//! The system calls of the suite: a network namespace of its own for a child process.
#![allow(unsafe_code, reason = "this is the module of the suite that makes system calls")]

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Makes a command start in a new user and network namespace, in which it is root and has its loopback down.
///
/// Without the user namespace it would take privileges; with it a plain user can do it where the system allows.
pub(super) fn isolate_network(command: &mut Command) {
    // SAFETY: both only read the ids of the process.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    let files = [
        (c"/proc/self/setgroups", "deny".to_owned()),
        (c"/proc/self/uid_map", format!("0 {user} 1")),
        (c"/proc/self/gid_map", format!("0 {group} 1")),
    ];
    let prepare = move || {
        // SAFETY: the process has one thread here and no memory that others share.
        if unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) } != 0 {
            return Err(io::Error::last_os_error());
        }
        for (path, text) in &files {
            // SAFETY: the path is a C string and the text outlives the calls, all of which may follow a fork.
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
    // SAFETY: between fork and exec `prepare` only makes system calls on memory that was filled before the fork.
    unsafe { command.pre_exec(prepare) };
}

/// Brings the loopback interface of this process's network namespace up.
pub(super) fn loopback_up() -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    // SAFETY: zeroes are a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the request is a whole ifreq that outlives the call.
    match unsafe {
        libc::ioctl(std::os::fd::AsRawFd::as_raw_fd(&socket), libc::SIOCSIFFLAGS, &raw const request)
    } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
