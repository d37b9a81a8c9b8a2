//! The system calls of this crate that neither `socket2` nor the standard library offers.
//!
//! Public because a transport's own options (`MPTCP_INFO`) are read with the same calls, and so that a transport over
//! a kernel socket of any family and type needs no `unsafe`: [`socket`] and [`socket_address`] make a socket and its
//! addresses, `socket2::SockRef` binds, listens and sets options, [`register_readable`] and [`poll_accept`] accept
//! connections, [`connect`] makes one, and a [`Registered`] reads and writes.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

mod registered;

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::task::{Context, Poll, ready};

use libc::{c_int, socklen_t};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, ReadBuf};

pub use self::registered::{Registered, connect, register};
use crate::error::AcceptError;

/// `IPPROTO_TCP` as a socket reports it in `SO_PROTOCOL`.
pub const IPPROTO_TCP: c_int = libc::IPPROTO_TCP;
/// `IPPROTO_MPTCP` (`linux/in.h`).
pub const IPPROTO_MPTCP: c_int = libc::IPPROTO_MPTCP;

/// Calls `setsockopt(2)` with raw bytes.
///
/// # Errors
/// Returns the system's error.
pub fn setsockopt(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    let length = socklen_t::try_from(value.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: `value` outlives the call, and the kernel reads `length` bytes of it and keeps no pointer. The
    // descriptor is borrowed for the call.
    let result = unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), length) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Calls `setsockopt(2)` with an `int`.
///
/// # Errors
/// Returns the system's error.
pub fn setsockopt_int(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    setsockopt(fd, level, name, &value.to_ne_bytes())
}

/// Calls `getsockopt(2)` into `value` and returns the number of bytes that the kernel wrote.
///
/// It is only for options of which the kernel does not read `value`. An option whose structure contains pointers
/// (`MPTCP_FULL_INFO`) needs a call of its own.
///
/// # Errors
/// Returns the system's error.
pub fn getsockopt(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: &mut [u8]) -> io::Result<usize> {
    let mut length = socklen_t::try_from(value.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: `value` is writable for `length` bytes during the call, and the kernel writes no more than that.
    let result =
        unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, value.as_mut_ptr().cast(), &raw mut length) };
    if result == 0 { Ok((length as usize).min(value.len())) } else { Err(io::Error::last_os_error()) }
}

/// Calls `getsockopt(2)` for an `int`.
///
/// # Errors
/// Returns the system's error.
pub fn getsockopt_int(fd: BorrowedFd<'_>, level: c_int, name: c_int) -> io::Result<c_int> {
    let mut value = [0; size_of::<c_int>()];
    getsockopt(fd, level, name, &mut value)?;
    Ok(c_int::from_ne_bytes(value))
}

/// Duplicates a descriptor that is only known by its number, such as one named in a configuration.
///
/// # Errors
/// Returns `EBADF` if it is not open.
pub fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: if the number is not that of an open descriptor, this fails with EBADF and has no effect.
    if fd < 0 || unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: the descriptor was just open and is borrowed for one `dup` only; if it has been closed meanwhile, that
    // fails, and is not unsound. Only the duplicate is owned from here on.
    unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()
}

/// Closes a descriptor that is only known by its number and that nothing in this process owns: one inherited from the
/// parent.
pub(crate) fn close(fd: RawFd) {
    // SAFETY: closing a number touches no memory. It is not the number of an owned descriptor: it was open before the
    // process began, is known only by its number, and is closed once.
    unsafe { libc::close(fd) };
}

/// Makes a non-blocking socket that is closed on `exec`.
///
/// # Errors
/// Returns the system's error.
pub fn socket(domain: Domain, kind: Type, protocol: Option<Protocol>) -> io::Result<OwnedFd> {
    Socket::new(domain, kind.nonblocking(), protocol).map(OwnedFd::from)
}

