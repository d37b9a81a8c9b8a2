//! Backends: servers, how they are reached, how they are chosen.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use proto_core::address::{Address, AddressSpec, Host, Port};
use proto_core::extension::Scope;
use proto_core::options::{SocketOption, UseSource};
use proto_core::spec::{ServerSpec, Settings};
use proxy_config::endpoint::{Server as ServerLine, Servers};
use proxy_config::{Configuration, Diagnostic, Diagnostics, Identity, Parsed, Section, Span, mistake};
use proxy_engine::balance;
use proxy_engine::policy::{
    AllBackups, Backup, Balancing, Disabled, HttpPolicy, InitAddr, InitAddrs, Redispatch, Retries,
    ServerLimits, SourceAddress, TcpTuning, Timeouts, Weight,
};
use proxy_engine::{Backend, BackendConfig, BackendTimeouts, Server, ServerConfig, ServerPort};
use proxy_relay::SideLimits;

use super::{Assembly, numbers, tell};
use crate::process::Uid;
use crate::settings::confinement;

impl Assembly<'_> {
    pub(super) fn backend(
        &self,
        section: &Section,
        id: u32,
        http: Option<Arc<HttpPolicy>>,
        configuration: &Configuration,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<Backend>> {
        let none = Servers::default();
        let Servers(lines) = section.get().unwrap_or(&none);
        check_names(lines, diagnostics);
        let mut servers = Vec::with_capacity(lines.len());
        let given = lines.iter().map(|line| (line.parameters.values.get::<Identity>(), line.name.span));
        for (line, id) in lines.iter().zip(numbers(given, diagnostics)) {
            let server = self.server(section, line, id, configuration, diagnostics);
            servers.extend(diagnostics.take(server));
        }
        let balancing: Balancing = section.values.get_or_default();
        let balance =
            balance::make(&balancing, section.values.get_or_default(), section.values.get_or_default());
        let balance = balance.map_err(|error| mistake(section.span(), error.to_string()));
        let balance = diagnostics.take(balance)?;
        let timeouts: Timeouts = section.values.get_or_default();
        let timeouts = BackendTimeouts {
            connect: timeouts.connect,
            queue: timeouts.queue,
            server: SideLimits { inactivity: timeouts.server, fin: timeouts.server_fin },
            tunnel: timeouts.tunnel,
        };
        let plain = BackendConfig::new(section.name.value.clone(), id, servers, balance);
        Some(Backend::new(BackendConfig {
            http,
            timeouts,
            retries: section.get::<Retries>().map_or(plain.retries, |retries| retries.0),
            redispatch: section.get::<Redispatch>().copied().unwrap_or_default(),
            allbackups: section.get::<AllBackups>().is_some_and(|all| all.0),
            ..plain
        }))
    }

    fn server(
        &self,
        section: &Section,
        line: &ServerLine,
        id: u32,
        configuration: &Configuration,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Server> {
        let port = match line.address.port {
            Port::Offset(offset) => ServerPort::Offset(offset),
            Port::None => ServerPort::Offset(0),
            Port::One(_) | Port::Range(..) => ServerPort::Fixed,
        };
        let values = &line.parameters.values;
        let Initial { mut spec, unresolved } = self.initial(line)?;
        if let Port::Offset(_) = spec.port {
            spec.port = Port::None;
        }
        let span = line.address_span;
        let addresses = spec.addresses().map_err(|error| mistake(span, error.to_string()))?;
        let [address] = &addresses[..] else {
            return Err(mistake(span, "a server has one address"));
        };
        let protocol = self.protocol(&spec, address, span)?;
        let parameters = &line.parameters;
        if let Some(keyword) = parameters.foreign_to(self.registry, Scope::Server, &*protocol) {
            return Err(self.foreign(keyword, Scope::Server, &*protocol));
        }
        if parameters.settings.options.has(&SocketOption::FastOpen) {
            // The connection is made before the client's first bytes are waited for.
            let message = "'tfo' is not used on this server, there is nothing to send at once";
            diagnostics.push(Diagnostic::warning(span, message));
        }
        let settings = with_defaults(&parameters.settings, section, address, span, diagnostics);
        refuse_rights(&settings, configuration, span)?;
        // Whose address it is depends on the client.
        let is_personal = settings.options.iter().any(|option| {
            matches!(option, SocketOption::UseSource(source) if !matches!(source, UseSource::Address(_)))
        });
        let any_family = spec.selector.families.is_none_or(|families| families.len() > 1);
        let spec = ServerSpec { address: address.clone(), settings, any_family };
        let made = protocol.connector(spec, self.kernel).map_err(|error| mistake(span, error.to_string()))?;
        tell(&made.warnings, span, diagnostics);
        let ServerLimits { maxconn, maxqueue } = values.get_or_default();
        let plain = ServerConfig::new(line.name.value.clone(), id, made.connector, address.clone());
        Ok(Server::new(ServerConfig {
            port,
            weight: values.get::<Weight>().map_or(plain.weight, |weight| weight.0),
            backup: values.get::<Backup>().is_some_and(|backup| backup.0),
            unresolved,
            disabled: values.get::<Disabled>().is_some_and(|disabled| disabled.0),
            maxconn,
            maxqueue,
            pool: values.get_or_default(),
            is_personal,
            ..plain
        }))
    }

    /// The address that a server begins with, found in the ways of `init-addr`.
    fn initial(&self, line: &ServerLine) -> Parsed<Initial> {
        let Host::Name(_) = &line.address.host else {
            return Ok(Initial { spec: line.address.clone(), unresolved: false });
        };
        let InitAddrs(ways) = line.parameters.values.get_or_default();
        let mut failure = mistake(line.address_span, "no way of 'init-addr' leads to an address");
        for way in ways {
            match way {
                InitAddr::Last => {}
                InitAddr::Libc => match self.resolved(&line.address, line.address_span) {
                    Ok(spec) => return Ok(Initial { spec, unresolved: false }),
                    Err(error) => failure = error,
                },
                InitAddr::Ip(ip) => return Ok(Initial { spec: line.address.with_ip(ip), unresolved: false }),
                InitAddr::None => {
                    // It stays out of use until somebody gives it an address.
                    let ip = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)]
                        .into_iter()
                        .find(|ip| line.address.admits(*ip));
                    let spec = line.address.with_ip(ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
                    return Ok(Initial { spec, unresolved: true });
                }
            }
        }
        Err(failure)
    }
}

