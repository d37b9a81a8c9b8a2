//! Sockets inherited from the parent: `fd@N`. Their properties are read from the socket, never assumed.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};

use libc::c_int;
use socket2::{SockAddr, SockRef};

use super::{Address, SocketFacts, UnixAddress};
use crate::descriptor::SocketType;
use crate::sys;

/// An inherited socket: a handle of our own to it, and its properties.
#[derive(Debug)]
pub struct InheritedSocket {
    /// The handle. The original descriptor stays open, so that another line can name it too.
    pub socket: OwnedFd,
    /// The properties of the socket.
    pub facts: SocketFacts,
}

/// The reason why an inherited descriptor cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InheritedError {
    /// A descriptor that is not open.
    #[error("file descriptor {fd} is not open")]
    NotOpen {
        /// The number of the descriptor.
        fd: RawFd,
        /// The system's error.
        source: io::Error,
    },
    /// A descriptor of something other than a socket.
    #[error("file descriptor {fd} is not a socket: {source}")]
    NotASocket {
        /// The number of the descriptor.
        fd: RawFd,
        /// The system's error.
        source: io::Error,
    },
    /// A socket of another type than is needed here.
    #[error("file descriptor {fd} is a {found} socket, but a {expected} socket is needed here")]
    WrongType {
        /// The number of the descriptor.
        fd: RawFd,
        /// The type that it has.
        found: SocketType,
        /// The type that is needed.
        expected: SocketType,
    },
    /// A socket that no protocol claims.
    #[error("file descriptor {fd} is a {facts}, and no protocol of this binary knows such a socket")]
    NotOwned {
        /// The number of the descriptor.
        fd: RawFd,
        /// The properties of the socket.
        facts: Box<SocketFacts>,
    },
}

impl InheritedSocket {
    /// Takes over a descriptor by its number. A socket of a type that this crate does not know (`SOCK_SEQPACKET`) is
    /// accepted too: a protocol may know it.
    ///
    /// # Errors
    /// Returns an error if it is not open, not a socket, or of another type.
    pub fn take(fd: RawFd, expected: SocketType) -> Result<InheritedSocket, InheritedError> {
        let socket = sys::duplicate(fd).map_err(|source| InheritedError::NotOpen { fd, source })?;
        let facts =
            Self::facts_of(socket.as_fd()).map_err(|source| InheritedError::NotASocket { fd, source })?;
        if let Some(found) = facts.socket_type().filter(|found| *found != expected) {
            return Err(InheritedError::WrongType { fd, found, expected });
        }
        Ok(InheritedSocket { socket, facts })
    }

    /// Closes the descriptors that lines named, once every line has its own handle: a socket that stayed open here
    /// would go on receiving connections that nothing accepts. The standard streams stay open, since their numbers
    /// must not be reused for anything else.
    ///
    /// Call it once per process. Afterwards the numbers are reused for whatever is opened next.
    pub fn release(named: impl IntoIterator<Item = RawFd>) {
        let named: BTreeSet<RawFd> = named.into_iter().filter(|fd| *fd > libc::STDERR_FILENO).collect();
        named.into_iter().for_each(sys::close);
    }

    /// Returns the properties of a socket.
    ///
    /// # Errors
    /// Returns the system's error if it is not a socket.
    pub fn facts_of(fd: BorrowedFd<'_>) -> io::Result<SocketFacts> {
        let socket = SockRef::from(&fd);
        Ok(SocketFacts {
            domain: socket.domain()?,
            raw_type: socket.r#type()?,
            ipproto: socket.protocol()?.map_or(0, c_int::from),
            address: socket.local_addr().and_then(|address| from_system(&address)).ok(),
            // Some kinds of sockets do not have this option; those do not listen.
            listening: socket.is_listener().unwrap_or(false),
        })
    }
}

/// Converts the address of a socket or of its peer from the system's form.
///
/// # Errors
/// Returns `EAFNOSUPPORT` for an address that is neither of the Internet nor of a UNIX socket.
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
            // A name of full length is a padded one, as the kernel reports it.
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
