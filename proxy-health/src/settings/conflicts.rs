//! What fits together on server lines: ports of checks, the servers that others track, layers that are observed.

use std::collections::HashMap;

use proto_core::words::nearest;
use proxy_config::endpoint::{Server, Servers};
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Mode, Parsed, Section};

use super::agent_check::AgentCheck;
use super::init_state::ServerInitState;
use super::observe::Observe;
use super::server_check::{CheckProtocol, ServerCheck, fixed_port, has_ports};
use super::track::Track;
use crate::plan::{CheckPlan, Choice};
use crate::rules::Port;
use crate::state::ObservedLayer;

inventory::submit! { Check { name: "health checks", run: check } }

/// Servers by the names of their backend and their own.
type Known<'c> = HashMap<(&'c str, &'c str), &'c Server>;

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let servers = |section: &'_ Section| section.get::<Servers>().map_or(0, |servers| servers.0.len());
    let mut known: Known<'_> = HashMap::with_capacity(configuration.backends().map(servers).sum());
    for section in configuration.backends() {
        for server in section.get::<Servers>().map_or(&[][..], |servers| &servers.0) {
            known.insert((&section.name.value, &server.name.value), server);
        }
    }
    for section in configuration.backends() {
        for server in section.get::<Servers>().map_or(&[][..], |servers| &servers.0) {
            check_server(configuration, section, server, diagnostics);
            if let Some(track) = server.parameters.values.get::<Track>() {
                diagnostics.take(check_track(section, server, track, &known));
            }
        }
    }
}

fn check_server(
    configuration: &Configuration,
    section: &Section,
    server: &Server,
    diagnostics: &mut Diagnostics,
) {
    let values = &server.parameters.values;
    let plan = CheckPlan::of_server(configuration, section, values);
    let check: ServerCheck = values.get_or_default();
    if check.enabled {
        check_port(&plan, server, &check, diagnostics);
        check_protocol(&plan, &check, diagnostics);
    }
    let agent: AgentCheck = values.get_or_default();
    if agent.enabled && agent.port(&check).is_none() {
        let message = format!("the agent of server '{}' has no port", server.name);
        diagnostics.push(Diagnostic::alert(server.name.span, message).help("set it with 'agent-port'"));
    }
    let observe: Observe = values.get_or_default();
    let is_http = section.values.get_or_default::<Mode>() == Mode::Http;
    if let Some(layer) = &observe.layer
        && layer.value == ObservedLayer::Layer7
        && !is_http
        && !section.has_refused("mode")
    {
        let message = "'observe layer7' looks at responses of HTTP, which mode tcp does not have";
        diagnostics.push(Diagnostic::alert(layer.span, message).help("use 'observe layer4', or 'mode http'"));
    }
}

/// Refuses a check whose connections have no port.
fn check_port(plan: &CheckPlan, server: &Server, check: &ServerCheck, diagnostics: &mut Diagnostics) {
    let target = check.address.as_ref().map_or(&server.address, |address| &address.value);
    let of_server = fixed_port(&server.address);
    if check.port.or_else(|| fixed_port(target)).or(of_server).is_some() || !has_ports(target) {
        return;
    }
    let rules = plan.ruleset();
    let has_port = |port: Option<&Port>| port.is_some();
    let mut connections = rules.connections();
    let is_complete = connections.all(|connect| {
        let of_address = connect.address.as_ref().and_then(|address| fixed_port(&address.value));
        has_port(connect.port.as_ref()) || of_address.is_some()
    });
    if !is_complete && !matches!(plan.choice(), Some(Choice::External)) {
        let message = format!("there is no port for the checks of server '{}'", server.name);
        diagnostics.push(Diagnostic::alert(server.name.span, message).help("set it with 'port'"));
    }
}

/// Refuses a protocol that a kind of check does not have.
fn check_protocol(plan: &CheckPlan, check: &ServerCheck, diagnostics: &mut Diagnostics) {
    let Some(protocol) = &check.protocol else { return };
    let is_http = matches!(plan.choice(), Some(Choice::Http(_)));
    let (message, help) = match (protocol.value, is_http) {
        (CheckProtocol::Http1, false) => ("'check-proto h1' needs 'option httpchk'", "add it to the section"),
        (CheckProtocol::None, true) => {
            ("'check-proto none' cannot be combined with 'option httpchk'", "use 'h1'")
        }
        _ => return,
    };
    diagnostics.push(Diagnostic::alert(protocol.span, message).help(help));
}

/// Checks the server that a server tracks.
fn check_track(section: &Section, server: &Server, track: &Track, known: &Known<'_>) -> Parsed {
    let values = &server.parameters.values;
    let span = track.0.span;
    if values.get::<ServerCheck>().is_some_and(|check| check.enabled) {
        let problem = Diagnostic::alert(span, "'track' cannot be combined with 'check'");
        return Err(Box::new(problem.help("the server that is tracked is checked for both")));
    }
    if let Some(ServerInitState(state)) = values.get::<ServerInitState>() {
        let problem = Diagnostic::alert(span, "'track' cannot be combined with 'init-state'");
        return Err(Box::new(problem.related(state.span, "the server begins as the one that is tracked")));
    }
    let (backend, name) = track.names();
    let own = &*section.name.value;
    let backend = backend.unwrap_or(own);
    let Some(mut tracked) = known.get(&(backend, name)).copied() else {
        let problem = Diagnostic::alert(span, format!("there is no server '{backend}/{name}' to track"));
        let names = known.keys().filter(|(of, _)| *of == backend).map(|(_, name)| *name);
        return Err(Box::new(problem.nearest(nearest(name, names))));
    };
    // A chain without an end is longer than there are servers.
    let mut of = backend;
    for _ in 0..=known.len() {
        if of == own && tracked.name.value == server.name.value {
            let message = format!("server '{own}/{}' tracks itself", server.name);
            return Err(Box::new(Diagnostic::alert(span, message)));
        }
        let values = &tracked.parameters.values;
        let Some(next) = values.get::<Track>() else {
            let is_checked = values.get::<ServerCheck>().is_some_and(|check| check.enabled)
                || values.get::<AgentCheck>().is_some_and(|agent| agent.enabled);
            if is_checked {
                return Ok(());
            }
            let problem = Diagnostic::alert(span, format!("server '{backend}/{name}' is not checked"));
            return Err(Box::new(problem.related(tracked.name.span, "add 'check' to it")));
        };
        let (next_backend, next_name) = next.names();
        of = next_backend.unwrap_or(of);
        match known.get(&(of, next_name)) {
            Some(server) => tracked = server,
            // That server is reported itself.
            None => return Ok(()),
        }
    }
    Err(Box::new(Diagnostic::alert(
        span,
        format!("server '{backend}/{name}' belongs to a circle of servers that track each other"),
    )))
}