struct Initial {
    spec: AddressSpec,
    unresolved: bool,
}

/// The settings of a line and, where it says nothing, those of its section. What a section says is about IP: servers
/// of other families do without, and nobody is told, since each server of a mixture is as it has to be.
fn with_defaults(
    settings: &Settings,
    section: &Section,
    address: &Address,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Settings {
    let mut settings = settings.clone();
    let Some(inet) = address.inet() else { return settings };
    let tuning: TcpTuning = section.values.get_or_default();
    tuning.server.apply(&mut settings);
    if tuning.no_linger {
        settings.options.set(SocketOption::NoLinger);
    }
    if tuning.smart_connect {
        settings.options.set(SocketOption::DelayAck);
    }
    let has_source = settings.options.iter().any(|option| matches!(option, SocketOption::Source(_)));
    if let Some(SourceAddress(source)) = section.get()
        && !has_source
    {
        let other_family = |option: &SocketOption| match option {
            SocketOption::Source(source) => source.is_ipv4() != inet.ip().to_canonical().is_ipv4(),
            _ => false,
        };
        match source.options.iter().any(other_family) {
            true => {
                let message =
                    "the 'source' of this section is of another address family and is not used here";
                diagnostics.push(Diagnostic::warning(span, message));
            }
            false => source.options.iter().for_each(|option| settings.options.set(option.clone())),
        }
    }
    settings
}

/// Refuses what takes rights on every connection if the process gives them up: it would be done without.
fn refuse_rights(settings: &Settings, configuration: &Configuration, span: Span) -> Parsed {
    if confinement(&configuration.global).user.is_none_or(|user| user == Uid(0)) {
        return Ok(());
    }
    let takes_rights = |option: &&SocketOption| {
        matches!(option, SocketOption::Mark(_) | SocketOption::UseSource(_) | SocketOption::Namespace(_))
    };
    match settings.options.iter().find(takes_rights) {
        None => Ok(()),
        Some(option) => {
            let message =
                format!("'{option}' takes rights that 'user' or 'uid' of the global section gives up");
            Err(mistake(span, message))
        }
    }
}

/// Two servers of one name could not be told apart by a command.
fn check_names(lines: &[ServerLine], diagnostics: &mut Diagnostics) {
    let mut seen = HashMap::with_capacity(lines.len());
    for line in lines {
        if let Some(first) = seen.insert(&line.name.value, line.name.span) {
            let message = format!("server '{}' is declared twice", line.name);
            diagnostics.push(Diagnostic::alert(line.name.span, message).related(first, "first"));
        }
    }
}
