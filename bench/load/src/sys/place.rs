//! The place of a thread: its core and its network. Processes that it starts afterwards run there, too, and no
//! longer than it.

use std::fs;
use std::io;
use std::mem;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use socket2::{Domain, Socket, Type};

use super::check;

const CONGESTION_CONTROL: &str = "/proc/sys/net/ipv4/tcp_congestion_control";

/// Binds the calling thread, and what it starts from now on, to one core.
pub fn pin_thread(core: usize) -> io::Result<()> {
    // SAFETY: a cpu_set_t is plain data and valid when zeroed; CPU_SET checks the index against its size.
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::CPU_SET(core, &mut set);
        set
    };
    // SAFETY: `set` is readable for the size given and outlives the call; 0 is the calling thread.
    check(unsafe { libc::sched_setaffinity(0, mem::size_of_val(&set), &set) }).map(drop)
}

/// Makes the kernel kill the process when the thread that starts it ends, for whatever reason.
pub(crate) fn die_with_parent(command: &mut Command) {
    let ask = || {
        // SAFETY: takes integers only.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) }).map(drop)
    };
    // SAFETY: between fork and exec the closure makes one system call; it allocates nothing and takes no lock.
    unsafe { command.pre_exec(ask) };
}

/// Moves the calling thread, which should be the only one, to a new network that has only loopback, and sets its
/// congestion control. Without the right to create one, it is created in a new user namespace.
pub(crate) fn private_network(congestion_control: &str) -> io::Result<()> {
    // SAFETY: takes and returns integers only.
    let made = check(unsafe { libc::unshare(libc::CLONE_NEWNET) });
    match made {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            // SAFETY: takes and returns integers only.
            check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) })?;
        }
        made => {
            made?;
        }
    }
    loopback_up()?;
    fs::write(CONGESTION_CONTROL, congestion_control)
}

fn loopback_up() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    // SAFETY: an ifreq is plain data and valid when zeroed.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: `request` is a valid ifreq with a terminated name and outlives the call; the socket is owned.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &request) }).map(drop)
}
