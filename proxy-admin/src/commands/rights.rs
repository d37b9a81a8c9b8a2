//! `user`, `operator`: give up rights.

use crate::answer::{Answer, CommandResult};
use crate::command::{Call, Command};
use crate::level::Level;

/// Lowers the level. A client that may use the command has at least the level to which it lowers.
fn lower(call: &mut Call<'_>, level: Level) -> CommandResult {
    call.client.quiet = call.argument(0) == "-";
    call.client.level = level;
    Ok(Answer::Nothing)
}

inventory::submit! {
    Command::new(&["operator"], "[-]", Level::Operator, "give up the rights of an admin", |call| {
        lower(call, Level::Operator)
    })
}

inventory::submit! {
    Command::new(&["user"], "[-]", Level::User, "give up the rights of an admin or operator", |call| {
        lower(call, Level::User)
    })
}
