//! What a listener, a server and a connection attempt are asked to be.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::address::Address;
use crate::options::SocketOptions;

/// What stands behind an address on a line: socket options, and what transports have added with keywords of their own.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The socket options.
    pub options: SocketOptions,
    /// Values of transports, by type.
    pub extensions: Extensions,
}

/// A listening address.
#[derive(Debug)]
pub struct BindSpec {
    /// Where.
    pub address: Address,
    /// How.
    pub settings: Settings,
    /// A socket that is already bound to it, inherited or passed on. It is not bound again, and listens as it is.
    pub socket: Option<OwnedFd>,
    /// Whether other sockets may share the address (`SO_REUSEPORT`), as a restart without a gap needs and HAProxy
    /// always allows. Without it a second process on the same address is told that it is taken.
    pub share: bool,
}

impl BindSpec {
    /// A plain one.
    pub fn new(address: impl Into<Address>) -> BindSpec {
        BindSpec { address: address.into(), settings: Settings::default(), socket: None, share: false }
    }
}

/// A server to connect to. Its address is part of each [`Target`], since a name may get another one.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    /// The address, for messages and to find out which options it takes.
    pub address: Address,
    /// How.
    pub settings: Settings,
    /// Whether the line leaves the family open (`mptcp@`, not `mptcp4@`), so that the transport may choose the
    /// socket's.
    pub any_family: bool,
}

impl ServerSpec {
    /// A plain one.
    pub fn new(address: impl Into<Address>) -> ServerSpec {
        ServerSpec { address: address.into(), settings: Settings::default(), any_family: false }
    }
}

/// One attempt to connect.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where to.
    pub address: Address,
    /// On whose behalf: what `usesrc client` binds to.
    pub client: Option<Address>,
    /// Whether the first bytes are ready to be sent, so that TCP Fast Open may wait for them instead of connecting
    /// at once. Set it only if the caller writes before it reads: the connection is not tried before the first write.
    pub data_ready: bool,
}

impl Target {
    /// A plain one.
    pub fn new(address: impl Into<Address>) -> Target {
        Target { address: address.into(), client: None, data_ready: false }
    }
}

/// Values of transports, one for each type. What a keyword of a transport puts in, its `bind` takes out.
#[derive(Clone, Default)]
pub struct Extensions(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Extensions {
    /// Puts a value in, in place of one of its type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// The value of a type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extensions({})", self.0.len())
    }
}
