//! Places to listen at: from the addresses of a line to bound sockets.

use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, AddressSpec, Host, InheritedSocket};
use proto_core::extension::Scope;
use proto_core::protocol::{BoundSocket, Kind};
use proto_core::spec::{BindSpec, Settings};
use proxy_config::endpoint::Parameters;
use proxy_config::{Diagnostic, Diagnostics, Parsed, Span, mistake};

use super::{Assembly, tell};

/// One address to listen on.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) span: Span,
    pub(crate) address: Address,
    /// If it was inherited.
    pub(crate) socket: Option<OwnedFd>,
    pub(crate) settings: Settings,
    /// Whether another place overlaps with it.
    pub(crate) share: bool,
    protocol: Arc<dyn Protocol>,
}

impl Assembly<'_> {
    /// Each place of a line. Descriptors that it names are added to `inherited`.
    pub(super) fn places(
        &self,
        span: Span,
        addresses: &[AddressSpec],
        parameters: &Parameters,
        settings: &Settings,
        inherited: &mut Vec<RawFd>,
    ) -> Parsed<Vec<Place>> {
        let mut places = Vec::new();
        let place = |protocol, address, socket| {
            let settings = settings.clone();
            Place { span, address, socket, settings, share: false, protocol }
        };
        for spec in addresses {
            if let Host::Fd(fd) = spec.host {
                let taken = InheritedSocket::take(fd, spec.selector.socket_type)
                    .map_err(|error| mistake(span, error.to_string()))?;
                inherited.push(fd);
                let owner = self.registry.owner_of(&taken.facts).cloned();
                let nobodys = || {
                    let message = format!(
                        "file descriptor {fd} is a socket of a kind that no protocol of this binary owns"
                    );
                    mistake(span, message)
                };
                places.push(place(owner.ok_or_else(nobodys)?, taken.facts.address, Some(taken.socket)));
                continue;
            }
            let spec = self.resolved(spec, span)?;
            for address in spec.addresses().map_err(|error| mistake(span, error.to_string()))? {
                places.push(place(self.protocol(&spec, &address, span)?, address, None));
            }
        }
        for place in &places {
            if let Some(keyword) = parameters.foreign_to(self.registry, Scope::Bind, &*place.protocol) {
                return Err(self.foreign(keyword, Scope::Bind, &*place.protocol));
            }
            // A protocol that is there in name only says so.
            if let Some(refusal) = place.protocol.refuses(Kind::Stream) {
                return Err(mistake(span, format!("cannot listen on {}: {refusal}", place.address)));
            }
        }
        Ok(places)
    }

    /// Binds a place; a failure is told with its line, and whom it is for.
    pub(super) fn bind_place(
        &self,
        place: Place,
        whom: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Box<dyn BoundSocket>> {
        let Place { span, address, socket, settings, share, protocol } = place;
        match protocol.bind(BindSpec { address, settings, socket, share }, self.kernel) {
            Ok(bound) => {
                tell(&bound.warnings, span, diagnostics);
                Some(bound.socket)
            }
            Err(error) => {
                diagnostics.push(Diagnostic::alert(span, format!("cannot listen for {whom}: {error}")));
                None
            }
        }
    }
}
