//! Makes the `resolvers` sections, and finds the one of a server.

use std::net::SocketAddr;
use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::{Address, Host, Selector};
use proto_core::protocol::{Connector, SocketType};
use proto_core::spec::{ServerSpec, Settings};
use proxy_config::endpoint::Server as ServerLine;
use proxy_config::{Configuration, Diagnostics, Kind, Parsed, Values, mistake};
use proxy_resolve::DomainName;
use proxy_resolve::settings::{
    AcceptFamily, FILE, NameServerLine, NameServers, ResolveOptions, ResolversName, SectionPolicy,
    system_servers,
};

use proxy_rules::{NamedResolvers, ResolveNames};

use super::Assembly;
use crate::{NameResolution, NameServer, ResolverConfig, ResolverSection, Way};

/// The name of the section that exists without being written, with the name servers of the system.
const DEFAULT: &str = "default";

impl Assembly<'_> {
    /// Makes the sections of a configuration, and the default one if the system has name servers.
    pub(super) fn resolvers(
        &self,
        configuration: &Configuration,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Arc<ResolverSection>> {
        let mut sections = Vec::new();
        for section in configuration.shared(Kind::Resolvers) {
            let NameServers(lines) = section.values.get_or_default();
            let made = lines.iter().filter_map(|line| diagnostics.take(self.name_server(line))).collect();
            sections.push(self.resolver(&section.name.value, &section.values, made));
        }
        let has_default = configuration.shared(Kind::Resolvers).any(|section| section.name.value == DEFAULT);
        if !has_default && let Some(section) = self.default_resolver() {
            sections.push(section);
        }
        sections
    }

    fn resolver(&self, name: &str, values: &Values, servers: Vec<NameServer>) -> Arc<ResolverSection> {
        ResolverSection::new(ResolverConfig {
            name: name.to_owned(),
            policy: values.get_or_default::<SectionPolicy>().0,
            servers,
            families: self.global.get_or_default::<AcceptFamily>(),
        })
    }

    /// Makes the section with the name servers of the system. As in HAProxy, there is none if they cannot be read.
    fn default_resolver(&self) -> Option<Arc<ResolverSection>> {
        let text = std::fs::read(FILE).ok()?;
        let found = system_servers(&String::from_utf8_lossy(&text));
        let server = |(name, address): (String, SocketAddr)| {
            let stream = self.stream_connector(&address.into()).ok().flatten();
            NameServer { name, way: Way::Datagram(address, stream) }
        };
        let servers: Vec<_> = found.into_iter().map(server).collect();
        (!servers.is_empty()).then(|| self.resolver(DEFAULT, &Values::default(), servers))
    }

    fn name_server(&self, line: &NameServerLine) -> Parsed<NameServer> {
        let spec = self.resolve(&line.address, line.span)?;
        let addresses = spec.addresses().map_err(|error| mistake(line.span, error.to_string()))?;
        let [address] = &addresses[..] else {
            return Err(mistake(line.span, "a name server must have exactly one address"));
        };
        let way = match spec.selector.socket_type {
            SocketType::Stream => {
                let protocol = self.protocol(&spec, address, line.span)?;
                let connector = self.plain_connector(&*protocol, address);
                Way::Stream(address.clone(), connector.map_err(|why| mistake(line.span, why))?)
            }
            SocketType::Datagram => {
                let Some(inet) = address.inet() else {
                    return Err(mistake(
                        line.span,
                        "name servers at UNIX datagram sockets are not supported yet",
                    ));
                };
                let stream = self.stream_connector(address).map_err(|why| mistake(line.span, why))?;
                Way::Datagram(inet, stream)
            }
        };
        Ok(NameServer { name: line.name.value.clone(), way })
    }

    /// Returns the means of asking again over a stream, if there are streams to this address.
    fn stream_connector(&self, address: &Address) -> Result<Option<Arc<dyn Connector>>, String> {
        let protocol = self.registry.select(&Selector::plain(SocketType::Stream), address.family());
        protocol.map(|protocol| self.plain_connector(&**protocol, address)).transpose()
    }

    fn plain_connector(
        &self,
        protocol: &dyn Protocol,
        address: &Address,
    ) -> Result<Arc<dyn Connector>, String> {
        let spec = ServerSpec { address: address.clone(), settings: Settings::default(), any_family: false };
        let made = protocol.connector(spec, self.kernel).map_err(|error| error.to_string())?;
        Ok(made.connector)
    }
}

/// Returns what resolves the name of a server while it runs.
pub(super) fn of_server(
    line: &ServerLine,
    sections: &[Arc<ResolverSection>],
) -> Parsed<Option<NameResolution>> {
    let values = &line.parameters.values;
    let host = match &line.address.host {
        Host::Name(name) => Some(name),
        _ => None,
    };
    let service = host.and_then(|name| DomainName::parse(name.as_str())).filter(DomainName::is_service);
    let Some(ResolversName(name)) = values.get() else {
        return match service {
            Some(service) => {
                let message = format!("'{service}' is a service: its servers are found by 'resolvers' only");
                Err(mistake(line.address_span, message))
            }
            None => Ok(None),
        };
    };
    if !matches!(line.address.host, Host::Name(_) | Host::Ip(_)) {
        return Err(mistake(
            name.span,
            "'resolvers' has no effect on a server without a name or an IP address",
        ));
    }
    let Some(section) = sections.iter().find(|section| section.config().name == name.value) else {
        return match name.value == DEFAULT {
            true => Err(mistake(
                name.span,
                "there is no resolvers section 'default', nor name servers of the system",
            )),
            // A check has reported it.
            false => Ok(None),
        };
    };
    let ResolveOptions(preference) = values.get_or_default();
    Ok(Some(NameResolution { section: Arc::clone(section), preference, service }))
}

/// Finds the sections that rules name.
pub(super) fn find_named(
    configuration: &Configuration,
    sections: &[Arc<ResolverSection>],
    diagnostics: &mut Diagnostics,
) {
    let NamedResolvers(all) = configuration.references.get_or_default();
    for named in &all {
        match sections.iter().find(|section| section.config().name == named.name) {
            Some(section) => named.found(Arc::clone(section) as Arc<dyn ResolveNames>),
            None => {
                let message = format!("there is no resolvers section '{}'", named.name);
                diagnostics.push(*mistake(named.span, message));
            }
        }
    }
}
