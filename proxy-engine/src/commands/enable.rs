//! `enable` and `disable` of servers, and of their checks.

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_health::CheckSource;

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
        enable(call, CheckSource::Health, "Health check was not configured on this server, cannot enable.")
    })
}

inventory::submit! {
    Command::new(&["disable", "health"], "<backend>/<server>", Level::Admin, "disable the health check of a server", |call| {
        disable(call, CheckSource::Health)
    })
}

inventory::submit! {
    Command::new(&["enable", "agent"], "<backend>/<server>", Level::Admin, "enable the agent check of a server", |call| {
        enable(call, CheckSource::Agent, "Agent was not configured on this server, cannot enable.")
    })
}

inventory::submit! {
    Command::new(&["disable", "agent"], "<backend>/<server>", Level::Admin, "disable the agent check of a server", |call| {
        disable(call, CheckSource::Agent)
    })
}

fn server<'c>(call: &Call<'c>) -> Result<(&'c Arc<Backend>, usize), Refusal> {
    let (backend, server) = call.get::<Handle>()?.server(call.argument(0))?;
    let index = backend.index_of(server.name()).ok_or_else(|| Refusal::new("No such server."))?;
    Ok((backend, index))
}

fn enable(call: &Call<'_>, source: CheckSource, refusal: &str) -> CommandResult {
    let (_, server) = call.get::<Handle>()?.server(call.argument(0))?;
    let (is_configured, _) = server.has_check(source);
    if !is_configured {
        return Err(Refusal::new(refusal));
    }
    server.enable_check(source, true);
    Ok(Answer::Nothing)
}

fn disable(call: &Call<'_>, source: CheckSource) -> CommandResult {
    let (_, server) = call.get::<Handle>()?.server(call.argument(0))?;
    server.enable_check(source, false);
    Ok(Answer::Nothing)
}
