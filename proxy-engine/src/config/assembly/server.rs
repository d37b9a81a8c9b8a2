//! Makes servers of lines: how each is connected to, and its settings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, AddressSpec, Host, Port};
use proto_core::error::Warning;
use proto_core::extension::Scope;
use proto_core::family::Family;
use proto_core::layer::Layer;
use proto_core::options::{SocketOption, SourceField, UseSource};
use proto_core::protocol::Connector;
use proto_core::spec::{ServerSpec, Settings};
use proxy_config::endpoint::{DefaultServer, Server as ServerLine};
use proxy_config::layers::Via;
use proxy_config::{Diagnostic, Diagnostics, Id, Parsed, Section, Values, mistake};
use proxy_health::{ServerCheck, ServerInitState, Tally};
use proxy_rules::format::LayerFormats;

use super::checks::ServerAddress;
use super::server_address::InitialAddress;
use super::{Assembly, Proxy, resolvers, server_options, warn};
use crate::policy::{Backup, Disabled, ServerCookieValue, ServerLimits, SlowStart, Weight};
use crate::{ByFamily, NameResolution, Server, ServerConfig, ServerPort};

/// What a server starts with besides its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerStart {
    /// Its number.
    pub(super) id: u32,
    /// The address that it had in an earlier process.
    pub(super) last: Option<IpAddr>,
}

/// The means of connecting to an address of a server.
#[derive(Clone, Debug)]
pub struct Route {
    /// The address.
    pub address: Address,
    /// The protocol.
    pub protocol: Arc<dyn Protocol>,
    /// The settings of the line and of its section for the protocol.
    pub settings: Settings,
    /// The connector of the protocol.
    pub connector: Arc<dyn Connector>,
    /// The address to connect to instead, if a layer asks another host to forward.
    pub via: Option<Address>,
    /// The layers on a connection, the one next to the transport first.
    pub layers: Vec<Arc<dyn Layer>>,
    /// Whether connections use the client's address as their source.
    pub is_personal: bool,
    /// The header field that names the source address of connections.
    pub source_field: Option<SourceField>,
    /// The options that the kernel refused.
    pub warnings: Vec<Warning>,
}

