//! From a configuration to what the engine is started with: names are resolved, protocols selected, sockets bound.
//!
//! ```text
//!  Configuration ─ plan ─► Plan (nothing opened; what -c stops at) ─ bind ─► frontends with sockets ─► Engine
//! ```
//!
//! Each mistake is reported with its line; all of them, before anything runs.

mod backend;
mod bind_address;
mod checks;
mod duplicates;
mod frontend;
mod http;
mod ids;
mod inspection;
mod layers;
mod server;
mod server_address;
mod server_options;
mod tcp_keep_alive;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use proto_core::address::{Address, AddressSpec, Host};
use proto_core::error::Warning;
use proto_core::extension::{Scope, TransportSections};
use proto_core::kernel::Kernel;
use proto_core::{Protocol, Registry};
use proxy_config::endpoint::Parameters;
use proxy_config::{Configuration, Diagnostic, Diagnostics, Id, Parsed, Section, Span, Values, mistake};

use super::resolve::{Resolver, resolve};
use crate::Backend;
use crate::policy::{HttpPolicy, Inspection};

pub use bind_address::BindAddress;
pub use checks::ServerAddress;
pub use frontend::PlannedFrontend;
pub use server::Route;

/// How long a resolver may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(30);

/// What a configuration is made into a running engine with.
#[derive(Debug)]
pub struct Assembly<'a> {
    /// The transports and the address language.
    pub registry: &'a Registry,
    /// What sockets can do here.
    pub kernel: &'a Kernel,
    /// What the configuration says to transports in sections of theirs.
    pub sections: TransportSections,
    /// Resolves the names of servers.
    pub resolver: &'a Arc<dyn Resolver>,
    /// Whether addresses that overlap may share their port.
    pub share: bool,
    /// Concurrent connections of a frontend without a limit of its own.
    pub maxconn: Option<usize>,
    /// Whether the process becomes an unprivileged user before it serves. Options that need privileges on every
    /// connection are refused then.
    pub unprivileged: bool,
    /// What the `global` sections say.
    pub global: Values,
}

/// A configuration that can be started, as far as is known without opening a listening socket.
#[derive(Debug)]
pub struct Plan {
    /// The frontends, in the order of the configuration.
    pub frontends: Vec<PlannedFrontend>,
    /// The backends by name.
    pub backends: HashMap<String, Arc<Backend>>,
    /// The servers, for the checks of transports.
    pub servers: Vec<ServerAddress>,
    /// Descriptors that bind lines have named.
    pub inherited: Vec<RawFd>,
}

impl Plan {
    /// All addresses that frontends listen on.
    pub fn bind_addresses(&mut self) -> impl Iterator<Item = &mut BindAddress> {
        self.frontends.iter_mut().flat_map(PlannedFrontend::bind_addresses)
    }
}

/// A proxy section with what both its sides have in common.
struct Proxy<'c> {
    section: &'c Section,
    id: u32,
    /// In `mode http`. Frontend and backend of a `listen` section share it.
    http: Option<Arc<HttpPolicy>>,
    /// Of a frontend in `mode tcp`, for sessions that become connections of HTTP.
    upgrade: Option<Arc<HttpPolicy>>,
    /// In `mode tcp`, if it has content rules; likewise.
    inspection: Option<Arc<Inspection>>,
}

impl Assembly<'_> {
    /// Plans all frontends and backends; mistakes are reported and what has them is left out.
    ///
    /// Duplicate addresses are looked for by [`check_bind_addresses`](Self::check_bind_addresses), once it is known
    /// what else listens.
    pub fn plan(&self, configuration: &Configuration, diagnostics: &mut Diagnostics) -> Plan {
        let proxies = proxies(configuration, diagnostics);
        let (mut backends, mut servers) = (HashMap::new(), Vec::new());
        for proxy in proxies.iter().filter(|proxy| proxy.section.kind.is_backend()) {
            if let Some(backend) = self.backend(proxy, &mut servers, diagnostics) {
                backends.insert(proxy.section.name.value.clone(), backend);
            }
        }
        let mut inherited = Vec::new();
        let frontends = proxies.iter().filter(|proxy| proxy.section.kind.is_frontend());
        let frontends = frontends.map(|proxy| self.frontend(proxy, &mut inherited, diagnostics)).collect();
        Plan { frontends, backends, servers, inherited }
    }

    /// Reports addresses that are listened on twice, and lets those share their port that only overlap.
    pub fn check_bind_addresses<'p>(
        &self,
        addresses: impl Iterator<Item = &'p mut BindAddress>,
        diagnostics: &mut Diagnostics,
    ) {
        duplicates::check(addresses, self.share, diagnostics);
    }

    /// An address with its name, if it has one, resolved.
    ///
    /// # Errors
    /// When the name has no address that may be used there.
    pub fn resolve(&self, spec: &AddressSpec, span: Span) -> Parsed<AddressSpec> {
        Ok(self.resolve_all(spec, span)?.swap_remove(0))
    }

    /// The same for each address of the name, the preferred one first. There is at least one.
    fn resolve_all(&self, spec: &AddressSpec, span: Span) -> Parsed<Vec<AddressSpec>> {
        match &spec.host {
            Host::Name(name) => resolve(self.resolver, name, RESOLVE_LIMIT, |ip| spec.admits(ip))
                .map(|addresses| addresses.into_iter().map(|ip| spec.with_ip(ip)).collect())
                .map_err(|error| mistake(span, error.to_string())),
            _ => Ok(vec![spec.clone()]),
        }
    }

    /// The protocol of an address, if one is linked.
    fn protocol(&self, spec: &AddressSpec, address: &Address, span: Span) -> Parsed<Arc<dyn Protocol>> {
        match self.registry.select(&spec.selector, address.family()) {
            Some(protocol) => Ok(Arc::clone(protocol)),
            None => Err(mistake(span, format!("no protocol for {address} is built into this binary"))),
        }
    }

    /// Refuses keywords that mean nothing to the transport of their line nor to its layers, but to others.
    fn check_keywords(
        &self,
        parameters: &Parameters,
        line: Scope,
        protocol: &dyn Protocol,
        layers: &[&str],
    ) -> Parsed {
        let Some(keyword) = parameters.foreign_to(self.registry, line, protocol, layers) else {
            return Ok(());
        };
        let message = format!(
            "'{keyword}' means nothing to {}, the transport of this line",
            protocol.descriptor().name
        );
        let of = self.registry.keyword(line, keyword.value).and_then(|keyword| keyword.of);
        let help = format!("it is an option of {}", of.unwrap_or_default().join(", "));
        Err(Box::new(Diagnostic::alert(keyword.span, message).help(help)))
    }
}

/// All proxies, numbered.
fn proxies<'c>(configuration: &'c Configuration, diagnostics: &mut Diagnostics) -> Vec<Proxy<'c>> {
    let sections = &configuration.proxies;
    let given = sections.iter().map(|section| (section.get::<Id>(), section.span()));
    let numbered = sections.iter().zip(ids::assign(given, diagnostics));
    let http = http::Policies::new(configuration);
    let proxy = |(section, id)| {
        let inspection = inspection::of(section, &configuration.global);
        Proxy { section, id, http: http.of(section), upgrade: http.of_upgrades(section), inspection }
    };
    numbered.map(proxy).collect()
}

/// Reports what the kernel refuses, at the line that asked for it.
fn warn(warnings: &[Warning], span: Span, diagnostics: &mut Diagnostics) {
    for warning in warnings {
        diagnostics.push(Diagnostic::warning(span, warning.to_string()));
    }
}
