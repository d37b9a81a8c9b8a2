//! `clear counters`: resets the highest values, and with `all` the numbers of events as well.

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_engine::commands::Handle;

inventory::submit! {
    Command::new(
        &["clear", "counters"],
        "[all|server <backend>/<server> [force]]",
        Level::Operator,
        "reset the highest values of statistics, or all numbers of events",
        clear_counters,
    )
}

fn clear_counters(call: &mut Call<'_>) -> CommandResult {
    let engine = call.get::<Handle>()?;
    let counts = match call.argument(0) {
        "" => false,
        "all" | "server" if call.client.level < Level::Admin => {
            return Err(Refusal::new("Permission denied"));
        }
        "all" => true,
        "server" => {
            let (_, server) = engine.server(call.argument(1))?;
            // With 'force' HAProxy also resets what processes share, which nothing is here.
            server.observed().reset(true);
            return Ok(Answer::info("Server counters cleared."));
        }
        other => {
            let other = other.escape_debug();
            return Err(Refusal::new(format!("Unknown word '{other}': expected 'all' or 'server'.")));
        }
    };
    for frontend in &engine.frontends {
        frontend.observed().reset(counts);
        frontend.listeners().iter().for_each(|listener| listener.observed().reset(counts));
    }
    for backend in &engine.backends {
        backend.observed().reset(counts);
        backend.servers().iter().for_each(|server| server.observed().reset(counts));
    }
    Ok(Answer::Nothing)
}
