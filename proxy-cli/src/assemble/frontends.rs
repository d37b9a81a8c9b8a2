//! Frontends: places to listen at, and what is known of their sessions.

use std::collections::HashMap;
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, Host, InheritedSocket};
use proto_core::error::BindError;
use proto_core::extension::Scope;
use proto_core::options::SocketOption;
use proto_core::spec::{BindSpec, Settings};
use proxy_config::endpoint::{Bind, Binds};
use proxy_config::{
    Configuration, Diagnostic, Diagnostics, Identity, Kind, Parsed, Section, Span, default_backend, mistake,
};
use proxy_engine::settings::{BindName, MaxConn, TcpTuning, Timeouts};
use proxy_engine::{Backend, FrontendConfig, ListenerConfig, LogMoment, LogOptions};
use proxy_relay::SideLimits;

use super::logs::PlannedLogs;
use super::{Assembly, number, tell};

/// A frontend before it has sockets.
#[derive(Debug)]
pub(crate) struct PlannedFrontend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) places: Vec<Place>,
    pub(crate) logs: PlannedLogs,
    backend: Option<String>,
    client: SideLimits,
    maxconn: Option<usize>,
    options: Vec<SocketOption>,
}

/// One address to listen on.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) span: Span,
    pub(crate) protocol: Arc<dyn Protocol>,
    pub(crate) address: Address,
    /// If it was inherited.
    pub(crate) socket: Option<OwnedFd>,
    pub(crate) settings: Settings,
    /// Whether another place overlaps with it.
    pub(crate) share: bool,
    name: Option<String>,
    id: u32,
    maxconn: Option<usize>,
}

impl Assembly<'_> {
    pub(super) fn frontend(
        &self,
        section: &Section,
        configuration: &Configuration,
        inherited: &mut Vec<RawFd>,
        diagnostics: &mut Diagnostics,
    ) -> PlannedFrontend {
        let none = Binds::default();
        let Binds(binds) = section.get().unwrap_or(&none);
        let mut places = Vec::new();
        for bind in binds {
            let found = self.places(section, bind, places.len(), inherited);
            places.extend(diagnostics.take(found).unwrap_or_default());
        }
        if binds.is_empty() && section.kind == Kind::Frontend {
            let message = format!("frontend '{}' has no 'bind' directive", section.name);
            let help = "nobody can reach it";
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        }
        let timeouts: Timeouts = section.values.get_or_default();
        let tuning: TcpTuning = section.values.get_or_default();
        let backend = match default_backend(section) {
            Some(name) => Some(name.value.clone()),
            None => section.kind.is_backend().then(|| section.name.value.clone()),
        };
        PlannedFrontend {
            name: section.name.value.clone(),
            id: number(section),
            places,
            logs: self.logs(section, configuration, diagnostics),
            backend,
            client: SideLimits { inactivity: timeouts.client, fin: timeouts.client_fin },
            maxconn: section.get::<MaxConn>().map_or(self.maxconn, |maxconn| maxconn.limit()),
            options: tuning.smart_accept.then_some(SocketOption::DelayAck).into_iter().collect(),
        }
    }

    /// Each place of a bind line. `before` are those of the lines before it.
    fn places(
        &self,
        section: &Section,
        bind: &Bind,
        before: usize,
        inherited: &mut Vec<RawFd>,
    ) -> Parsed<Vec<Place>> {
        let parameters = &bind.parameters;
        let mut settings = parameters.settings.clone();
        let tuning: TcpTuning = section.values.get_or_default();
        tuning.client.apply(&mut settings);
        if tuning.no_linger {
            settings.options.set(SocketOption::NoLinger);
        }
        let values = &parameters.values;
        let mut places = Vec::new();
        for spec in &bind.addresses {
            let mut add = |protocol: Arc<dyn Protocol>, address, socket| {
                let place = before + places.len() + 1;
                places.push(Place {
                    span: bind.span,
                    protocol,
                    address,
                    socket,
                    settings: settings.clone(),
                    share: false,
                    name: values.get::<BindName>().map(|name| name.0.clone()),
                    id: values.get::<Identity>().map_or(u32::try_from(place).unwrap_or(u32::MAX), |id| id.0),
                    maxconn: values.get::<MaxConn>().and_then(|maxconn| maxconn.limit()),
                });
            };
            if let Host::Fd(fd) = spec.host {
                let taken = InheritedSocket::take(fd, spec.selector.socket_type)
                    .map_err(|error| mistake(bind.span, error.to_string()))?;
                inherited.push(fd);
                let owner = self.registry.owner_of(&taken.facts).cloned();
                let nobodys = || mistake(bind.span, "no protocol of this binary owns such a socket");
                add(owner.ok_or_else(nobodys)?, taken.facts.address, Some(taken.socket));
                continue;
            }
            let spec = self.resolved(spec, bind.span)?;
            for address in spec.addresses().map_err(|error| mistake(bind.span, error.to_string()))? {
                add(self.protocol(&spec, &address, bind.span)?, address, None);
            }
        }
        for place in &places {
            if let Some(keyword) = parameters.foreign_to(self.registry, Scope::Bind, &*place.protocol) {
                let name = place.protocol.descriptor().name;
                return Err(mistake(keyword.span, format!("'{keyword}' is not one of {name}")));
            }
            // A protocol that is there in name only says so.
            if let Some(refusal) = place.protocol.refuses(proto_core::protocol::Kind::Stream) {
                return Err(mistake(bind.span, format!("{}: {refusal}", place.address)));
            }
        }
        Ok(places)
    }

    /// Binds all places of a frontend; failures are told, each with its line.
    pub(crate) fn bind(
        &self,
        planned: PlannedFrontend,
        backends: &HashMap<String, Arc<Backend>>,
        diagnostics: &mut Diagnostics,
    ) -> (FrontendConfig, PlannedLogs) {
        let mut listeners = Vec::with_capacity(planned.places.len());
        for place in planned.places {
            let Place { span, protocol, address, socket, settings, share, name, id, maxconn } = place;
            match protocol.bind(BindSpec { address, settings, socket, share }, self.kernel) {
                Ok(bound) => {
                    tell(&bound.warnings, span, diagnostics);
                    listeners.push(ListenerConfig { socket: bound.socket, name, id, maxconn });
                }
                Err(error) => {
                    let error: BindError = error;
                    let message = format!("cannot listen for frontend '{}': {error}", planned.name);
                    diagnostics.push(Diagnostic::alert(span, message));
                }
            }
        }
        let logs = planned.logs;
        let moment = match logs.options {
            _ if logs.is_silent() => LogMoment::Never,
            options if !options.tcplog => LogMoment::Accepted,
            options if options.as_soon_as_possible => LogMoment::Connected,
            _ => LogMoment::Ended,
        };
        let config = FrontendConfig {
            maxconn: planned.maxconn,
            client: planned.client,
            backend: planned.backend.and_then(|name| backends.get(&name).cloned()),
            log: LogOptions { moment, connections: moment != LogMoment::Never },
            options: planned.options,
            ..FrontendConfig::new(planned.name, planned.id, listeners)
        };
        (config, logs)
    }
}
