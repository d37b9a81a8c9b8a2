//! `user`, `operator`: giving up rights.

use crate::answer::{Answer, Outcome};
use crate::command::{Call, Command};
use crate::level::Level;

/// Lowers the level. To be allowed to use the command is to have at least the level it leads to.
fn lower(call: &mut Call<'_>, level: Level) -> Outcome {
    call.session.quiet = call.argument(0) == "-";
    call.session.level = level;
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