/// Returns the address of a socket from the bytes of its structure, such as `sockaddr_vm` of a virtual machine, which
/// begin with the family (`sa_family_t`).
///
/// # Errors
/// Returns `InvalidInput` for fewer bytes than a family has, or more than `sockaddr_storage` holds.
pub fn socket_address(bytes: &[u8]) -> io::Result<SockAddr> {
    let room = size_of::<libc::sockaddr_storage>();
    if !(size_of::<libc::sa_family_t>()..=room).contains(&bytes.len()) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the storage has room for the bytes, as was just checked, and any bytes are valid for it; the rest of it
    // is already zero. The length is the number of bytes written.
    let made = unsafe {
        SockAddr::try_init(|storage, length| {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), storage.cast::<u8>(), bytes.len());
            *length = bytes.len() as socklen_t;
            Ok(())
        })
    };
    made.map(|((), address)| address)
}

/// Returns the bytes of an address in the system's form, which begin with the family.
pub fn address_bytes(address: &SockAddr) -> &[u8] {
    let length = (address.len() as usize).min(size_of::<libc::sockaddr_storage>());
    // SAFETY: the address owns a whole `sockaddr_storage`, all of it initialised, and outlives the slice.
    unsafe { std::slice::from_raw_parts(address.as_ptr().cast::<u8>(), length) }
}

/// Makes a non-blocking stream socket that is closed on `exec`, in a network namespace by name if one is given.
///
/// # Errors
/// Returns the system's error, which may be that of opening the file of the namespace.
pub fn stream_socket(domain: Domain, protocol: c_int, namespace: Option<&str>) -> io::Result<Socket> {
    let make = move || Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::from(protocol)));
    match namespace {
        None => make(),
        Some(name) => {
            let file = File::open(format!("/run/netns/{name}"))?;
            // A separate thread: if returning from the namespace failed, the calling thread would stay in the wrong
            // one.
            let worker = std::thread::Builder::new().name("namespace".into()).spawn(move || {
                enter_network_namespace(file.as_fd())?;
                make()
            })?;
            worker.join().map_err(|_| io::Error::other("the thread in the namespace panicked"))?
        }
    }
}

