//! The transport of kernel stream sockets over IP: TCP, and other protocols with the same kernel interface.
//!
//! What differs between TCP and MPTCP only by a constant is data, a [`KernelModel`]; each crate that registers such a
//! protocol provides its models and the function that inspects a connection.

mod bind;
mod connect;
mod handshakes;
mod listen;
mod source_ports;
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

/// What distinguishes one kernel stream protocol from another.
#[derive(Debug)]
pub struct KernelModel {
    /// The name, family and cell.
    pub descriptor: Descriptor,
    /// The protocol number of `socket(2)`.
    pub ipproto: c_int,
    /// The fallback if the kernel does not offer the protocol, and how to detect that.
    pub fallback: Option<Fallback>,
    /// Whether an IPv4 server is reached through an IPv6 socket with a mapped address when the line leaves the family
    /// open, because the family of the socket limits which paths a connection can gain.
    pub mapped: bool,
    /// Whether splicing from and to its sockets is cheaper than copying.
    pub splices: bool,
    /// Inspects a connection.
    pub inspect: fn(BorrowedFd<'_>, &Origin) -> ConnectionInfo,
}

/// The replacement for a protocol that the kernel does not offer.
#[derive(Debug)]
pub struct Fallback {
    /// The protocol number of the replacement.
    pub ipproto: c_int,
    /// The name of the original protocol, for messages.
    pub name: &'static str,
    /// Returns why a socket of the protocol could not be made, if this error means that the kernel does not offer it.
    pub explain: fn(&io::Error) -> Option<&'static str>,
    /// Returns whether a connected socket of the protocol really uses it, and has not fallen back.
    pub is_native: fn(BorrowedFd<'_>) -> bool,
}

/// What is known about a connection from the way it was made.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The name of the protocol that made it.
    pub transport: &'static str,
    /// Why it was never a connection of that protocol; `None` if it was.
    pub fallback: Option<FallbackReason>,
    /// A further remark for [`ConnectionInfo`].
    pub note: Option<&'static str>,
    /// The protocol number of the socket.
    pub ipproto: c_int,
    /// The peer, unmapped: the system no longer knows it after the connection has ended.
    pub peer: Address,
}

/// A kernel stream protocol.
#[derive(Debug)]
pub struct KernelTransport(pub &'static KernelModel);

/// Sets an option on a socket of a kind, unless this kernel is known not to have the option for it.
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

/// Returns the options to set again on connections that fell back, because their listener cannot pass them on.
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
