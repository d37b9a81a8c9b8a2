//! `show sess`: the sessions of TCP clients and the exchanges of HTTP clients. `query`: its arguments. `form`: its
//! output.

mod form;
mod query;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use self::form::Form;
use self::query::{Query, USAGE};
use super::Handle;
use crate::connection::registry::worker_of;
use crate::runtime::inquiry::{Inquiry, Selection};

inventory::submit! {
    Command::asynchronous(
        &["show", "sess"],
        "[<id> | all | help] [older <age>] [frontend <f> | backend <b> | server <b>/<s>] [show-uri]",
        Level::Operator,
        "sessions, and exchanges of HTTP",
        |call| Box::pin(show_sess(call)),
    )
}

async fn show_sess(call: Call<'_>) -> CommandResult {
    let handle = call.get::<Handle>()?;
    match Query::read(call.arguments, handle)? {
        Query::Help => Ok(Answer::info(USAGE)),
        Query::List { form, selection } => list(&call, handle, form, selection).await,
    }
}

async fn list(call: &Call<'_>, handle: &Handle, form: Form, selection: Selection) -> CommandResult {
    let inquirer = &handle.inquirer;
    // The id contains the number of the worker.
    let workers = selection.id.map_or(inquirer.workers(), |id| worker_of(id)..worker_of(id) + 1);
    let mut listing = inquirer.list(workers, |from, reply| Inquiry::Sessions { from, selection, reply });
    let mut is_found = false;
    while let Some(lines) = listing.next().await {
        for session in lines {
            is_found = true;
            call.send(form.text(&session)).await;
        }
    }
    let silent = listing.silent();
    if selection.id.is_some() && !is_found && silent.is_empty() {
        return Err(Refusal::new("Session not found."));
    }
    silent.outcome("its sessions are not shown")
}
