//! A configuration to what the engine is made of: names are resolved, protocols selected, sockets bound.
//!
//! ```text
//!  Configuration ─ plan ─► Plan (nothing opened; what -c stops at) ─ bind ─► frontends with sockets ─► Engine
//! ```
//!
//! Whatever is wrong is told with its line; all of it, before anything runs.

mod backends;
mod clashes;
mod commands;
mod frontends;
mod http;
mod logs;
mod numbers;
mod places;

use std::collections::{BTreeSet, HashMap};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use proto_core::address::{Address, AddressSpec, Host};
use proto_core::error::Warning;
use proto_core::extension::Scope;
use proto_core::kernel::Kernel;
use proto_core::{Protocol, Registry};
use proxy_config::{
    Configuration, Diagnostic, Diagnostics, Identity, Mistake, Parsed, Section, Span, Spanned, mistake,
};
use proxy_engine::Backend;
use proxy_engine::config::resolve::{Resolver, resolve};

pub(crate) use commands::CommandPlace;
pub(crate) use frontends::PlannedFrontend;
use http::HttpGlobals;
pub(crate) use logs::{TrafficLog, plain_lines};
use numbers::numbers;

/// How long a resolver may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(30);

/// What configurations are made real with.
#[derive(Debug)]
pub(crate) struct Assembly<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) kernel: &'a Kernel,
    pub(crate) resolver: &'a Arc<dyn Resolver>,
    /// The descriptors that were open when the process began.
    pub(crate) descriptors: &'a BTreeSet<RawFd>,
    /// Whether places that overlap may share their port.
    pub(crate) share: bool,
    /// Connections at once of a frontend that says none.
    pub(crate) maxconn: Option<usize>,
}

/// A configuration that can be started, as far as can be told without opening a listening socket.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) frontends: Vec<PlannedFrontend>,
    pub(crate) backends: HashMap<String, Arc<Backend>>,
    /// Where commands come in.
    pub(crate) commands: Vec<CommandPlace>,
    /// Descriptors that bind lines have named.
    pub(crate) inherited: Vec<RawFd>,
}

impl Assembly<'_> {
    /// Plans all of it; mistakes are told and what has them is left out.
    pub(crate) fn plan(&self, configuration: &Configuration, diagnostics: &mut Diagnostics) -> Plan {
        let proxies = &configuration.proxies;
        let given = proxies.iter().map(|section| (section.get::<Identity>(), section.span()));
        let numbered: Vec<(&Section, u32)> = proxies.iter().zip(numbers(given, diagnostics)).collect();
        let globals = HttpGlobals::of(configuration);
        // Of a `listen` section both sides have the same, by which the engine knows that it is one.
        let https: Vec<_> =
            numbered.iter().map(|(section, _)| globals.config(section, configuration)).collect();
        let numbered: Vec<_> = numbered.into_iter().zip(https).collect();
        let mut backends = HashMap::new();
        for ((section, id), http) in numbered.iter().filter(|((section, _), _)| section.kind.is_backend()) {
            if let Some(backend) = self.backend(section, *id, http.clone(), configuration, diagnostics) {
                backends.insert(section.name.value.clone(), backend);
            }
        }
        let mut inherited = Vec::new();
        let mut frontends: Vec<PlannedFrontend> = numbered
            .iter()
            .filter(|((section, _), _)| section.kind.is_frontend())
            .map(|((section, id), http)| {
                self.frontend(section, *id, http.clone(), configuration, &mut inherited, diagnostics)
            })
            .collect();
        let mut commands = self.command_places(configuration, &mut inherited, diagnostics);
        let entrances = frontends.iter_mut().flat_map(|frontend| &mut frontend.entrances);
        let places = entrances.map(|entrance| &mut entrance.place);
        let places = places.chain(commands.iter_mut().map(|command| &mut command.place));
        clashes::find(places, self.share, diagnostics);
        Plan { frontends, backends, commands, inherited }
    }

    /// The protocol of an address, if it can be used on such lines.
    fn protocol(&self, spec: &AddressSpec, address: &Address, span: Span) -> Parsed<Arc<dyn Protocol>> {
        match self.registry.select(&spec.selector, address.family()) {
            Some(protocol) => Ok(Arc::clone(protocol)),
            None => Err(mistake(span, format!("no protocol for {address} is built into this binary"))),
        }
    }

    /// A keyword that means nothing to the transport of its line, but to others.
    fn foreign(&self, keyword: &Spanned<&'static str>, line: Scope, protocol: &dyn Protocol) -> Mistake {
        let serves = |other: &&Arc<dyn Protocol>| self.registry.serves(line, keyword.value, &***other);
        let others: Vec<&str> =
            self.registry.protocols().filter(serves).map(|other| other.descriptor().name).collect();
        let message = format!(
            "'{keyword}' means nothing to {}, the transport of this line",
            protocol.descriptor().name
        );
        Box::new(
            Diagnostic::alert(keyword.span, message)
                .help(format!("it is an option of {}", others.join(", "))),
        )
    }

    /// The address with its name, if it has one, resolved.
    fn resolved(&self, spec: &AddressSpec, span: Span) -> Parsed<AddressSpec> {
        match &spec.host {
            Host::Name(name) => resolve(self.resolver, name, RESOLVE_LIMIT, |ip| spec.admits(ip))
                .map(|ip| spec.with_ip(ip))
                .map_err(|error| mistake(span, error.to_string())),
            _ => Ok(spec.clone()),
        }
    }
}

/// What the kernel refuses, at the line that asked for it.
fn tell(warnings: &[Warning], span: Span, diagnostics: &mut Diagnostics) {
    for warning in warnings {
        diagnostics.push(Diagnostic::warning(span, warning.to_string()));
    }
}
