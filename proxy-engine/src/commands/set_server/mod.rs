//! `set server`: changes the address, the weight or the state of a server. `address`: its address.
//! `target`: where its checks connect.

mod address;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal, Severity};
use proxy_health::CheckSource;

use super::{Handle, weight};
use crate::{Admin, Backend, Operational};

const USAGE: &str = "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | \
                     check-addr | check-port | fqdn | health | name | ssl | state | weight";

/// What the log says about a change that a command has made.
const CAUSE: &str = "changed from CLI";

inventory::submit! {
    Command::new(
        &["set", "server"],
        "<backend>/<server> addr <ip> [port <port>] | fqdn <name> | state ready|drain|maint | weight <number>[%] | \
         health up|stopping|down | agent up|down | agent-send <text> | check-addr|agent-addr <ip> [port <port>] | \
         check-port|agent-port <port>",
        Level::Admin,
        "change a server",
        set_server,
    )
}

fn set_server(call: &mut Call<'_>) -> CommandResult {
    let (backend, server) = call.get::<Handle>()?.server(call.argument(0))?;
    let Some(index) = backend.index_of(server.name()) else { return Err(Refusal::new("No such server.")) };
    let value = call.argument(2);
    let refuse = |why: &str| Err(Refusal::new(why));
    match call.argument(1) {
        "addr" => address::address(call, backend, server),
        "weight" => weight::set(backend, index, value),
        "state" => state(backend, index, value),
        "health" if server.tracked().is_some() => refuse("cannot change health on a tracking server."),
        "health" => health(backend, index, value),
        "agent" | "agent-send" if !server.has_check(CheckSource::Agent).1 => {
            refuse("agent checks are not enabled on this server.")
        }
        "agent" => agent(backend, index, value),
        "agent-send" => {
            server.set_agent_question(value);
            Ok(Answer::Nothing)
        }
        "agent-addr" if value.is_empty() => {
            refuse("set server <b>/<s> agent-addr requires an address and optionally a port.")
        }
        "agent-port" if value.is_empty() => refuse("set server <b>/<s> agent-port requires a port."),
        "check-addr" if value.is_empty() => {
            refuse("set server <b>/<s> check-addr requires an address and optionally a port.")
        }
        "check-port" if value.is_empty() => refuse("set server <b>/<s> check-port requires a port."),
        "agent-addr" => target::address(call, server, CheckSource::Agent),
        "agent-port" => target::port(server, CheckSource::Agent, value),
        "check-addr" => target::address(call, server, CheckSource::Health),
        "check-port" => target::port(server, CheckSource::Health, value),
        "fqdn" if value.is_empty() => refuse("set server <b>/<s> fqdn requires a FQDN."),
        "fqdn" => match &server.config().resolution {
            None => refuse("set server <b>/<s> fqdn failed because no resolution is configured."),
            Some(resolution) if resolution.service.is_some() => {
                refuse("set server <b>/<s> fqdn failed because SRV resolution is configured.")
            }
            Some(_) => warn(&backend.rename_host(index, value, "stats socket command")),
        },
        "ssl" => refuse("'set server <srv> ssl' cannot be set.  default-server should define ssl settings"),
        "name" if value.is_empty() => refuse("set server <b>/<s> name requires a new name."),
        "name" => refuse("A server cannot be renamed: its name is part of logs and counters."),
        _ => refuse(USAGE),
    }
}

fn warn(text: &str) -> CommandResult {
    Ok(Answer::Message(Severity::Warning, text.to_owned()))
}

/// Makes a server ready, drains it, or puts it in maintenance.
fn state(backend: &Arc<Backend>, index: usize, state: &str) -> CommandResult {
    match state {
        "ready" => {
            backend.clear_admin(index, Admin::FORCED_DRAIN);
            backend.clear_admin(index, Admin::FORCED_MAINT);
        }
        "drain" => {
            backend.set_admin(index, Admin::FORCED_DRAIN, "");
            backend.clear_admin(index, Admin::FORCED_MAINT);
        }
        "maint" => {
            backend.set_admin(index, Admin::FORCED_MAINT, "");
            backend.clear_admin(index, Admin::FORCED_DRAIN);
        }
        _ => {
            return Err(Refusal::new("'set server <srv> state' expects 'ready', 'drain' and 'maint'."));
        }
    }
    Ok(Answer::Nothing)
}

/// Changes what a check would say about a server.
fn health(backend: &Arc<Backend>, index: usize, health: &str) -> CommandResult {
    let operational = match health {
        "up" => Operational::Running,
        "stopping" => Operational::Stopping,
        "down" => Operational::Stopped,
        _ => {
            return Err(Refusal::new("'set server <srv> health' expects 'up', 'stopping', or 'down'."));
        }
    };
    backend.set_health(index, CheckSource::Health, operational, CAUSE);
    Ok(Answer::Nothing)
}

/// Changes what an agent would say about a server.
fn agent(backend: &Arc<Backend>, index: usize, health: &str) -> CommandResult {
    let operational = match health {
        "up" => Operational::Running,
        "down" => Operational::Stopped,
        _ => return Err(Refusal::new("'set server <srv> agent' expects 'up' or 'down'.")),
    };
    backend.set_health(index, CheckSource::Agent, operational, CAUSE);
    Ok(Answer::Nothing)
}
