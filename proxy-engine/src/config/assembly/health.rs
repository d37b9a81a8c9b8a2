//! Makes the check of a server: what it does, and how each of its connections is opened.

use std::sync::Arc;

use proto_core::address::{Address, AddressSpec, Port, Selector};
use proto_core::layer::Layer;
use proto_core::prefix::Target;
use proto_core::protocol::{Connector, Slot, SocketType};
use proto_core::spec::ServerSpec;
use proxy_config::endpoint::Server as ServerLine;
use proxy_config::layers::{ChosenLayer, LayerPlace, Said, Via};
use proxy_config::{Configuration, Diagnostics, Parsed, Scope, Section, Span, mistake};
use proxy_health::rules::Connect;
use proxy_health::{
    CheckPlan, CheckTransport, Choice, Deadlines, ExternalChecks, ExternalCommand, LogHealthChecks, Observe,
    ServerCheck,
};

use super::server::Route;
use super::{Assembly, warn};
use crate::policy::{HttpTuning, Timeouts};
use crate::upstream::{CheckRoute, CheckTarget, ExternalCheck, FilesLimit, HealthCheck};

impl Assembly<'_> {
    /// Returns the check of a server, if it is checked.
    ///
    /// # Errors
    /// A protocol or a layer does not support what the lines say.
    pub(super) fn health_check(
        &self,
        configuration: &Configuration,
        section: &Section,
        line: &ServerLine,
        of_server: &Route,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Option<HealthCheck>> {
        let values = &line.parameters.values;
        let check: ServerCheck = values.get_or_default();
        if !check.enabled {
            return Ok(None);
        }
        let plan = CheckPlan::of_server(configuration, section, values);
        let external = matches!(plan.choice(), Some(Choice::External)).then(|| self.external_check(section));
        let rules = Arc::new(plan.ruleset());
        let mut routes = Vec::new();
        for connect in rules.connections() {
            routes.push(self.check_route(line, &check, connect, of_server, diagnostics)?);
        }
        let address = match &check.address {
            Some(given) => Some(one_address(&self.resolve(&given.value, given.span)?, given.span)?),
            None => None,
        };
        let target = CheckTarget { address, port: check.port };
        let timeouts: Timeouts = section.values.get_or_default();
        let tuning: HttpTuning = self.global.get_or_default();
        let limit = section.values.get_or_default();
        let node = rules.send_state.then(|| self.node.as_str().into());
        Ok(Some(HealthCheck {
            rules,
            external: external.flatten(),
            routes,
            target,
            intervals: check.intervals,
            spread: self.global.get_or_default(),
            deadlines: Deadlines::new(check.intervals.normal, timeouts.connect, limit),
            tally: check.tally(),
            observer: values.get_or_default::<Observe>().observer(),
            buffer: tuning.bufsize,
            node,
            is_logged: section.values.get_or_default::<LogHealthChecks>().0,
        }))
    }

    /// Returns the command that checks the servers of a section.
    fn external_check(&self, section: &Section) -> Option<ExternalCheck> {
        let ExternalCommand { command, path, .. } = section.values.get_or_default();
        Some(ExternalCheck {
            command: command?.value,
            path: path.unwrap_or_default(),
            keeps_environment: self.global.get_or_default::<ExternalChecks>().preserve_env,
            // The limit of the process is raised later.
            files: FilesLimit::current(),
        })
    }

    /// Returns the means of opening one of the connections of a check.
    fn check_route(
        &self,
        line: &ServerLine,
        check: &ServerCheck,
        connect: &Connect,
        of_server: &Route,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<CheckRoute> {
        let given = connect.address.as_ref().or(check.address.as_ref());
        let span = given.map_or(line.address_span, |given| given.span);
        let transport = check.transport(connect);
        let via = line.parameters.values.get::<Via>().filter(|_| check.goes_via_socks4(connect));
        let via = via.map(|via| via.0.clone());
        let layers = self.check_layers(line, check, connect, of_server, transport);
        let spec = match given {
            Some(given) => self.resolve(&given.value, given.span)?,
            None => line.address.clone(),
        };
        let address = given.map(|_| one_address(&spec, span)).transpose()?;
        let selector = match transport {
            CheckTransport::OfServer => line.address.selector,
            CheckTransport::OfAddress => spec.selector,
            CheckTransport::Tcp => stream(Slot::Default),
            CheckTransport::Mptcp => stream(Slot::Alternate),
        };
        let is_same = address.is_none() && via == of_server.via && selector == line.address.selector;
        let connector = if is_same {
            Arc::clone(&of_server.connector)
        } else {
            let target = via.as_ref().or(address.as_ref()).unwrap_or(&of_server.address);
            self.check_connector(&selector, target, of_server, span, diagnostics)?
        };
        let of_step = connect.address.as_ref();
        Ok(CheckRoute {
            connector,
            port: of_step.and_then(|given| fixed_port(&given.value)),
            address: address.filter(|_| of_step.is_some()),
            via,
            layers,
            is_native: transport == CheckTransport::Mptcp,
        })
    }

    /// Returns the means of opening connections to an address in place of that of the server.
    pub(super) fn check_connector(
        &self,
        selector: &Selector,
        target: &Address,
        of_server: &Route,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Arc<dyn Connector>> {
        let protocol = match self.registry.select(selector, target.family()) {
            Some(protocol) => protocol,
            // Sockets that are no Internet sockets have one transport only.
            None => &of_server.protocol,
        };
        let (settings, any_family) = (of_server.settings.clone(), false);
        let spec = ServerSpec { address: target.clone(), settings, any_family };
        let made = protocol.connector(spec, self.kernel).map_err(|error| mistake(span, error.to_string()))?;
        warn(&made.warnings, span, diagnostics);
        Ok(made.connector)
    }

    /// Returns the layers of a connection: those of the server's address with its transport, and those of the product
    /// that checks have.
    fn check_layers(
        &self,
        line: &ServerLine,
        check: &ServerCheck,
        connect: &Connect,
        of_server: &Route,
        transport: CheckTransport,
    ) -> Vec<Arc<dyn Layer>> {
        let values = &line.parameters.values;
        let plain = Said { line: values, global: &self.global, forced: None };
        let of_line = ChosenLayer::of_line(Scope::Server, plain);
        let has = |place| of_line.iter().any(|(other, _)| *other == place);
        let (sends_proxy, is_via) =
            (check.sends_proxy(connect, has(LayerPlace::Preamble)), check.goes_via_socks4(connect));
        let forced = Some(LayerPlace::Preamble).filter(|_| sends_proxy && !has(LayerPlace::Preamble));
        let chosen = ChosenLayer::of_line(Scope::Server, Said { forced, ..plain });
        let mut layers: Vec<_> = chosen
            .into_iter()
            .filter(|(place, _)| match place {
                LayerPlace::Route => is_via,
                LayerPlace::Preamble => sends_proxy,
                LayerPlace::Address | LayerPlace::Security => false,
            })
            .map(|(_, layer)| layer)
            .collect();
        if transport == CheckTransport::OfServer {
            // What the address names is part of its transport.
            let named = of_server.layers.iter().filter(|layer| line.address.layers.contains(&layer.name()));
            layers.extend(named.cloned());
        }
        layers
    }
}

/// Selects a stream by its place in the table of protocols.
pub(super) fn stream(slot: Slot) -> Selector {
    Selector { socket_type: SocketType::Stream, target: Target::Slot(slot), families: None }
}

fn fixed_port(spec: &AddressSpec) -> Option<u16> {
    match spec.port {
        Port::One(port) => Some(port),
        _ => None,
    }
}

/// Returns the address of a check.
pub(super) fn one_address(spec: &AddressSpec, span: Span) -> Parsed<Address> {
    let addresses = spec.addresses().map_err(|error| mistake(span, error.to_string()))?;
    match &addresses[..] {
        [address] => Ok(address.clone()),
        _ => Err(mistake(span, "a check must have exactly one address")),
    }
}
