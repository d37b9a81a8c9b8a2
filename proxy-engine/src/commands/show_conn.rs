//! `show conn`: the connections of HTTP clients, including idle ones. HAProxy has no such command; its `show sess`
//! shows the exchanges on them, and so does ours.

use proxy_admin::{Call, Command, CommandResult, Level, Refusal};

use super::{Handle, text};
use crate::connection::Doing;
use crate::runtime::inquiry::{ConnectionLine, Inquiry};

inventory::submit! {
    Command::asynchronous(
        &["show", "conn"],
        "",
        Level::Operator,
        "connections of HTTP clients, including idle ones",
        |call| Box::pin(show_conn(call)),
    )
}

async fn show_conn(call: Call<'_>) -> CommandResult {
    let inquirer = &call.get::<Handle>()?.inquirer;
    if let Some(word) = call.arguments.first() {
        return Err(Refusal::new(format!("Unsupported option '{word}': 'show conn' takes none.")));
    }
    let mut listing = inquirer.list(inquirer.workers(), |from, reply| Inquiry::Connections { from, reply });
    while let Some(lines) = listing.next().await {
        for connection in lines {
            call.send(line(&connection)).await;
        }
    }
    listing.silent().outcome("its connections are not shown")
}

/// Formats a connection as one line.
fn line(connection: &ConnectionLine) -> String {
    let ConnectionLine { id, carriers, source, frontend, listener, doing, requests, .. } = connection;
    let state = match doing {
        Doing::Setup => "setup",
        Doing::Idle => "idle",
        Doing::Busy => "busy",
        Doing::Closing => "closing",
    };
    format!(
        "{id:#x}: proto={carriers} src={} fe={} state={state} for={} age={} requests={requests} in={} out={}\n",
        text::source(source, listener),
        frontend.name(),
        text::age(connection.since),
        text::age(connection.age),
        connection.bytes_in,
        connection.bytes_out,
    )
}
