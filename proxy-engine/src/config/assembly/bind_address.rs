//! Addresses to listen on: from the words of a line to bound sockets.

use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, AddressSpec, Host, InheritedSocket};
use proto_core::extension::Scope;
use proto_core::protocol::{BoundSocket, Kind};
use proto_core::spec::{BindSpec, Settings};
use proxy_config::endpoint::Parameters;
use proxy_config::{Diagnostic, Diagnostics, Parsed, Span, mistake};

use super::{Assembly, warn};

/// One address to listen on.
#[derive(Debug)]
pub struct BindAddress {
    pub(super) span: Span,
    pub(super) address: Address,
    /// The socket, if it was inherited.
    pub(super) socket: Option<OwnedFd>,
    pub(super) settings: Settings,
    /// Whether another address overlaps with it.
    pub(super) share: bool,
    protocol: Arc<dyn Protocol>,
}

impl BindAddress {
    /// The name of its protocol.
    pub fn protocol(&self) -> &'static str {
        self.protocol.descriptor().name
    }
}

impl Assembly<'_> {
    /// Each address of a line. Descriptors that it names are added to `inherited`.
    ///
    /// # Errors
    /// When an address cannot be listened on, as far as is known without opening a socket.
    pub fn bind_addresses(
        &self,
        span: Span,
        addresses: &[AddressSpec],
        parameters: &Parameters,
        inherited: &mut Vec<RawFd>,
    ) -> Parsed<Vec<BindAddress>> {
        let mut found = Vec::new();
        let bind = |protocol, address, socket| {
            let settings = parameters.settings.clone();
            BindAddress { span, address, socket, settings, share: false, protocol }
        };
        for spec in addresses {
            if let Host::Fd(fd) = spec.host {
                let taken = InheritedSocket::take(fd, spec.selector.socket_type)
                    .map_err(|error| mistake(span, error.to_string()))?;
                inherited.push(fd);
                let owner = self.registry.owner_of(&taken.facts).cloned().ok_or_else(|| {
                    let message = format!(
                        "file descriptor {fd} is a socket of a kind that no protocol of this binary owns"
                    );
                    mistake(span, message)
                })?;
                found.push(bind(owner, taken.facts.address, Some(taken.socket)));
                continue;
            }
            let spec = self.resolve(spec, span)?;
            for address in spec.addresses().map_err(|error| mistake(span, error.to_string()))? {
                found.push(bind(self.protocol(&spec, &address, span)?, address, None));
            }
        }
        for BindAddress { address, protocol, .. } in &found {
            self.check_keywords(parameters, Scope::Bind, &**protocol)?;
            // A protocol that is only known by name says so.
            if let Some(refusal) = protocol.refuses(Kind::Stream) {
                return Err(mistake(span, format!("cannot listen on {address}: {refusal}")));
            }
        }
        Ok(found)
    }

    /// Binds an address; a failure is reported with its line, and what the socket is for.
    pub fn bind_address(
        &self,
        bind: BindAddress,
        purpose: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Box<dyn BoundSocket>> {
        let BindAddress { span, address, socket, settings, share, protocol } = bind;
        match protocol.bind(BindSpec { address, settings, socket, share }, self.kernel) {
            Ok(bound) => {
                warn(&bound.warnings, span, diagnostics);
                Some(bound.socket)
            }
            Err(error) => {
                diagnostics.push(Diagnostic::alert(span, format!("cannot listen for {purpose}: {error}")));
                None
            }
        }
    }
}
