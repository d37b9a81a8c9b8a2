//! The transport of kernel stream sockets over IP: TCP, and whatever else the kernel gives the same interface.
//!
//! What differs between TCP and MPTCP by a constant is data, a [`KernelModel`]; each crate that registers such a
//! protocol brings its models and the function that looks inside a connection.

mod bind;
mod connect;
mod listen;
mod stream;
pub mod tcp_info;

use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use libc::c_int;

pub use self::bind::Policy;
use crate::address::{Address, SocketFacts};
use crate::error::{BindError, ConnectError};
use crate::family::Family;
use crate::info::{ConnectionInfo, FallbackReason};
use crate::kernel::{Kernel, SocketKind};
use crate::options::{Inherited, SocketOption, SocketOptions, apply};
use crate::protocol::{Bound, Connectable, Descriptor, Protocol, SocketType};
use crate::spec::{BindSpec, ServerSpec};
use crate::stream::Support;

/// What tells one kernel stream protocol from another.
#[derive(Debug)]
pub struct KernelModel {
    /// Its name, family and cell.
    pub descriptor: Descriptor,
    /// The protocol number of `socket(2)`.
    pub ipproto: c_int,
    /// What to use where the kernel does not offer it, and how to know.
    pub fallback: Option<Fallback>,
    /// Whether an IPv4 server is reached through an IPv6 socket with a mapped address when the line leaves the family
    /// open, because the socket's family limits which paths a connection can gain.
    pub mapped: bool,
    /// Whether splicing from and to its sockets is cheaper than copying.
    pub splices: bool,
    /// Looks inside a connection.
    pub inspect: fn(BorrowedFd<'_>, &Origin) -> ConnectionInfo,
}

/// What replaces a protocol that the kernel does not offer.
#[derive(Debug)]
pub struct Fallback {
    /// The protocol number of the replacement.
    pub ipproto: c_int,
    /// The protocol's name for people.
    pub name: &'static str,
    /// Why a socket of the protocol could not be made, if this error means that the kernel does not offer it.
    pub explain: fn(&io::Error) -> Option<&'static str>,
    /// Whether a connected socket of the protocol is a connection of it, or has fallen back.
    pub is_native: fn(BorrowedFd<'_>) -> bool,
}

/// What is known about a connection from the way it came about.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The protocol it was asked of.
    pub transport: &'static str,
    /// Why it was no connection of that protocol from the start; `None` if it was one.
    pub fallback: Option<FallbackReason>,
    /// What else [`ConnectionInfo`] should say.
    pub note: Option<&'static str>,
    /// The protocol number of the socket.
    pub ipproto: c_int,
    /// The peer, unmapped: the system forgets it when the connection is over.
    pub peer: Address,
}

/// A kernel stream protocol.
#[derive(Debug)]
pub struct KernelTransport(pub &'static KernelModel);

/// Sets an option on a socket of a kind, unless this kernel is known not to have it there.
fn set_option(
    kernel: &Kernel,
    kind: SocketKind,
    socket: BorrowedFd<'_>,
    option: &SocketOption,
    address: SocketAddr,
) -> io::Result<Support> {
    match kernel.takes(kind, option) {
        Support::Supported | Support::Partly(_) => apply::set_towards(socket, option, address),
        Support::Unsupported(lack) => Ok(Support::Unsupported(lack)),
    }
}

/// The options that connections of a fallback have to be given again, because their listener could not pass them on.
fn reapplied(options: &SocketOptions) -> Vec<SocketOption> {
    let lost = |option: &&SocketOption| {
        matches!(option.spec().inherited, Inherited::NotByFallback | Inherited::OnlyByFallback)
    };
    options.iter().filter(lost).cloned().collect()
}

impl KernelModel {
    fn kind(&self) -> SocketKind {
        SocketKind { inet6: self.descriptor.families.contains(&Family::INET6), ipproto: self.ipproto }
    }
}

impl Protocol for KernelTransport {
    fn descriptor(&self) -> &Descriptor {
        &self.0.descriptor
    }

    fn bind(&self, spec: BindSpec, kernel: &Kernel) -> Result<Bound, BindError> {
        bind::bind(self.0, spec, kernel)
    }

    fn connector(&self, spec: ServerSpec, kernel: &Kernel) -> Result<Connectable, ConnectError> {
        connect::connector(self.0, spec, kernel)
    }

    fn owns(&self, socket: &SocketFacts, _: BorrowedFd<'_>) -> Option<Address> {
        let model = self.0;
        if socket.socket_type() != Some(SocketType::Stream) || socket.ipproto != model.ipproto {
            return None;
        }
        socket.address.clone().filter(|address| model.descriptor.families.contains(&address.family()))
    }
}
