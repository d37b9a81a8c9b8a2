//! `set maxconn server`: the limit of concurrent sessions of a server.

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};

use super::{Handle, text};

inventory::submit! {
    Command::new(
        &["set", "maxconn", "server"],
        "<backend>/<server> <number>",
        Level::Admin,
        "change the most concurrent sessions of a server; 0 for no limit",
        set_maxconn,
    )
}

fn set_maxconn(call: &mut Call<'_>) -> CommandResult {
    let (backend, server) = call.get::<Handle>()?.server(call.argument(0))?;
    let Some(index) = backend.index_of(server.name()) else { return Err(Refusal::new("No such server.")) };
    backend.set_server_maxconn(index, parse(call.argument(1))?);
    Ok(Answer::Nothing)
}

fn parse(word: &str) -> Result<usize, Refusal> {
    if word.is_empty() {
        return Err(Refusal::new("Require <maxconn>."));
    }
    match text::leading_number(word) {
        None => Err(Refusal::new("maxconn string empty or preceded by garbage")),
        Some((number, "")) => usize::try_from(number)
            .ok()
            .filter(|number| *number <= i32::MAX as usize)
            .ok_or_else(|| Refusal::new("Value out of range.")),
        Some(_) => Err(Refusal::new("Trailing garbage in maxconn string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers() {
        assert_eq!((parse("0").unwrap(), parse("7").unwrap()), (0, 7));
        for (word, why) in [
            ("", "Require <maxconn>."),
            ("x", "maxconn string empty or preceded by garbage"),
            ("7x", "Trailing garbage in maxconn string"),
            ("-1", "Value out of range."),
            ("99999999999", "Value out of range."),
        ] {
            assert_eq!(parse(word).unwrap_err().0, why, "{word}");
        }
    }
}
