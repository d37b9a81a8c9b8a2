//! `get weight` and `set weight`: the weights of servers.

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use super::{Handle, text};
use crate::{Backend, MAX_WEIGHT};

inventory::submit! {
    Command::new(&["get", "weight"], "<backend>/<server>", Level::User, "show the weight of a server", |call| {
        let (_, server) = call.get::<Handle>()?.server(call.argument(0))?;
        Ok(Answer::Data(format!("{} (initial {})\n", server.weight(), server.config().weight)))
    })
}

inventory::submit! {
    Command::new(
        &["set", "weight"],
        "<backend>/<server> <number>[%]",
        Level::Admin,
        "change the weight of a server",
        set_weight,
    )
}

fn set_weight(call: &mut Call<'_>) -> CommandResult {
    let (backend, server) = call.get::<Handle>()?.server(call.argument(0))?;
    let Some(index) = backend.index_of(server.name()) else { return Err(Refusal::new("No such server.")) };
    set(backend, index, call.argument(1))
}

/// Changes a weight: to a number, or to a percentage of the configured weight.
pub(super) fn set(backend: &Arc<Backend>, index: usize, weight: &str) -> CommandResult {
    let initial = backend.servers()[index].config().weight;
    let weight = parse(weight, initial)?;
    if weight > 0 && weight != initial && !backend.follows_weights() {
        return Err(Refusal::new(
            "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
        ));
    }
    backend.set_user_weight(index, weight);
    Ok(Answer::Nothing)
}

fn parse(word: &str, initial: u16) -> Result<u16, Refusal> {
    if word.is_empty() {
        return Err(Refusal::new("Require <weight> or <weight%>."));
    }
    let Some((number, rest)) = text::leading_number(word) else {
        return Err(Refusal::new("Empty weight string empty or preceded by garbage"));
    };
    let most = i64::from(MAX_WEIGHT);
    match rest {
        "%" if number < 0 => Err(Refusal::new("Relative weight must be positive.")),
        "%" => {
            let weight = i64::from(initial) * number.min(100 * most) / 100;
            Ok(u16::try_from(weight.min(most)).unwrap_or(MAX_WEIGHT))
        }
        _ if !(0..=most).contains(&number) => {
            Err(Refusal::new("Absolute weight can only be between 0 and 256 inclusive."))
        }
        "" => Ok(u16::try_from(number).unwrap_or(MAX_WEIGHT)),
        _ => Err(Refusal::new("Trailing garbage in weight string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_numbers_or_percentages() {
        for (word, weight) in
            [("0", 0), ("256", 256), ("50%", 5), ("0%", 0), ("1000%", 100), ("99999999%", 256)]
        {
            assert_eq!(parse(word, 10).unwrap(), weight, "{word}");
        }
        for (word, why) in [
            ("", "Require <weight> or <weight%>."),
            ("x", "Empty weight string empty or preceded by garbage"),
            ("%", "Empty weight string empty or preceded by garbage"),
            ("-1%", "Relative weight must be positive."),
            ("-1", "Absolute weight can only be between 0 and 256 inclusive."),
            ("257x", "Absolute weight can only be between 0 and 256 inclusive."),
            ("5x", "Trailing garbage in weight string"),
            ("5%%", "Trailing garbage in weight string"),
        ] {
            assert_eq!(parse(word, 10).unwrap_err().0, why, "{word}");
        }
    }
}