impl Assembly<'_> {
    pub(super) fn server(
        &self,
        proxy: &Proxy<'_>,
        line: &ServerLine,
        start: ServerStart,
        all: &mut Vec<ServerAddress>,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Server> {
        let Proxy { configuration, section, ref resolvers, .. } = *proxy;
        let resolution = resolvers::of_server(line, resolvers)?;
        let InitialAddress { mut spec, others, unresolved } = self.initial_address(line, start.last)?;
        if let Port::Offset(_) = spec.port {
            spec.port = Port::None;
        }
        let (span, parameters) = (line.address_span, &line.parameters);
        let addresses = spec.addresses().map_err(|error| mistake(span, error.to_string()))?;
        let [address] = &addresses[..] else {
            return Err(mistake(span, "a server must have exactly one address"));
        };
        let mut route = self.route(section, line, address, diagnostics)?;
        warn(&route.warnings, span, diagnostics);
        let alternatives = alternatives(&others, &route).filter(|_| resolution.is_none());
        if resolution.is_some() {
            route.connector = self.by_family(section, line, address, &route);
        }
        let resets = route.settings.options.has(&SocketOption::NoLinger);
        let health = self.health_check(configuration, section, line, &route, diagnostics)?;
        let agent = self.agent_check(section, line, &route, diagnostics)?;
        let Route { protocol, settings, layers, .. } = route;
        all.push(ServerAddress {
            span,
            address: address.clone(),
            settings,
            layers: layers.clone(),
            protocol,
        });
        let values = &parameters.values;
        let ServerLimits { maxconn, minconn, maxqueue } = values.get_or_default();
        Ok(Server::new(ServerConfig {
            name: line.name.value.clone(),
            id: start.id,
            connector: route.connector,
            address: address.clone(),
            alternatives,
            // SRV records have ports.
            port: match &resolution {
                Some(NameResolution { service: Some(_), .. }) => ServerPort::Fixed,
                _ => port(line),
            },
            weight: values.get_or_default::<Weight>().0,
            backup: values.get_or_default::<Backup>().0,
            cookie: values.get::<ServerCookieValue>().map(|cookie| cookie.0.clone()),
            disabled: values.get_or_default::<Disabled>().0,
            unresolved,
            init_state: values.get::<ServerInitState>().map(|init| init.0.value),
            health,
            agent,
            unchecked: unchecked(section, values),
            slowstart: values.get_or_default::<SlowStart>().0,
            on_marked: values.get_or_default(),
            host: match &line.address.host {
                // The servers of a service have names of their own.
                Host::Name(_) if resolution.as_ref().is_some_and(|of| of.service.is_some()) => None,
                Host::Name(name) => Some(name.as_str().to_owned()),
                _ => None,
            },
            hash_key: values.get_or_default(),
            resolution,
            maxconn,
            minconn,
            is_id_given: values.get::<Id>().is_some(),
            maxqueue,
            pool: values.get_or_default(),
            is_personal: route.is_personal,
            resets,
            via: route.via,
            layers,
            formats: values.get_or_default::<LayerFormats>().0,
            source_field: route.source_field,
        }))
    }

    /// Returns the connector of a server whose name may have addresses of both families.
    fn by_family(
        &self,
        section: &Section,
        line: &ServerLine,
        address: &Address,
        route: &Route,
    ) -> Arc<dyn Connector> {
        let Some(inet) = address.inet() else { return Arc::clone(&route.connector) };
        let (v4, v6) = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let other = if inet.is_ipv4() { v6 } else { v4 };
        if !line.address.admits(other) {
            return Arc::clone(&route.connector);
        }
        let other = SocketAddr::new(other, inet.port()).into();
        // What is wrong with the other family has no effect unless the name has such an address.
        let Ok(other) = self.route(section, line, &other, &mut Diagnostics::default()) else {
            return Arc::clone(&route.connector);
        };
        let own = Arc::clone(&route.connector);
        Arc::new(match inet.is_ipv4() {
            true => ByFamily { v4: own, v6: other.connector },
            false => ByFamily { v4: other.connector, v6: own },
        })
    }

    /// Returns the means of connecting to an address of a server.
    ///
    /// # Errors
    /// The protocol or a layer does not support what the line says.
    pub fn route(
        &self,
        section: &Section,
        line: &ServerLine,
        address: &Address,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Route> {
        let (span, parameters, spec) = (line.address_span, &line.parameters, &line.address);
        let via = parameters.values.get::<Via>().map(|via| &via.0);
        if via.is_some() && address.family() != Family::INET4 {
            return Err(mistake(span, "SOCKS4 supports only IPv4 servers"));
        }
        let protocol = self.protocol(spec, via.unwrap_or(address), span)?;
        self.check_keywords(parameters, Scope::Server, &*protocol, &spec.layers)?;
        if parameters.settings.options.has(&SocketOption::FastOpen) {
            // The connection is made before the client has sent anything.
            let message = "'tfo' has no effect on this server: nothing is sent when it connects";
            diagnostics.push(Diagnostic::warning(span, message));
        }
        let mut settings =
            server_options::with_defaults(&parameters.settings, section, address, span, diagnostics);
        settings.sections = self.sections.clone();
        if self.unprivileged {
            server_options::refuse_privileged(&settings, span)?;
        }
        let is_personal = depends_on_client(&settings);
        let source_field = source_field(&settings);
        let layers = self.layers(&spec.layers, Scope::Server, &settings, &parameters.values, span)?;
        let any_family = spec.selector.families.is_none_or(|families| families.len() > 1);
        let spec =
            ServerSpec { address: via.unwrap_or(address).clone(), settings: settings.clone(), any_family };
        let made = protocol.connector(spec, self.kernel).map_err(|error| mistake(span, error.to_string()))?;
        Ok(Route {
            address: address.clone(),
            protocol,
            settings,
            connector: made.connector,
            via: via.cloned(),
            layers: layers.all,
            is_personal,
            source_field,
            warnings: made.warnings,
        })
    }
}

/// Returns the other addresses of a name that the protocol supports. A host that forwards is given only one.
fn alternatives(others: &[AddressSpec], route: &Route) -> Option<Arc<[Address]>> {
    let fixed = |spec: &AddressSpec| match spec.port {
        Port::Offset(_) => AddressSpec { port: Port::None, ..spec.clone() },
        _ => spec.clone(),
    };
    let addresses = others.iter().filter_map(|spec| fixed(spec).addresses().ok()).flatten();
    let served: Vec<Address> = addresses
        .filter(|address| route.protocol.descriptor().families.contains(&address.family()))
        .collect();
    let are_tried = route.connector.tries_alternatives() && route.via.is_none();
    (are_tried && !served.is_empty()).then(|| served.into())
}

/// Returns the tally of a server that is not checked. As in HAProxy it says up only where a `default-server` line is in
/// force.
fn unchecked(section: &Section, values: &Values) -> Tally {
    let mut tally = values.get_or_default::<ServerCheck>().tally();
    if section.get::<DefaultServer>().is_none() {
        tally.empty();
    }
    tally
}

fn port(line: &ServerLine) -> ServerPort {
    match line.address.port {
        Port::Offset(offset) => ServerPort::Offset(offset),
        Port::None => ServerPort::Offset(0),
        Port::One(_) | Port::Range(..) => ServerPort::Fixed,
    }
}

/// Returns whether the source address of connections is taken from the client.
fn depends_on_client(settings: &Settings) -> bool {
    settings
        .options
        .iter()
        .any(|option| matches!(option, SocketOption::UseSource(UseSource::Client | UseSource::ClientIp)))
}

/// Returns the header field that names the source address of connections.
fn source_field(settings: &Settings) -> Option<SourceField> {
    settings.options.find(|option| match option {
        SocketOption::UseSource(UseSource::Field(field)) => Some(field.clone()),
        _ => None,
    })
}
