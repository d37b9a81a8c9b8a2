//! `set maxconn global`, `set rate-limit connections global`, `set rate-limit sessions global`: the limits of the process.

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use super::{Handle, text};
use crate::listener::ProcessLimits;

inventory::submit! {
    Command::new(
        &["set", "maxconn", "global"],
        "<number>",
        Level::Admin,
        "change the most concurrent connections of the process; 0 for the highest",
        |call| {
            let maxconn = usize::try_from(number(call)?.max(0)).unwrap_or(usize::MAX);
            match limits(call)?.set_maxconn(maxconn) {
                true => Ok(Answer::Nothing),
                false => Err(Refusal::new("Value out of range.")),
            }
        },
    )
}

inventory::submit! {
    Command::new(
        &["set", "rate-limit", "connections", "global"],
        "<number>",
        Level::Admin,
        "change the most new connections in a second; 0 for no limit",
        |call| set_rate(call, |limits, rate| limits.connection_rate.set(rate)),
    )
}

inventory::submit! {
    Command::new(
        &["set", "rate-limit", "sessions", "global"],
        "<number>",
        Level::Admin,
        "change the most new sessions in a second; 0 for no limit",
        |call| set_rate(call, |limits, rate| limits.session_rate.set(rate)),
    )
}

fn set_rate(call: &mut Call<'_>, set: fn(&ProcessLimits, u32)) -> CommandResult {
    let rate = u32::try_from(number(call)?).ok().filter(|rate| *rate <= i32::MAX.unsigned_abs());
    set(limits(call)?, rate.ok_or_else(|| Refusal::new("Value out of range."))?);
    Ok(Answer::Nothing)
}

fn limits<'c>(call: &Call<'c>) -> Result<&'c ProcessLimits, Refusal> {
    call.get::<Handle>()?.limits().ok_or_else(|| Refusal::new("The process has no limits."))
}

fn number(call: &Call<'_>) -> Result<i64, Refusal> {
    match text::leading_number(call.argument(0)) {
        Some((number, "")) => Ok(number),
        _ => Err(Refusal::new("Expects an integer value.")),
    }
}