fn enter_network_namespace(namespace: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: changes the namespace of the calling thread only, which exists for this; the descriptor is borrowed.
    match unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Returns the index of the network interface with this name, or `None`.
pub fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` is a C string that outlives the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => None,
        index => Some(index),
    }
}

/// Calls `accept4(2)` and returns a non-blocking socket that is closed on `exec`, with the peer's address.
///
/// # Errors
/// Returns the system's error.
fn accept(listener: BorrowedFd<'_>) -> io::Result<(Socket, SockAddr)> {
    use std::os::fd::FromRawFd;
    // SAFETY: `accept4` fills the storage and returns its length; the descriptor that it returns is new and owned by
    // nothing else.
    unsafe {
        SockAddr::try_init(|storage, length| {
            let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
            match libc::accept4(listener.as_raw_fd(), storage.cast(), length, flags) {
                -1 => Err(io::Error::last_os_error()),
                fd => Ok(Socket::from_raw_fd(fd)),
            }
        })
    }
}

/// Reads what a socket has received, without waiting; 0 bytes are the end of file.
///
/// # Errors
/// Returns the system's error.
pub(crate) fn recv(fd: BorrowedFd<'_>, buf: &mut ReadBuf<'_>) -> io::Result<()> {
    // SAFETY: nothing becomes uninitialised: `recv` only writes bytes.
    let unfilled = unsafe { buf.unfilled_mut() };
    if unfilled.is_empty() {
        return Ok(());
    }
    let length = SockRef::from(&fd).recv(unfilled)?;
    // SAFETY: the system has written that many bytes, which is no more than there was room for.
    unsafe { buf.assume_init(length) };
    buf.advance(length);
    Ok(())
}

/// Accepts the next connection of a registered listening socket, as a kernel socket's `Listener::poll_accept` does.
///
/// # Errors
/// Returns the system's error, sorted by what the caller has to do.
pub fn poll_accept(
    listener: &AsyncFd<Socket>,
    cx: &mut Context<'_>,
) -> Poll<Result<(Socket, SockAddr), AcceptError>> {
    loop {
        let mut guard = ready!(listener.poll_read_ready(cx)).map_err(AcceptError::Broken)?;
        // Read before the call, since a call that would block clears it.
        let closed = guard.ready().is_read_closed();
        match guard.try_io(|socket| accept(socket.get_ref().as_fd())) {
            // A UNIX listener that was shut down stays readable, so waiting for it would spin; no connection can
            // arrive any more, so no wake-up is needed (Linux 6.18). Other listeners return an error.
            Err(_would_block) if closed && is_unix(listener.get_ref()) => return Poll::Pending,
            Err(_would_block) => {}
            Ok(accepted) => {
                // To ask is six times cheaper than to accept in vain, for which the system first makes a socket. A
                // connection that arrives after this wakes the task again.
                if accepted.is_ok() && !is_readable(listener.get_ref().as_fd()) {
                    guard.clear_ready();
                }
                return Poll::Ready(accepted.map_err(AcceptError::from));
            }
        }
    }
}

/// Returns whether the peer or the kernel has ended a connection, even while bytes before that are not read yet.
pub fn has_ended(fd: BorrowedFd<'_>) -> bool {
    let mut asked = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLRDHUP, revents: 0 };
    // SAFETY: `asked` is one element, writable for the call, which does not wait.
    let answers = unsafe { libc::poll(&raw mut asked, 1, 0) };
    answers == 1 && asked.revents & (libc::POLLRDHUP | libc::POLLHUP) != 0
}

/// Returns whether a call that reads would not block, as far as the system says.
fn is_readable(fd: BorrowedFd<'_>) -> bool {
    let mut asked = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: `asked` is one whole structure, which the kernel writes to during the call only; it does not wait.
    unsafe { libc::poll(&raw mut asked, 1, 0) != 0 }
}

fn is_unix(socket: &Socket) -> bool {
    socket.domain().is_ok_and(|domain| domain == Domain::UNIX)
}

/// Dissolves the association of a socket (`connect(2)` to `AF_UNSPEC`): a listener stops listening and stays bound, a
/// connection is reset.
///
/// # Errors
/// Returns the system's error.
pub fn disconnect(fd: BorrowedFd<'_>) -> io::Result<()> {
    let unspec = libc::sockaddr { sa_family: libc::AF_UNSPEC as libc::sa_family_t, sa_data: [0; 14] };
    // SAFETY: `unspec` is a whole sockaddr that outlives the call.
    let result =
        unsafe { libc::connect(fd.as_raw_fd(), &raw const unspec, size_of::<libc::sockaddr>() as socklen_t) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Returns the bytes of `sockaddr_in` or `sockaddr_in6` for an Internet address, for structures that contain one.
pub(crate) fn socket_address_bytes(addr: SocketAddr) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of::<libc::sockaddr_in6>());
    match addr {
        SocketAddr::V4(v4) => {
            bytes.extend((libc::AF_INET as libc::sa_family_t).to_ne_bytes());
            bytes.extend(v4.port().to_be_bytes());
            bytes.extend(v4.ip().octets());
        }
        SocketAddr::V6(v6) => {
            bytes.extend((libc::AF_INET6 as libc::sa_family_t).to_ne_bytes());
            bytes.extend(v6.port().to_be_bytes());
            bytes.extend(v6.flowinfo().to_be_bytes());
            bytes.extend(v6.ip().octets());
            bytes.extend(v6.scope_id().to_ne_bytes());
        }
    }
    bytes
}

/// Registers a listening socket for reading with the runtime of this thread.
///
/// # Errors
/// Returns an error if there is no runtime (tokio itself would panic), or if the runtime cannot register more.
pub fn register_readable(socket: impl Into<Socket>) -> io::Result<AsyncFd<Socket>> {
    register_for(socket.into(), Interest::READABLE)
}

/// Registers a socket for writing only with the runtime of this thread.
///
/// # Errors
/// Returns the errors of [`register_readable`].
pub fn register_writable(socket: impl Into<Socket>) -> io::Result<AsyncFd<Socket>> {
    register_for(socket.into(), Interest::WRITABLE)
}

fn register_for(socket: Socket, interest: Interest) -> io::Result<AsyncFd<Socket>> {
    tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
    // SAFETY: a `Socket` owns its descriptor, keeps it open until it is dropped, and always returns the same one.
    unsafe { AsyncFd::register_with_interest(socket, interest) }.map_err(io::Error::from)
}
