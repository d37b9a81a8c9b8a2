//! The socket options that have an effect on UNIX sockets.
//!
//! The kernel accepts some that have no effect here: `SO_RCVBUF` (only the sender's buffer counts, `unix(7)`),
//! `SO_MARK` and `SO_BINDTODEVICE` (no packets), `SO_KEEPALIVE` and `SO_LINGER` (closing always delivers; Linux 6.18).
//! Setting them silently would be misleading, so they cause a warning like those that the kernel refuses.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use libc::c_int;
use proto_core::options::{SocketOption, SocketOptions, Warnings, apply};
use proto_core::stream::{Lack, Support};
use proto_core::sys;
use socket2::{Domain, Socket};

/// The default backlog, in connections. It is the default of `net.core.somaxconn`, which caps it.
const BACKLOG: c_int = 4096;

/// The options of a line that have an effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    backlog: Option<u32>,
    /// Not inherited from a listener (Linux 6.18): it is set on each connection.
    send_buffer: Option<SocketOption>,
    /// Abstract names belong to a network namespace; paths do not.
    namespace: Option<String>,
}

impl Options {
    /// Sorts the options of a line, and warns about those without an effect.
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

    /// Sorts the options for connections that another process makes: there is no listener and no socket to make here.
    pub(crate) fn sort_for_connections(options: &SocketOptions, warnings: &mut Warnings) -> Options {
        let of_a_listener =
            |option: &&SocketOption| matches!(option, SocketOption::Backlog(_) | SocketOption::Namespace(_));
        let why = Lack::Protocol("its connections are made elsewhere and come over a descriptor");
        for option in options.iter().filter(of_a_listener) {
            warnings.note(option, Ok(Support::Unsupported(why)));
        }
        Options { backlog: None, namespace: None, ..Options::sort(options, warnings) }
    }

    /// Makes a socket, in the namespace of the line.
    pub(crate) fn socket(&self) -> io::Result<Socket> {
        sys::stream_socket(Domain::UNIX, 0, self.namespace.as_deref())
    }

    /// Returns the backlog for `listen(2)`.
    pub(crate) fn backlog(&self) -> c_int {
        self.backlog.map_or(BACKLOG, |backlog| c_int::try_from(backlog).unwrap_or(c_int::MAX))
    }

    /// Tries the options of a connection on a socket, so that the system's refusals are reported once.
    pub(crate) fn probe(&self, socket: &Socket, warnings: &mut Warnings) {
        if let Some(option) = &self.send_buffer {
            warnings.note(option, apply::set(socket.as_fd(), option));
        }
    }

    /// Sets the options of a connection. One that is refused is skipped: the line has its warning.
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

/// Returns why an option has no effect on a UNIX socket.
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
        SocketOption::NoLinger | SocketOption::Linger => "closing a UNIX socket delivers what was written",
        SocketOption::KeepAlive
        | SocketOption::KeepAliveIdle(_)
        | SocketOption::KeepAliveInterval(_)
        | SocketOption::KeepAliveCount(_) => "the kernel knows whether the peer of a UNIX socket is there",
        SocketOption::ReceiveBuffer(_) => "only the sender's buffer of a UNIX socket counts",
        SocketOption::NotSentLowat(_) => "what is written to a UNIX socket is sent at once",
        // Options that have an effect, but not on a connection that already exists.
        SocketOption::Backlog(_) | SocketOption::Namespace(_) | SocketOption::SendBuffer(_) => {
            "it determines how a socket is made, and this one already is"
        }
    }))
}
