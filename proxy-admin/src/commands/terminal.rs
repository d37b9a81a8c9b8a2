//! Commands about the connection itself: `help`, `prompt`, `quit`, `echo`, `set severity-output`, `set timeout cli`.

use std::time::Duration;

use proto_core::units::{TimeUnit, parse_time};

use crate::answer::{Answer, CommandResult, Refusal};
use crate::client::Mode;
use crate::command::{Call, Command};
use crate::help;
use crate::level::Level;
use crate::severity::SeverityOutput;

inventory::submit! {
    Command::new(&["help"], "[<command>]", Level::User, "list all commands, or those with this prefix", |call| {
        Ok(Answer::info(help::help(call.commands, call.arguments)))
    })
}

inventory::submit! {
    Command::new(&["quit"], "", Level::User, "close this connection", |call| {
        call.client.quit = true;
        Ok(Answer::Nothing)
    })
}

inventory::submit! {
    Command::new(&["echo"], "<text>", Level::User, "print a text", |call| Ok(Answer::info(call.arguments.join(" "))))
}

inventory::submit! {
    Command::new(&["prompt"], "[help | n | i | p | timed]*", Level::User, "set what happens after a line", prompt)
}

const PROMPT: &str = "Usage: prompt [help | n | i | p | timed]*
  help    say this
  n       non-interactive: the connection ends after the line
  i       interactive: the connection stays open, without a prompt
  p       with a prompt
  timed   with a prompt; show the uptime of the process in it, or no longer
Without an argument: from n and i to p, from p to n.";

fn prompt(call: &mut Call<'_>) -> CommandResult {
    let (mut mode, mut timed) = (None, false);
    for word in call.arguments {
        match &**word {
            "n" => mode = Some(Mode::NonInteractive),
            "i" => mode = Some(Mode::Interactive),
            "p" => mode = Some(Mode::Prompt),
            "timed" => timed = true,
            "help" => return Ok(Answer::info(PROMPT)),
            _ => return Err(Refusal::new(PROMPT)),
        }
    }
    let client = &mut *call.client;
    client.timed ^= timed;
    client.mode = mode.unwrap_or(match client.mode {
        Mode::Prompt if !timed => Mode::NonInteractive,
        _ => Mode::Prompt,
    });
    Ok(Answer::Nothing)
}

inventory::submit! {
    Command::new(
        &["set", "severity-output"],
        "[none|number|string] [-]",
        Level::User,
        "set whether messages begin with their severity",
        |call| {
            call.client.quiet = call.argument(1) == "-";
            let wanted = SeverityOutput::ALL.iter().find(|(word, _)| *word == call.argument(0));
            let (_, output) = wanted.ok_or_else(|| Refusal::new("Expected one of: none, number, string."))?;
            call.client.severity = *output;
            Ok(Answer::Nothing)
        },
    )
}

inventory::submit! {
    Command::new(&["set", "timeout", "cli"], "<delay>", Level::User, "set the timeout of this connection", |call| {
        let wanted = || Refusal::new("Expected a time of at least one second, such as 30 or 2m.");
        let time = parse_time(call.argument(0), TimeUnit::Seconds).map_err(|_| wanted())?;
        if time < Duration::from_secs(1) {
            return Err(wanted());
        }
        call.client.timeout = time;
        Ok(Answer::Nothing)
    })
}
