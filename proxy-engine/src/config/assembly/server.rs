//! Servers: from a line to a connector and what is known of the server.

use proto_core::address::Port;
use proto_core::extension::Scope;
use proto_core::family::Family;
use proto_core::options::{SocketOption, UseSource};
use proto_core::spec::{ServerSpec, Settings};
use proxy_config::endpoint::Server as ServerLine;
use proxy_config::layers::Via;
use proxy_config::{Diagnostic, Diagnostics, Parsed, Section, mistake};
use proxy_rules::format::LayerFormats;

use super::checks::ServerAddress;
use super::server_address::InitialAddress;
use super::{Assembly, server_options, warn};
use crate::policy::{Backup, Disabled, ServerLimits, Weight};
use crate::{Server, ServerConfig, ServerPort};

impl Assembly<'_> {
    pub(super) fn server(
        &self,
        section: &Section,
        line: &ServerLine,
        id: u32,
        all: &mut Vec<ServerAddress>,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Server> {
        let InitialAddress { mut spec, unresolved } = self.initial_address(line)?;
        if let Port::Offset(_) = spec.port {
            spec.port = Port::None;
        }
        let (span, parameters) = (line.address_span, &line.parameters);
        let addresses = spec.addresses().map_err(|error| mistake(span, error.to_string()))?;
        let [address] = &addresses[..] else {
            return Err(mistake(span, "a server has one address"));
        };
        let via = parameters.values.get::<Via>().map(|via| &via.0);
        if via.is_some() && address.family() != Family::INET4 {
            return Err(mistake(span, "SOCKS4 leads to servers of IPv4 only"));
        }
        let protocol = self.protocol(&spec, via.unwrap_or(address), span)?;
        self.check_keywords(parameters, Scope::Server, &*protocol, &spec.layers)?;
        if parameters.settings.options.has(&SocketOption::FastOpen) {
            // The connection is made before the client's first bytes are waited for.
            let message = "'tfo' is not used on this server, there is nothing to send at once";
            diagnostics.push(Diagnostic::warning(span, message));
        }
        let mut settings =
            server_options::with_defaults(&parameters.settings, section, address, span, diagnostics);
        settings.sections = self.sections.clone();
        if self.unprivileged {
            server_options::refuse_privileged(&settings, span)?;
        }
        let is_personal = depends_on_client(&settings);
        let layers = self.layers(&spec.layers, Scope::Server, &settings, &parameters.values, span)?;
        let any_family = spec.selector.families.is_none_or(|families| families.len() > 1);
        let spec =
            ServerSpec { address: via.unwrap_or(address).clone(), settings: settings.clone(), any_family };
        let made = protocol.connector(spec, self.kernel).map_err(|error| mistake(span, error.to_string()))?;
        warn(&made.warnings, span, diagnostics);
        all.push(ServerAddress {
            span,
            address: address.clone(),
            settings,
            layers: layers.all.clone(),
            protocol,
        });
        let values = &parameters.values;
        let ServerLimits { maxconn, maxqueue } = values.get_or_default();
        Ok(Server::new(ServerConfig {
            name: line.name.value.clone(),
            id,
            connector: made.connector,
            address: address.clone(),
            port: port(line),
            weight: values.get_or_default::<Weight>().0,
            backup: values.get_or_default::<Backup>().0,
            disabled: values.get_or_default::<Disabled>().0,
            unresolved,
            maxconn,
            maxqueue,
            pool: values.get_or_default(),
            is_personal,
            via: via.cloned(),
            layers: layers.all,
            formats: values.get_or_default::<LayerFormats>().0,
        }))
    }
}

fn port(line: &ServerLine) -> ServerPort {
    match line.address.port {
        Port::Offset(offset) => ServerPort::Offset(offset),
        Port::None => ServerPort::Offset(0),
        Port::One(_) | Port::Range(..) => ServerPort::Fixed,
    }
}

/// Whether the source address of connections is taken from the client.
fn depends_on_client(settings: &Settings) -> bool {
    settings.options.iter().any(|option| {
        matches!(option, SocketOption::UseSource(source) if !matches!(source, UseSource::Address(_)))
    })
}
