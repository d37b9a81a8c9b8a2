//! Which socket options mean something to UNIX sockets.
//!
//! The kernel takes some that do nothing here: `SO_RCVBUF` (only the sender's buffer counts, `unix(7)`), `SO_MARK` and
//! `SO_BINDTODEVICE` (no packets), `SO_KEEPALIVE` and `SO_LINGER` (closing delivers, whatever it says; Linux 6.18). To
//! set those would be to pretend, so they are warned of like those that the kernel refuses.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use libc::c_int;
use proto_core::options::{SocketOption, SocketOptions, Warnings, apply};
use proto_core::stream::{Lack, Support};
use proto_core::sys;
use socket2::{Domain, Socket};

/// Connections that may wait to be accepted if the line does not say; capped by `net.core.somaxconn`, whose default
/// it is.
const BACKLOG: c_int = 4096;

/// The options of a line that mean something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    backlog: Option<u32>,
    /// Not inherited from a listener (Linux 6.18): each connection is given it.
    send_buffer: Option<SocketOption>,
    /// Abstract names are those of a network namespace; paths are not.
    namespace: Option<String>,
}

impl Options {
    /// Sorts the options of a line; the others are warned of.
    pub(crate) fn sort(options: &SocketOptions, warnings: &mut Warnings) -> Options {
        let mut taken = Options::default();
        for option in options.iter() {
            match option {
                SocketOption::Backlog(backlog) => taken.backlog = Some(*backlog),
                SocketOption::SendBuffer(_) => taken.send_buffer = Some(option.clone()),
                SocketOption::Namespace(name) => taken.namespace = Some(name.clone()),
                _ => {
                    warnings.note(option, Ok(without(option)));
                }
            }
        }
        taken
    }

    /// Likewise, for connections that another process has made: nobody listens for them here, and no socket is made.
    pub(crate) fn sort_for_connections(options: &SocketOptions, warnings: &mut Warnings) -> Options {
        let of_a_listener =
            |option: &&SocketOption| matches!(option, SocketOption::Backlog(_) | SocketOption::Namespace(_));
        let why = Lack::Protocol("its connections are made elsewhere and come over a descriptor");
        for option in options.iter().filter(of_a_listener) {
            warnings.note(option, Ok(Support::Unsupported(why)));
        }
        Options { backlog: None, namespace: None, ..Options::sort(options, warnings) }
    }

    /// A new socket, in the namespace that was asked for.
    pub(crate) fn socket(&self) -> io::Result<Socket> {
        sys::stream_socket(Domain::UNIX, 0, self.namespace.as_deref())
    }

    /// The backlog as `listen(2)` takes it.
    pub(crate) fn backlog(&self) -> c_int {
        self.backlog.map_or(BACKLOG, |backlog| c_int::try_from(backlog).unwrap_or(c_int::MAX))
    }

    /// Tries the options of a connection on a socket, so that what the system refuses is said once.
    pub(crate) fn probe(&self, socket: &Socket, warnings: &mut Warnings) {
        if let Some(option) = &self.send_buffer {
            warnings.note(option, apply::set(socket.as_fd(), option));
        }
    }

    /// Sets the options of a connection. What it does not take it goes without: the line was warned.
    pub(crate) fn on_connection(&self, socket: &Socket) {
        if let Some(option) = &self.send_buffer {
            let _ = apply::set(socket.as_fd(), option);
        }
    }
}

/// Sets an option on a connection.
pub(crate) fn set(socket: BorrowedFd<'_>, option: &SocketOption) -> io::Result<Support> {
    match option {
        SocketOption::SendBuffer(_) => apply::set(socket, option),
        _ => Ok(without(option)),
    }
}

/// Why an option means nothing to a UNIX socket.
fn without(option: &SocketOption) -> Support {
    Support::Unsupported(Lack::Protocol(match option {
        SocketOption::Mss(_) => "a UNIX socket has no segments",
        SocketOption::FastOpen | SocketOption::DeferAccept => "a UNIX socket connects without a handshake",
        SocketOption::SaveSyn(_) => "a UNIX socket connects without a handshake",
        SocketOption::UserTimeout(_) | SocketOption::DelayAck => "a UNIX socket has no acknowledgements",
        SocketOption::Interface(_)
        | SocketOption::Mark(_)
        | SocketOption::Tos(_)
        | SocketOption::Repair
        | SocketOption::Ttl(_) => "a UNIX socket sends no packets",
        SocketOption::CongestionControl(_) | SocketOption::Md5Signature(_) => {
            "a UNIX socket sends no packets"
        }
        SocketOption::Transparent | SocketOption::V4V6 | SocketOption::V6Only => {
            "a UNIX socket has no IP address"
        }
        SocketOption::Source(_) | SocketOption::UseSource(_) => "a UNIX socket has no IP address",
        SocketOption::NoLinger => "closing a UNIX socket delivers what was written",
        SocketOption::KeepAlive
        | SocketOption::KeepAliveIdle(_)
        | SocketOption::KeepAliveInterval(_)
        | SocketOption::KeepAliveCount(_) => "the kernel knows whether the peer of a UNIX socket is there",
        SocketOption::ReceiveBuffer(_) => "only the sender's buffer of a UNIX socket counts",
        SocketOption::NotSentLowat(_) => "what is written to a UNIX socket is sent at once",
        // Those that mean something, of a connection that is made already.
        SocketOption::Backlog(_) | SocketOption::Namespace(_) | SocketOption::SendBuffer(_) => {
            "it says how a socket is made, and this one is"
        }
    }))
}
