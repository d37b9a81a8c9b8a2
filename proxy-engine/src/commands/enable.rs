//! `enable` and `disable` of servers, and of their checks.

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, Level, Refusal};

use super::Handle;
use crate::{Admin, Backend};

inventory::submit! {
    Command::new(&["enable", "server"], "<backend>/<server>", Level::Admin, "make a server ready", |call| {
        let (backend, index) = server(call)?;
        backend.clear_admin(index, Admin::FORCED_DRAIN);
        backend.clear_admin(index, Admin::FORCED_MAINT);
        Ok(Answer::Nothing)
    })
}

inventory::submit! {
    Command::new(&["disable", "server"], "<backend>/<server>", Level::Admin, "put a server in maintenance", |call| {
        let (backend, index) = server(call)?;
        backend.set_admin(index, Admin::FORCED_MAINT, "");
        backend.clear_admin(index, Admin::FORCED_DRAIN);
        Ok(Answer::Nothing)
    })
}

inventory::submit! {
    Command::new(&["enable", "health"], "<backend>/<server>", Level::Admin, "enable the health check of a server", |call| {
        match is_checked(call)? {
            // It cannot be disabled.
            true => Ok(Answer::Nothing),
            false => Err(Refusal::new("Health check was not configured on this server, cannot enable.")),
        }
    })
}

inventory::submit! {
    Command::new(&["disable", "health"], "<backend>/<server>", Level::Admin, "disable the health check of a server", |call| {
        match is_checked(call)? {
            true => Err(Refusal::new("A health check cannot be disabled while the program runs.")),
            false => Ok(Answer::Nothing),
        }
    })
}

inventory::submit! {
    Command::new(&["enable", "agent"], "<backend>/<server>", Level::Admin, "enable the agent check of a server", |call| {
        match has_agent(call)? {
            true => Ok(Answer::Nothing),
            false => Err(Refusal::new("Agent was not configured on this server, cannot enable.")),
        }
    })
}

inventory::submit! {
    Command::new(&["disable", "agent"], "<backend>/<server>", Level::Admin, "disable the agent check of a server", |call| {
        match has_agent(call)? {
            true => Err(Refusal::new("An agent check cannot be disabled while the program runs.")),
            false => Ok(Answer::Nothing),
        }
    })
}

fn server<'c>(call: &Call<'c>) -> Result<(&'c Arc<Backend>, usize), Refusal> {
    let (backend, server) = call.get::<Handle>()?.server(call.argument(0))?;
    let index = backend.index_of(server.name()).ok_or_else(|| Refusal::new("No such server."))?;
    Ok((backend, index))
}

/// Returns whether a server has a health check.
fn is_checked(call: &Call<'_>) -> Result<bool, Refusal> {
    let (backend, index) = server(call)?;
    Ok(backend.servers()[index].check_numbers().is_some())
}

/// Returns whether an agent is asked about a server.
fn has_agent(call: &Call<'_>) -> Result<bool, Refusal> {
    let (backend, index) = server(call)?;
    Ok(backend.servers()[index].config().agent.is_some())
}
