//! Listeners and servers, made from lines: an address selects its protocol, and that binds or connects.

use std::cell::RefCell;
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use proto_core::address::{Address, AddressSpec, Host, InheritedSocket, Port, ProcessEnvironment};
use proto_core::error::Warning;
use proto_core::extension::Scope;
use proto_core::kernel::Kernel;
use proto_core::options::SocketOption;
use proto_core::protocol::BoundSocket;
use proto_core::spec::{BindSpec, ServerSpec};
use proto_core::{Protocol, Registry};
use proxy_engine::resolve::{Resolver, resolve};
use proxy_engine::{Server, ServerPort};

use crate::line::Line;
use crate::stdio;

/// How long a resolver may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(30);

/// What lines are carried out with.
#[derive(Debug)]
pub(crate) struct Endpoints<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) kernel: &'a Kernel,
    pub(crate) resolver: &'a Arc<dyn Resolver>,
    /// Descriptors that lines have named.
    pub(crate) inherited: RefCell<Vec<RawFd>>,
}

/// Where to listen.
struct Place<'a> {
    protocol: &'a dyn Protocol,
    address: Address,
    /// If it was inherited.
    socket: Option<OwnedFd>,
}

impl Endpoints<'_> {
    /// Binds each address of a line. All are tried, and all failures told.
    pub(crate) fn bind(&self, text: &str) -> anyhow::Result<Vec<Box<dyn BoundSocket>>> {
        let line = Line::parse(self.registry, Scope::Bind, text, &ProcessEnvironment)?;
        let mut sockets = Vec::new();
        let mut failures = Vec::new();
        for Place { protocol, address, socket } in self.listeners(&line.address)? {
            line.check(self.registry, protocol)?;
            let spec = BindSpec { settings: line.settings.clone(), socket, ..BindSpec::new(address) };
            match protocol.bind(spec, self.kernel) {
                Ok(bound) => {
                    tell(&bound.warnings);
                    sockets.push(bound.socket);
                }
                Err(error) => failures.push(error.to_string()),
            }
        }
        if !failures.is_empty() {
            bail!("{}", failures.join("; "));
        }
        if let Host::Fd(fd) = line.address.host {
            self.inherited.borrow_mut().push(fd);
        }
        Ok(sockets)
    }

    /// Each place of a line.
    fn listeners(&self, spec: &AddressSpec) -> anyhow::Result<Vec<Place<'_>>> {
        if let Host::Fd(fd) = spec.host {
            let inherited = InheritedSocket::take(fd, spec.selector.socket_type)?;
            let owner = self.registry.owner_of(&inherited.facts);
            let owner = owner.ok_or_else(|| anyhow!("no protocol of this binary owns such a socket"))?;
            let (address, socket) = (inherited.facts.address, Some(inherited.socket));
            return Ok(vec![Place { protocol: &**owner, address, socket }]);
        }
        let place =
            |address: Address| Ok(Place { protocol: self.protocol(spec, &address)?, address, socket: None });
        self.resolved(spec)?.addresses()?.into_iter().map(place).collect()
    }

    /// The server of a line.
    pub(crate) fn server(&self, text: &str) -> anyhow::Result<Server> {
        let line = Line::parse(self.registry, Scope::Server, text, &ProcessEnvironment)?;
        let port = match line.address.port {
            Port::Offset(offset) => ServerPort::Offset(offset),
            Port::None => ServerPort::Offset(0),
            Port::One(_) | Port::Range(..) => ServerPort::Fixed,
        };
        let mut spec = self.resolved(&line.address)?;
        if let Port::Offset(_) = spec.port {
            spec.port = Port::None;
        }
        let [address] = spec.addresses()?.try_into().map_err(|_| anyhow!("a server has one address"))?;
        let any_family = spec.selector.families.is_none_or(|families| families.len() > 1);
        let protocol = self.protocol(&spec, &address)?;
        line.check(self.registry, protocol)?;
        if line.settings.options.has(&SocketOption::FastOpen) {
            // The connection is made before the client's first bytes are waited for.
            stdio::warning(&format!(
                "server '{text}': option 'tfo' is not used, there is nothing to send at once"
            ));
        }
        let server = ServerSpec { address: address.clone(), settings: line.settings, any_family };
        let connectable = protocol.connector(server, self.kernel)?;
        tell(&connectable.warnings);
        Ok(Server { name: text.to_owned(), connector: connectable.connector, address, port })
    }

    /// The spec with its name, if it has one, resolved.
    fn resolved(&self, spec: &AddressSpec) -> anyhow::Result<AddressSpec> {
        match &spec.host {
            Host::Name(name) => {
                let ip = resolve(self.resolver, name, RESOLVE_LIMIT, |ip| spec.admits(ip))?;
                Ok(spec.with_ip(ip))
            }
            _ => Ok(spec.clone()),
        }
    }

    fn protocol(&self, spec: &AddressSpec, address: &Address) -> anyhow::Result<&dyn Protocol> {
        let protocol = self.registry.select(&spec.selector, address.family());
        protocol.map(|protocol| &**protocol).ok_or_else(|| anyhow!("no protocol for {address} is built in"))
    }
}

fn tell(warnings: &[Warning]) {
    warnings.iter().for_each(|warning| stdio::warning(&warning.to_string()));
}
