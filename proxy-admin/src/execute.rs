//! Executes commands: from the words of a line to the bytes of an answer. No I/O here.

use proto_core::address::Address;
use proto_core::extension::{CommandCall, TransportSections};
use proxy_config::Values;
use tokio::sync::mpsc;

use crate::answer::{self, Answer, CommandResult, Refusal};
use crate::client::{Client, Mode};
use crate::command::{Call, Command, Commands, Handler};
use crate::help;
use crate::level::Level;
use crate::limits::AdminLimits;
use crate::request::Request;
use crate::uptime::Uptime;
use crate::words;

/// The state that all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) commands: Commands,
    /// The values that commands of other crates use, by type.
    pub(crate) facts: Values,
    pub(crate) uptime: Uptime,
    pub(crate) sockets: Vec<(Address, Level)>,
    pub(crate) limits: AdminLimits,
}

/// Executes one command of a line. Returns the bytes to send, with the end of the answer; pieces sent earlier
/// precede them.
///
/// Ready at once unless the command is asynchronous. Dropping the future ends the command.
pub(crate) async fn answer(
    client: &mut Client,
    request: &Request,
    index: usize,
    shared: &Shared,
    pieces: &mpsc::Sender<String>,
) -> Vec<u8> {
    let last = index + 1 == request.commands.len();
    let payload = request.payload.as_deref().filter(|_| last);
    client.quiet = false;
    let outcome = execute(client, &request.commands[index], payload, shared, pieces).await;
    if client.quit {
        return Vec::new();
    }
    let mut text = answer::render(outcome, client.severity);
    match client.mode {
        Mode::Prompt if last => text.push_str(&prompt(client, shared)),
        Mode::Prompt => text.push('\n'),
        Mode::NonInteractive | Mode::Interactive if client.quiet => {}
        Mode::NonInteractive | Mode::Interactive => text.push('\n'),
    }
    text.into_bytes()
}

fn prompt(client: &Client, shared: &Shared) -> String {
    if !client.timed {
        return "\n> ".to_owned();
    }
    let up = shared.uptime.now().as_secs();
    let (days, hours, minutes, seconds) = (up / 86_400, up / 3_600 % 24, up / 60 % 60, up % 60);
    format!("\n[{days}:{hours:02}:{minutes:02}:{seconds:02}]> ")
}

/// Executes a command of a transport, which does not know this crate.
fn transport(run: fn(&CommandCall<'_>) -> Result<String, String>, call: &Call<'_>) -> CommandResult {
    let none = TransportSections::default();
    let sections = call.facts.get().unwrap_or(&none);
    match run(&CommandCall { arguments: call.arguments, sections }) {
        Ok(text) => Ok(Answer::Data(match text.ends_with('\n') || text.is_empty() {
            true => text,
            false => text + "\n",
        })),
        Err(reason) => Err(Refusal::new(reason)),
    }
}

async fn execute(
    client: &mut Client,
    command: &[u8],
    payload: Option<&[u8]>,
    shared: &Shared,
    pieces: &mpsc::Sender<String>,
) -> CommandResult {
    let words = words::split(command).map_err(|words::TooMany| {
        Refusal::new(format!("Too many words: a command has at most {}.", words::MOST))
    })?;
    if words.first().is_none_or(String::is_empty) {
        return Ok(Answer::Nothing);
    }
    let Some(Command { words: own, level, handler, .. }) = shared.commands.find(&words) else {
        return Ok(Answer::info(help::unknown(&shared.commands, &words)));
    };
    if client.level < *level {
        return Err(Refusal::new("Permission denied"));
    }
    let mut call = Call {
        arguments: &words[own.len()..],
        payload,
        client,
        commands: &shared.commands,
        sockets: &shared.sockets,
        facts: &shared.facts,
        pieces,
    };
    match handler {
        Handler::Immediate(run) => run(&mut call),
        Handler::Asynchronous(run) => run(call).await,
        Handler::Transport(run) => transport(*run, &call),
    }
}
