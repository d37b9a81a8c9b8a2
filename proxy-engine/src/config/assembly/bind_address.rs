//! The addresses of bind lines, from the words of a line to bound sockets.

use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, AddressSpec, Host, InheritedError, InheritedSocket};
use proto_core::extension::Scope;
use proto_core::protocol::{BoundSocket, Kind};
use proto_core::spec::{BindSpec, Settings};
use proxy_config::endpoint::Parameters;
use proxy_config::layers::LineLayers;
use proxy_config::{Diagnostic, Diagnostics, Parsed, Span, mistake};

use super::{Assembly, warn};

/// An address to listen on.
#[derive(Debug)]
pub struct BindAddress {
    pub(super) span: Span,
    pub(super) address: Address,
    /// The socket, if it was inherited.
    pub(super) socket: Option<OwnedFd>,
    pub(super) settings: Settings,
    /// The layers that its connections pass, the one next to the transport first.
    pub(super) layers: LineLayers,
    /// Whether it shares its port with an overlapping address.
    pub(super) share: bool,
    pub(super) protocol: Arc<dyn Protocol>,
}

impl BindAddress {
    /// Returns the name of the protocol.
    pub fn protocol(&self) -> &'static str {
        self.protocol.descriptor().name
    }

    /// Returns the address if it has no layers, for a listener that does not support them.
    ///
    /// # Errors
    /// The line has a layer.
    pub fn without_layers(self) -> Parsed<BindAddress> {
        match self.layers.all.first() {
            None => Ok(self),
            Some(layer) => {
                Err(mistake(self.span, format!("the layer '{}' cannot be used on this line", layer.name())))
            }
        }
    }
}

impl Assembly<'_> {
    /// Returns the addresses of a line. Descriptors that it names are added to `inherited`.
    ///
    /// # Errors
    /// An address cannot be listened on, as far as is known without opening a socket.
    pub fn bind_addresses(
        &self,
        span: Span,
        addresses: &[AddressSpec],
        parameters: &Parameters,
        inherited: &mut Vec<RawFd>,
    ) -> Parsed<Vec<BindAddress>> {
        let mut found = Vec::new();
        for spec in addresses {
            let settings = Settings { sections: self.sections.clone(), ..parameters.settings.clone() };
            let layers = self.layers(&spec.layers, Scope::Bind, &settings, &parameters.values, span)?;
            let bind = |protocol: Arc<dyn Protocol>, address, socket| {
                self.check_keywords(parameters, Scope::Bind, &*protocol, &spec.layers)?;
                // A protocol that is known but not built in says so.
                if let Some(refusal) = protocol.refuses(Kind::Stream) {
                    return Err(mistake(span, format!("cannot listen on {address}: {refusal}")));
                }
                let (settings, layers) = (settings.clone(), layers.clone());
                Ok(BindAddress { span, address, socket, settings, layers, share: false, protocol })
            };
            if let Host::Fd(fd) = spec.host {
                let taken = InheritedSocket::take(fd, spec.selector.socket_type)
                    .map_err(|error| mistake(span, error.to_string()))?;
                inherited.push(fd);
                let InheritedSocket { socket, facts } = taken;
                let Some((owner, address)) = self.registry.owner_of(&facts, socket.as_fd()) else {
                    let error = InheritedError::NotOwned { fd, facts: Box::new(facts) };
                    return Err(mistake(span, error.to_string()));
                };
                found.push(bind(Arc::clone(owner), address, Some(socket))?);
                continue;
            }
            let resolved = self.resolve(spec, span)?;
            for address in resolved.addresses().map_err(|error| mistake(span, error.to_string()))? {
                found.push(bind(self.protocol(&resolved, &address, span)?, address, None)?);
            }
        }
        Ok(found)
    }

    /// Binds an address. A failure is reported with its line and the purpose of the socket.
    pub fn bind_address(
        &self,
        bind: BindAddress,
        purpose: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Box<dyn BoundSocket>> {
        let BindAddress { span, address, socket, settings, share, protocol, layers: _ } = bind;
        match protocol.bind(BindSpec { address, settings, socket, share }, self.kernel) {
            Ok(bound) => {
                warn(&bound.warnings, span, diagnostics);
                Some(bound.socket)
            }
            Err(error) => {
                let problem = Diagnostic::alert(span, format!("cannot listen for {purpose}: {error}"));
                diagnostics.push(match error.is_in_use() {
                    true => problem.help("another process has it; a Braid releases it on SIGUSR1"),
                    false => problem,
                });
                None
            }
        }
    }
}
