//! `shutdown session`, `shutdown sessions server`, `shutdown connection`: end sessions, exchanges and connections,
//! which log lines then show with the letter `K`.

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use super::inquirer::Silent;
use super::{Handle, text};
use crate::connection::registry::worker_of;
use crate::runtime::inquiry::{Inquiry, Selection, Through};

inventory::submit! {
    Command::asynchronous(
        &["shutdown", "session"],
        "<id>",
        Level::Admin,
        "end a session or an exchange",
        |call| Box::pin(session(call)),
    )
}

inventory::submit! {
    Command::asynchronous(
        &["shutdown", "sessions", "server"],
        "<backend>/<server>",
        Level::Admin,
        "end all sessions and exchanges of a server",
        |call| Box::pin(sessions_of_server(call)),
    )
}

inventory::submit! {
    Command::asynchronous(
        &["shutdown", "connection"],
        "<id>",
        Level::Admin,
        "end an HTTP connection and its exchanges",
        |call| Box::pin(connection(call)),
    )
}

async fn session(call: Call<'_>) -> CommandResult {
    let inquirer = &call.get::<Handle>()?.inquirer;
    let id = text::id(call.argument(0))
        .ok_or_else(|| Refusal::new("Session pointer expected (use 'show sess')."))?;
    let selection = Selection { id: Some(id), ..Selection::default() };
    let killed = inquirer.ask(worker_of(id), |reply| Inquiry::KillSessions { selection, reply }).await?;
    match killed {
        Some(1..) => Ok(Answer::Nothing),
        Some(0) | None => Err(Refusal::new("No such session (use 'show sess').")),
    }
}

async fn sessions_of_server(call: Call<'_>) -> CommandResult {
    let handle = call.get::<Handle>()?;
    let (backend, server) = handle.server(call.argument(0))?;
    let through = Through::Server { backend: backend.id(), server: server.id() };
    let selection = Selection { through: Some(through), ..Selection::default() };
    let mut silent = Silent::default();
    for worker in handle.inquirer.workers() {
        let asked = handle.inquirer.ask(worker, |reply| Inquiry::KillSessions { selection, reply }).await;
        if let Err(worker) = asked {
            silent.add(worker);
        }
    }
    silent.outcome("what lives there may go on")
}

async fn connection(call: Call<'_>) -> CommandResult {
    let inquirer = &call.get::<Handle>()?.inquirer;
    let id = text::id(call.argument(0))
        .ok_or_else(|| Refusal::new("Connection number expected (use 'show conn')."))?;
    let killed = inquirer.ask(worker_of(id), |reply| Inquiry::KillConnection { id, reply }).await?;
    match killed {
        Some(true) => Ok(Answer::Nothing),
        Some(false) | None => Err(Refusal::new("No such connection (use 'show conn').")),
    }
}
