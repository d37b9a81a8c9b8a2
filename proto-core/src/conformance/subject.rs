//! The transport under test, and what applies to it.

use std::sync::Arc;
use std::time::Duration;

use crate::address::Address;
use crate::kernel::Kernel;
use crate::options::{Secret, SocketOption};
use crate::protocol::Protocol;
use crate::registry::{Registration, Registry};
use crate::spec::{BindSpec, ServerSpec, Settings};

/// A transport under test, and what applies to it.
#[derive(Debug)]
pub struct Subject {
    pub(super) protocol: Arc<dyn Protocol>,
    pub(super) kernel: Kernel,
    /// Returns an address to bind to: any free one, the kernel's choice or a new name each time.
    pub(super) free: fn() -> Address,
    /// Returns the address that reaches a bound one, if it is a different one.
    pub(super) leads_to: fn(&Address) -> Address,
    pub(super) nobody: Option<Address>,
    pub(super) options: Vec<SocketOption>,
    /// The settings of each of its listeners and servers.
    pub(super) settings: Settings,
    pub(super) without: Vec<(Trait, &'static str)>,
    pub(super) registrations: Vec<Registration>,
    pub(super) over: Option<Over>,
}

/// Makes a transport on top of another one.
pub(super) type Over = fn(Arc<dyn Protocol>) -> Arc<dyn Protocol>;

/// A capability that a transport may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// File descriptors of its sockets.
    Descriptors,
    /// Closing one direction.
    HalfClose,
    /// A reset that the peer can distinguish from an orderly end.
    Reset,
    /// Connecting to a full backlog waits rather than failing at once.
    BlackHole,
    /// Suspending a bound socket.
    Suspend,
    /// Refusing new connections while those in the queue can still be accepted.
    RefuseNew,
    /// At least one path in `info()`.
    Paths,
    /// Paths that count their bytes.
    Counters,
    /// An address that only one socket can be bound to at a time.
    Exclusive,
    /// A limit on the connections that wait to be accepted.
    Backlog,
    /// Taking over a socket that another process has bound.
    Inherit,
}

impl Subject {
    /// Returns a subject with all capabilities, and a function that returns a free address of it.
    pub fn new(protocol: Arc<dyn Protocol>, free: fn() -> Address) -> Subject {
        Subject {
            protocol,
            kernel: Kernel::detect(),
            free,
            leads_to: Address::clone,
            nobody: None,
            options: Vec::new(),
            settings: Settings::default(),
            without: Vec::new(),
            registrations: Vec::new(),
            over: None,
        }
    }

    /// Sets how to get the address that reaches a bound one, if it is a different one.
    #[must_use]
    pub fn reached_by(mut self, leads_to: fn(&Address) -> Address) -> Subject {
        self.leads_to = leads_to;
        self
    }

    /// Sets an address on which nothing listens.
    #[must_use]
    pub fn nobody_at(mut self, address: impl Into<Address>) -> Subject {
        self.nobody = Some(address.into());
        self
    }

    /// Adds options that a listener or a server of it accepts or warns about. Values that no socket has by default
    /// test most.
    #[must_use]
    pub fn with_options(mut self, options: impl IntoIterator<Item = SocketOption>) -> Subject {
        self.options.extend(options);
        self
    }

    /// Sets the settings of all its listeners and servers, for a transport that needs or changes its behaviour with a
    /// keyword of its own.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Subject {
        self.settings = settings;
        self
    }

    /// Adds the registrations that select it in the address language, if they are not linked into the test. By default
    /// they are, for a crate that submits a [`Registration`].
    #[must_use]
    pub fn registered_by(mut self, registrations: impl IntoIterator<Item = Registration>) -> Subject {
        self.registrations.extend(registrations);
        self
    }

    /// Sets how to build the transport on top of any other, for a transport built on another one, so that a stub can
    /// be put below it that records which calls arrive.
    #[must_use]
    pub fn over(mut self, over: fn(Arc<dyn Protocol>) -> Arc<dyn Protocol>) -> Subject {
        self.over = Some(over);
        self
    }

    /// Adds every option of sockets over IP, two of them with values that no system has.
    #[must_use]
    pub fn with_ip_options(self) -> Subject {
        self.with_options([
            SocketOption::Mss(1200),
            SocketOption::FastOpen,
            SocketOption::DeferAccept,
            SocketOption::Backlog(7),
            SocketOption::Interface("lo".to_owned()),
            SocketOption::Interface("no-such-link".to_owned()),
            SocketOption::Transparent,
            SocketOption::V4V6,
            SocketOption::UserTimeout(Duration::from_secs(3)),
            SocketOption::SaveSyn(1),
            SocketOption::CongestionControl("reno".to_owned()),
            SocketOption::CongestionControl("no-such-one".to_owned()),
            SocketOption::Md5Signature(Secret::new("key").expect("a key")),
            SocketOption::NoLinger,
            SocketOption::Linger,
            SocketOption::KeepAlive,
            SocketOption::KeepAliveIdle(Duration::from_secs(33)),
            SocketOption::KeepAliveInterval(Duration::from_secs(11)),
            SocketOption::KeepAliveCount(4),
            SocketOption::ReceiveBuffer(65_536),
            SocketOption::SendBuffer(65_536),
            SocketOption::NotSentLowat(16_384),
            SocketOption::Mark(7),
            SocketOption::Tos(32),
        ])
    }

    /// Declares a capability that it lacks, and why.
    #[must_use]
    pub fn without(mut self, lacking: Trait, why: &'static str) -> Subject {
        self.without.push((lacking, why));
        self
    }

    pub(super) fn server(&self, address: &Address) -> ServerSpec {
        ServerSpec { settings: self.settings.clone(), ..ServerSpec::new(address.clone()) }
    }

    pub(super) fn bind_spec(&self, address: Address) -> BindSpec {
        BindSpec { settings: self.settings.clone(), ..BindSpec::new(address) }
    }

    pub(super) fn lacks(&self, wanted: Trait) -> Option<&'static str> {
        self.without.iter().find(|(lacking, _)| *lacking == wanted).map(|(_, why)| *why)
    }

    pub(super) fn name(&self) -> &'static str {
        self.protocol.descriptor().name
    }

    /// Returns the registry that selects it, or `None` if nothing registers it here.
    pub(super) fn registry(&self) -> Option<Registry> {
        let registry = match self.registrations.as_slice() {
            [] => Registry::linked(),
            given => Registry::build(given.iter().copied()),
        };
        let registry = registry.expect("the registrations do not conflict");
        registry.protocol(self.name()).is_some().then_some(registry)
    }
}
