//! Turns a configuration into what the engine is started with: resolves names, selects protocols, binds sockets.
//!
//! ```text
//!  Configuration ─ plan ─► Plan (nothing opened; what -c stops at) ─ bind ─► frontends with sockets ─► Engine
//! ```
//!
//! All mistakes are reported with their lines before anything runs.

mod agent;
mod backend;
mod bind_address;
mod checks;
mod duplicates;
mod frontend;
mod health;
mod http;
mod ids;
mod inspection;
mod layers;
mod resolvers;
mod server;
mod server_address;
mod server_options;
mod state_file;
mod tcp_keep_alive;
#[cfg(test)]
mod tests;
mod tracking;

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
use proxy_http::h1::Limits;
use proxy_rules::{BackendFacts, FrontendFacts, NamedFrontends, NamedProxies};

use self::state_file::{SavedServers, StateReader};
use super::resolve::{Resolver, resolve};
use crate::policy::{HttpPolicy, Inspection, StateSource};
use crate::{Backend, ResolverSection};

pub use bind_address::BindAddress;
pub use checks::ServerAddress;
pub use frontend::PlannedFrontend;
pub use server::Route;

/// The longest wait for a resolver.
const RESOLVE_LIMIT: Duration = Duration::from_secs(30);

/// The inputs with which a configuration is turned into a running engine.
#[derive(Debug)]
pub struct Assembly<'a> {
    /// The transports and the address language.
    pub registry: &'a Registry,
    /// The capabilities of sockets on this system.
    pub kernel: &'a Kernel,
    /// The sections of the configuration that transports define.
    pub sections: TransportSections,
    /// The resolver of names.
    pub resolver: &'a Arc<dyn Resolver>,
    /// Whether addresses that overlap may share their port.
    pub share: bool,
    /// The most concurrent connections of a frontend without a limit of its own.
    pub maxconn: Option<usize>,
    /// Whether the process drops privileges before it serves. Options that need privileges on every connection are
    /// refused then.
    pub unprivileged: bool,
    /// The name of this machine, which checks tell servers.
    pub node: String,
    /// The values of the `global` sections.
    pub global: Values,
}

/// A configuration that can be started, as far as is known before listening sockets are opened.
#[derive(Debug)]
pub struct Plan {
    /// The frontends, in the order of the configuration.
    pub frontends: Vec<PlannedFrontend>,
    /// The backends by name.
    pub backends: HashMap<String, Arc<Backend>>,
    /// The `resolvers` sections.
    pub resolvers: Vec<Arc<ResolverSection>>,
    /// The servers, for the checks of transports.
    pub servers: Vec<ServerAddress>,
    /// The descriptors that bind lines name.
    pub inherited: Vec<RawFd>,
}

impl Plan {
    /// Returns all addresses that frontends listen on.
    pub fn bind_addresses(&mut self) -> impl Iterator<Item = &mut BindAddress> {
        self.frontends.iter_mut().flat_map(PlannedFrontend::bind_addresses)
    }
}

/// A proxy section, with what its frontend and its backend have in common.
struct Proxy<'c> {
    configuration: &'c Configuration,
    section: &'c Section,
    id: u32,
    /// The position of the section.
    place: usize,
    /// What resolves the names of its servers.
    resolvers: Arc<[Arc<ResolverSection>]>,
    /// The policy in `mode http`. Frontend and backend of a `listen` section share it.
    http: Option<Arc<HttpPolicy>>,
    /// The policy of a frontend in `mode tcp`, for sessions that become connections of HTTP.
    upgrade: Option<Arc<HttpPolicy>>,
    /// The limits of requests from its clients.
    request_limits: Limits,
    /// The content rules in `mode tcp`, if there are any, likewise shared.
    inspection: Option<Arc<Inspection>>,
    /// The states that its servers start with.
    saved: SavedServers,
}

impl Assembly<'_> {
    /// Plans all frontends and backends. Mistakes are reported, and what contains them is left out.
    ///
    /// [`check_bind_addresses`](Self::check_bind_addresses) looks for duplicate addresses, once it is known what else
    /// listens.
    pub fn plan(&self, configuration: &Configuration, diagnostics: &mut Diagnostics) -> Plan {
        let resolvers = self.resolvers(configuration, diagnostics);
        let proxies = proxies(configuration, &resolvers, diagnostics);
        let (mut backends, mut servers) = (HashMap::new(), Vec::new());
        for proxy in proxies.iter().filter(|proxy| proxy.section.kind.is_backend()) {
            if let Some(backend) = self.backend(proxy, &mut servers, diagnostics) {
                backends.insert(proxy.section.name.value.clone(), backend);
            }
        }
        find_named(configuration, &backends, diagnostics);
        resolvers::find_named(configuration, &resolvers, diagnostics);
        tracking::connect(configuration, &backends);
        proxies.iter().for_each(|proxy| restore(proxy, &backends, diagnostics));
        let mut inherited = Vec::new();
        let frontends = proxies.iter().filter(|proxy| proxy.section.kind.is_frontend());
        let frontends: Vec<_> =
            frontends.map(|proxy| self.frontend(proxy, &mut inherited, diagnostics)).collect();
        find_frontends(configuration, &frontends, diagnostics);
        Plan { frontends, backends, resolvers, servers, inherited }
    }

    /// Reports duplicate addresses, and makes addresses that only overlap share their port.
    pub fn check_bind_addresses<'p>(
        &self,
        addresses: impl Iterator<Item = &'p mut BindAddress>,
        diagnostics: &mut Diagnostics,
    ) {
        duplicates::check(addresses, self.share, diagnostics);
    }

    /// Resolves the name in an address, if there is one.
    ///
    /// # Errors
    /// The name has no address that may be used there.
    pub fn resolve(&self, spec: &AddressSpec, span: Span) -> Parsed<AddressSpec> {
        Ok(self.resolve_all(spec, span)?.swap_remove(0))
    }

    /// Returns an address for each one that the name resolves to, the preferred one first. There is at least one.
    fn resolve_all(&self, spec: &AddressSpec, span: Span) -> Parsed<Vec<AddressSpec>> {
        match &spec.host {
            Host::Name(name) => resolve(self.resolver, name, RESOLVE_LIMIT, |ip| spec.admits(ip))
                .map(|addresses| addresses.into_iter().map(|ip| spec.with_ip(ip)).collect())
                .map_err(|error| mistake(span, error.to_string())),
            _ => Ok(vec![spec.clone()]),
        }
    }

    /// Returns the protocol of an address, or an error if none is built in.
    fn protocol(&self, spec: &AddressSpec, address: &Address, span: Span) -> Parsed<Arc<dyn Protocol>> {
        match self.registry.select(&spec.selector, address.family()) {
            Some(protocol) => Ok(Arc::clone(protocol)),
            None => Err(mistake(span, format!("no protocol for {address} is built into this binary"))),
        }
    }

    /// Refuses keywords that neither the transport of the line nor its layers understand, but others do.
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
            "'{keyword}' is not supported by {}, the transport of this line",
            protocol.descriptor().name
        );
        let of = self.registry.keyword(line, keyword.value).and_then(|keyword| keyword.of);
        let help = format!("it is an option of {}", of.unwrap_or_default().join(", "));
        Err(Box::new(Diagnostic::alert(keyword.span, message).help(help)))
    }
}

