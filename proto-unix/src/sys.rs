//! The system calls of this crate that `socket2`, the standard library and `proto-core` do not offer.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use libc::{c_int, c_uint};
use proto_core::stream::MOST_DESCRIPTORS;
use proto_core::sys::getsockopt;

/// The process at the other end, at the time when it connected or began to listen (`SO_PEERCRED`, `unix(7)`). For half
/// of a pair it is the process that made the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) pid: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Returns the process at the other end.
pub(crate) fn peer_credentials(fd: BorrowedFd<'_>) -> io::Result<Credentials> {
    // struct ucred: three 32-bit numbers.
    let mut value = [0; 12];
    if getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut value)? < value.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let number = |at: usize| u32::from_ne_bytes([value[at], value[at + 1], value[at + 2], value[at + 3]]);
    Ok(Credentials { pid: number(0), uid: number(4), gid: number(8) })
}

/// Does something that makes a file which shall have this mode, if one is given. Sockets are bound by one thread, before
/// there are others: the mask belongs to the whole process.
pub(crate) fn with_mode<R>(mode: Option<u32>, make: impl FnOnce() -> R) -> R {
    let Some(mode) = mode else { return make() };
    // SAFETY: the call takes and returns numbers, and cannot fail.
    let before = unsafe { libc::umask(0o777 & !mode) };
    let made = make();
    // SAFETY: as above.
    unsafe { libc::umask(before) };
    made
}

/// Opens the file of a socket, to inspect it and to change its owner. Symbolic links are not followed.
pub(crate) fn open_socket_file(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(libc::O_PATH | libc::O_NOFOLLOW).open(path)
}

/// Gives an open file to a user and a group; `None` leaves what it has.
pub(crate) fn give(file: BorrowedFd<'_>, user: Option<u32>, group: Option<u32>) -> io::Result<()> {
    let (user, group) = (user.unwrap_or(u32::MAX), group.unwrap_or(u32::MAX));
    // SAFETY: the descriptor is open for as long as it is borrowed, and the empty path means the file itself.
    match unsafe { libc::fchownat(file.as_raw_fd(), c"".as_ptr(), user, group, libc::AT_EMPTY_PATH) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Returns the user whose rights this process has.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: the call only returns a number.
    unsafe { libc::geteuid() }
}

/// The length of a message that carries a descriptor, in bytes; their values have no meaning.
const MESSAGE: usize = 2;
/// The size of a control message with two descriptors: enough to detect that there was more than one.
const CONTROL: usize = {
    // SAFETY: only computes.
    unsafe { libc::CMSG_SPACE(2 * size_of::<c_int>() as c_uint) as usize }
};

/// A control buffer with the alignment of its header.
#[repr(C)]
union Control {
    header: libc::cmsghdr,
    bytes: [u8; CONTROL],
}

/// Sends a descriptor over a connected UNIX socket, without waiting. The receiver gets a duplicate.
pub(crate) fn send_descriptor(channel: BorrowedFd<'_>, payload: BorrowedFd<'_>) -> io::Result<()> {
    match send_descriptors(channel, &[0; MESSAGE], &[payload])? {
        MESSAGE => Ok(()),
        // A UNIX socket sends such a short message whole or not at all.
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// Sends bytes over a connected UNIX socket, and descriptors with the first of them, without waiting. The receiver gets
/// duplicates. Returns the number of bytes sent.
pub(crate) fn send_descriptors(
    channel: BorrowedFd<'_>,
    bytes: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<usize> {
    if descriptors.is_empty() || descriptors.len() > MOST_DESCRIPTORS {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // At most 253 descriptors of four bytes.
    let size = (descriptors.len() * size_of::<c_int>()) as c_uint;
    // SAFETY: only computes.
    let space = unsafe { libc::CMSG_SPACE(size) as usize };
    // Words, so that the header at the beginning is aligned.
    let mut control = vec![0_u64; space.div_ceil(size_of::<u64>())];
    // SAFETY: a zeroed msghdr is a valid one. It points to `vector` and `control`, which outlive the call, and `sendmsg`
    // does not write to the bytes. The control buffer is aligned and has room for one header and the descriptors, so
    // CMSG_FIRSTHDR and CMSG_DATA stay inside. The descriptors are borrowed for the call.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = space as _;
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size) as _;
        let data = libc::CMSG_DATA(header).cast::<c_int>();
        for (index, descriptor) in descriptors.iter().enumerate() {
            data.add(index).write_unaligned(descriptor.as_raw_fd());
        }
        libc::sendmsg(channel.as_raw_fd(), &raw const message, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// The result of receiving from a channel.
#[derive(Debug)]
pub(crate) enum Received {
    /// A message, with its descriptors.
    Message(Vec<OwnedFd>),
    /// A message whose descriptors this process had no room for; they are closed.
    NoRoom,
    /// The other end is closed.
    End,
}

/// Receives one message, without waiting. Its descriptors are closed on `exec`.
pub(crate) fn receive_descriptor(channel: BorrowedFd<'_>) -> io::Result<Received> {
    let mut bytes = [0_u8; MESSAGE];
    let mut vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    let mut control = Control { bytes: [0; CONTROL] };
    let mut fds = Vec::new();
    // SAFETY: as in `send_descriptor`; the kernel writes no more than the lengths given. The headers are read within
    // what it wrote. Each descriptor in an SCM_RIGHTS message is new in this process and owned by nothing else.
    let (received, flags) = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut vector;
        message.msg_iovlen = 1;
        message.msg_control = (&raw mut control).cast();
        message.msg_controllen = CONTROL as _;
        let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
        let received = libc::recvmsg(channel.as_raw_fd(), &raw mut message, flags);
        let mut header =
            if received < 0 { std::ptr::null_mut() } else { libc::CMSG_FIRSTHDR(&raw const message) };
        while !header.is_null() {
            if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_RIGHTS {
                let length = ((*header).cmsg_len as usize).saturating_sub(libc::CMSG_LEN(0) as usize);
                let data = libc::CMSG_DATA(header).cast::<c_int>();
                for index in 0..length / size_of::<c_int>() {
                    fds.push(OwnedFd::from_raw_fd(data.add(index).read_unaligned()));
                }
            }
            header = libc::CMSG_NXTHDR(&raw const message, header);
        }
        (received, message.msg_flags)
    };
    match received {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Received::End),
        _ if fds.is_empty() && flags & libc::MSG_CTRUNC != 0 => Ok(Received::NoRoom),
        _ => Ok(Received::Message(fds)),
    }
}
