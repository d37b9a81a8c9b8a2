//! `enable frontend`, `disable frontend`, `set maxconn frontend`: whether a frontend listens, and its limit.

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use super::{Handle, text};
use crate::Frontend;

inventory::submit! {
    Command::new(&["disable", "frontend"], "<frontend>", Level::Admin, "have a frontend listen no more", |call| {
        Ok(match frontend(call)?.pause() {
            true => Answer::Nothing,
            false => Answer::notice("All sockets are already disabled."),
        })
    })
}

inventory::submit! {
    Command::new(&["enable", "frontend"], "<frontend>", Level::Admin, "have a disabled frontend listen again", |call| {
        Ok(match frontend(call)?.resume() {
            true => Answer::Nothing,
            false => Answer::notice("All sockets are already enabled."),
        })
    })
}

inventory::submit! {
    Command::new(
        &["set", "maxconn", "frontend"],
        "<frontend> <number>",
        Level::Admin,
        "change the most concurrent connections of a frontend",
        set_maxconn,
    )
}

fn frontend<'c>(call: &Call<'c>) -> Result<&'c Arc<Frontend>, Refusal> {
    match call.argument(0) {
        "" => Err(Refusal::new("A frontend name is expected.")),
        name => call.get::<Handle>()?.frontend(name).ok_or_else(|| Refusal::new("No such frontend.")),
    }
}

fn set_maxconn(call: &mut Call<'_>) -> CommandResult {
    let frontend = frontend(call)?;
    let Some((number, "")) = text::leading_number(call.argument(1)) else {
        return Err(Refusal::new("Integer value expected."));
    };
    let number = usize::try_from(number).ok().filter(|number| *number <= i32::MAX as usize);
    let number = number.ok_or_else(|| Refusal::new("Value out of range."))?;
    match frontend.set_maxconn(number) {
        true => Ok(Answer::Nothing),
        false => Err(Refusal::new("The frontend has no limit.")),
    }
}
