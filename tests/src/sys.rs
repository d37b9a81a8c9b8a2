//! The system calls of the laboratory that no safe library offers, and the only place with `unsafe`.
//!
//! Everything here takes and returns owned or borrowed descriptors, `io::Result` and plain values; what the calls are
//! for is explained where they are used.
#![allow(unsafe_code, reason = "the one module of this crate that makes system calls")]

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// `SOL_MPTCP` of `include/linux/socket.h`; the `libc` crate does not have it.
const SOL_MPTCP: libc::c_int = 284;
/// `MPTCP_INFO` of `include/uapi/linux/mptcp.h`.
const MPTCP_INFO: libc::c_int = 1;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Moves the calling thread into a new, empty network namespace.
pub(crate) fn unshare_network() -> io::Result<()> {
    // SAFETY: takes no pointers; changes the calling thread's namespace only.
    check(unsafe { libc::unshare(libc::CLONE_NEWNET) }).map(drop)
}

/// Moves the calling thread into the network namespace that `namespace` refers to.
pub(crate) fn enter_network(namespace: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes no pointers, and the descriptor is borrowed for the length of the call.
    check(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) }).map(drop)
}

/// Makes the child of `command` start inside the network namespace.
pub(crate) fn start_in_network(command: &mut Command, namespace: Arc<OwnedFd>) {
    let enter = move || enter_network(namespace.as_fd());
    // SAFETY: between fork and exec the closure makes one system call; it neither allocates nor takes a lock.
    // It owns a share of the descriptor, which therefore outlives the command.
    unsafe { command.pre_exec(enter) };
}

/// Makes the kernel kill the child of `command` when the *thread* that starts it ends, however it ends.
pub(crate) fn die_with_thread(command: &mut Command) {
    let parent = std::process::id();
    let ask = move || {
        // SAFETY: takes no pointers; concerns the calling process only.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })?;
        // SAFETY: takes nothing and cannot fail.
        if u32::try_from(unsafe { libc::getppid() }) != Ok(parent) {
            // The parent died before the request was made, so no signal would come.
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes two system calls; it neither allocates nor takes a
    // lock.
    unsafe { command.pre_exec(ask) };
}

/// Makes the child of `command` start as "root" of a new user namespace, in a new network namespace of it.
pub(crate) fn start_in_user_namespace(command: &mut Command) {
    // SAFETY: both calls take nothing and cannot fail.
    let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    let maps = [
        (c"/proc/self/setgroups", "deny".to_owned()),
        (c"/proc/self/uid_map", format!("0 {uid} 1")),
        (c"/proc/self/gid_map", format!("0 {gid} 1")),
    ];
    let enter = move || {
        // SAFETY: takes no pointers; the forked child has one thread, as CLONE_NEWUSER demands.
        check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) })?;
        for (path, text) in &maps {
            // SAFETY: `path` is a C string that lives as long as the closure.
            let fd = check(unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) })?;
            // SAFETY: `open` has just returned this descriptor, and nothing else owns it.
            let file = unsafe { OwnedFd::from_raw_fd(fd) };
            // SAFETY: the pointer and length are those of `text`, which lives as long as the closure.
            let written = unsafe { libc::write(file.as_raw_fd(), text.as_ptr().cast(), text.len()) };
            if written < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls on strings made before; it neither
    // allocates nor takes a lock.
    unsafe { command.pre_exec(enter) };
}

/// Makes the child of `command` inherit `fd` under the number it has here.
pub(crate) fn inherit(command: &mut Command, fd: OwnedFd) {
    let keep = move || {
        // SAFETY: takes no pointers; clears the only descriptor flag there is, in the child alone.
        check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, 0) }).map(drop)
    };
    // SAFETY: between fork and exec the closure makes one system call; it neither allocates nor takes a lock.
    // It owns the descriptor, which therefore outlives the command.
    unsafe { command.pre_exec(keep) };
}

/// Limits the open files of the child of `command` for good.
pub(crate) fn limit_open_files(command: &mut Command, count: u32) {
    let limit = libc::rlimit { rlim_cur: count.into(), rlim_max: count.into() };
    let set = move || {
        // SAFETY: `limit` lives as long as the closure.
        check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }).map(drop)
    };
    // SAFETY: between fork and exec the closure makes one system call; it neither allocates nor takes a lock.
    unsafe { command.pre_exec(set) };
}

/// Raises the limit on open files of this process as far as it may, and returns it.
pub(crate) fn raise_open_files() -> io::Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place to write to.
    check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is a valid place to read from.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) })?;
    Ok(limit.rlim_max)
}

/// Fills `into` with the `struct tcp_info` of a socket.
pub(crate) fn tcp_info(socket: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<()> {
    let mut length = libc::socklen_t::try_from(into.len()).map_err(io::Error::other)?;
    // SAFETY: the kernel writes at most `length` bytes, the size of the buffer, which lives across the call.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            into.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    check(result).map(drop)
}

/// Makes `file`, an open `/dev/net/tun`, the other end of a new TUN interface `name` without packet headers.
pub(crate) fn attach_tun(file: &File, name: &str) -> io::Result<()> {
    let name = CString::new(name)?;
    let bytes = name.as_bytes_with_nul();
    // SAFETY: `ifreq` is a C structure of integers, for which zero is a value.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    if bytes.len() > request.ifr_name.len() {
        return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
    }
    for (to, from) in request.ifr_name.iter_mut().zip(bytes) {
        *to = from.cast_signed() as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: TUNSETIFF reads and writes one `ifreq`, which lives across the call.
    check(unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw mut request) }).map(drop)
}

/// Waits until one of `sources` can be read or has hung up, or until `timeout` has expired; returns which can.
pub(crate) fn wait_readable<const N: usize>(
    sources: [BorrowedFd<'_>; N],
    timeout: Option<Duration>,
) -> io::Result<[bool; N]> {
    let mut polled = sources.map(|fd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 });
    let limit = timeout.map(|t| libc::timespec {
        tv_sec: t.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: t.subsec_nanos().into(),
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the array and the timespec live across the call, the length is the array's, and a null timeout
    // and signal mask mean "none".
    check(unsafe { libc::ppoll(polled.as_mut_ptr(), N as libc::nfds_t, limit, std::ptr::null()) })?;
    Ok(polled.map(|entry| entry.revents != 0))
}

/// Opens a descriptor that refers to the process `pid` and to no other, even when its number is reused.
pub(crate) fn open_pidfd(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: takes no pointers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = libc::c_int::try_from(fd).map_err(io::Error::other)?;
    check(fd)?;
    // SAFETY: the kernel has just returned this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Sends `signal` to the process that `pidfd` refers to.
pub(crate) fn send_signal(pidfd: BorrowedFd<'_>, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: the null pointer requests the signal information that `kill` would send.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Fills `into` with the `struct mptcp_info` of a socket; fields that this kernel does not have stay zero.
pub(crate) fn mptcp_info(socket: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<()> {
    let mut length = libc::socklen_t::try_from(into.len()).map_err(io::Error::other)?;
    // SAFETY: the kernel writes at most `length` bytes, the size of the buffer, which lives across the call.
    let result = unsafe {
        libc::getsockopt(socket.as_raw_fd(), SOL_MPTCP, MPTCP_INFO, into.as_mut_ptr().cast(), &raw mut length)
    };
    check(result).map(drop)
}