/// Finds the backends and servers that samples name.
fn find_named(
    configuration: &Configuration,
    backends: &HashMap<String, Arc<Backend>>,
    diagnostics: &mut Diagnostics,
) {
    let NamedProxies(all) = configuration.references.get_or_default();
    // After a mistake in a section, its backend was not made, or does not have all servers.
    let is_complete = diagnostics.is_usable();
    for named in &all {
        let backend =
            backends.get(&named.backend).map(|backend| Arc::clone(backend) as Arc<dyn BackendFacts>);
        let found = named.find(backend.as_ref());
        if is_complete {
            let _ = diagnostics.take(found);
        }
    }
}

/// Gives the servers of a section the states that files have for them.
fn restore(proxy: &Proxy<'_>, backends: &HashMap<String, Arc<Backend>>, diagnostics: &mut Diagnostics) {
    let Proxy { section, saved, .. } = proxy;
    let Some(backend) = backends.get(&section.name.value).filter(|_| section.kind.is_backend()) else {
        return;
    };
    let mut unknown: Vec<_> = saved.keys().filter(|server| backend.server(server).is_none()).collect();
    // The file of all sections may have been written before a server was removed.
    if section.values.get_or_default::<StateSource>() == StateSource::Local && diagnostics.is_usable() {
        unknown.sort();
        for server in unknown {
            let name = backend.name();
            let message =
                format!("proxy '{name}': can't find server '{}' in backend '{name}'", server.escape_debug());
            diagnostics.push(Diagnostic::warning(section.span(), message));
        }
    }
    for (index, server) in backend.servers().iter().enumerate() {
        if let Some(state) = saved.get(server.name()) {
            backend.restore(index, state);
        }
    }
}

/// Finds the frontends that samples name.
fn find_frontends(
    configuration: &Configuration,
    frontends: &[PlannedFrontend],
    diagnostics: &mut Diagnostics,
) {
    let NamedFrontends(all) = configuration.references.get_or_default();
    let is_complete = diagnostics.is_usable();
    for named in &all {
        let frontend = frontends.iter().find(|frontend| frontend.name() == named.name);
        let found = named.find(frontend.map(|frontend| frontend.sampled() as Arc<dyn FrontendFacts>));
        if is_complete {
            let _ = diagnostics.take(found);
        }
    }
}

/// Returns all proxies with their numbers.
fn proxies<'c>(
    configuration: &'c Configuration,
    resolvers: &[Arc<ResolverSection>],
    diagnostics: &mut Diagnostics,
) -> Vec<Proxy<'c>> {
    let resolvers: Arc<[Arc<ResolverSection>]> = resolvers.into();
    let sections = &configuration.proxies;
    let given = sections.iter().map(|section| (section.get::<Id>(), section.span()));
    let numbered = sections.iter().zip(ids::assign(given, ids::FIRST_SECTION, diagnostics));
    let http = http::Policies::new(configuration);
    let numbered: Vec<_> = numbered.collect();
    let mut states = StateReader::new(configuration, diagnostics);
    let proxy = |(place, (section, id))| {
        let inspection = inspection::of(section, &configuration.global);
        let request_limits = http.request_limits(section);
        let (http, upgrade) = (http.of(section), http.of_upgrades(section));
        let saved = states.of(section, id, diagnostics);
        let resolvers = Arc::clone(&resolvers);
        Proxy {
            configuration,
            section,
            id,
            place,
            resolvers,
            http,
            upgrade,
            request_limits,
            inspection,
            saved,
        }
    };
    numbered.into_iter().enumerate().map(proxy).collect()
}

/// Reports what the kernel refuses, at the line that asked for it.
fn warn(warnings: &[Warning], span: Span, diagnostics: &mut Diagnostics) {
    for warning in warnings {
        diagnostics.push(Diagnostic::warning(span, warning.to_string()));
    }
}
