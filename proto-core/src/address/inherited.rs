//! Sockets inherited from the parent: `fd@N`. What they are is asked of the socket, never assumed.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};

use libc::c_int;
use socket2::{SockAddr, SockRef};

use super::{Address, SocketFacts, UnixAddress};
use crate::descriptor::SocketType;
use crate::sys;

/// An inherited socket: a handle of our own to it, and what it is.
#[derive(Debug)]
pub struct InheritedSocket {
    /// The handle. The descriptor that was named stays open, so that it can be named again.
    pub socket: OwnedFd,
    /// What it is.
    pub facts: SocketFacts,
}

/// An inherited descriptor cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InheritedError {
    /// There is no such descriptor.
    #[error("file descriptor {fd} is not open")]
    NotOpen {
        /// The number.
        fd: RawFd,
        /// The system's answer.
        source: io::Error,
    },
    /// It is something else.
    #[error("file descriptor {fd} is not a socket: {source}")]
    NotASocket {
        /// The number.
        fd: RawFd,
        /// The system's answer.
        source: io::Error,
    },
    /// It is of another type than the place wants.
    #[error("file descriptor {fd} is a {found} socket, a {expected} one is needed here")]
    WrongType {
        /// The number.
        fd: RawFd,
        /// What it is.
        found: SocketType,
        /// What is needed.
        expected: SocketType,
    },
    /// No protocol claims it.
    #[error("file descriptor {fd} is a {facts}, and no protocol of this binary knows such a socket")]
    NotOwned {
        /// The number.
        fd: RawFd,
        /// What it is.
        facts: Box<SocketFacts>,
    },
}

impl InheritedSocket {
    /// Takes a descriptor by its number. One of a type that this crate has no word for (`SOCK_SEQPACKET`) is taken too:
    /// a protocol may know it.
    ///
    /// # Errors
    /// When it is not open, no socket, or of another type.
    pub fn take(fd: RawFd, expected: SocketType) -> Result<InheritedSocket, InheritedError> {
        let socket = sys::duplicate(fd).map_err(|source| InheritedError::NotOpen { fd, source })?;
        let facts =
            Self::facts_of(socket.as_fd()).map_err(|source| InheritedError::NotASocket { fd, source })?;
        if let Some(found) = facts.socket_type().filter(|found| *found != expected) {
            return Err(InheritedError::WrongType { fd, found, expected });
        }
        Ok(InheritedSocket { socket, facts })
    }

    /// Closes the descriptors that were named, once every line has taken its handles: a socket that stays open here
    /// would go on taking connections that nobody accepts. Standard streams stay open, since their numbers must not
    /// come to mean something else.
    ///
    /// To be called once in the life of a process. Afterwards the numbers belong to whatever is opened next.
    pub fn release(named: impl IntoIterator<Item = RawFd>) {
        let named: BTreeSet<RawFd> = named.into_iter().filter(|fd| *fd > libc::STDERR_FILENO).collect();
        named.into_iter().for_each(sys::close);
    }

    /// What a socket says of itself.
    ///
    /// # Errors
    /// The system's, when it is no socket.
    pub fn facts_of(fd: BorrowedFd<'_>) -> io::Result<SocketFacts> {
        let socket = SockRef::from(&fd);
        Ok(SocketFacts {
            domain: socket.domain()?,
            raw_type: socket.r#type()?,
            ipproto: socket.protocol()?.map_or(0, c_int::from),
            address: socket.local_addr().and_then(|address| from_system(&address)).ok(),
            // Some kinds of sockets have no such option; those do not listen.
            listening: socket.is_listener().unwrap_or(false),
        })
    }
}

/// The address of a socket or of its peer as the system gives it.
///
/// # Errors
/// `EAFNOSUPPORT` for one that is neither of the Internet nor a UNIX socket's.
pub fn from_system(address: &SockAddr) -> io::Result<Address> {
    if let Some(inet) = address.as_socket() {
        return Ok(Address::Inet(inet));
    }
    if !address.is_unix() {
        return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
    }
    Ok(Address::Unix(match (address.as_pathname(), address.as_abstract_namespace()) {
        (Some(path), _) => UnixAddress::Path(path.to_owned()),
        (None, Some(name)) => {
            // A full-length name is one that was filled up: what a padded one looks like to the kernel.
            let padded = name.len() == super::UNIX_PATH_MAX && name.last() == Some(&0);
            let end = if padded {
                name.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1)
            } else {
                name.len()
            };
            UnixAddress::Abstract { name: String::from_utf8_lossy(&name[..end]).into_owned(), padded }
        }
        (None, None) => UnixAddress::Unnamed,
    }))
}
