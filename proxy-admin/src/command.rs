//! Commands: the entry that registers one, in the file that implements it; one use of it; and the list of all.
//!
//! ```ignore
//! inventory::submit! {
//!     Command::new(&["show", "version"], "", Level::User, "version of the process", |call| {
//!         Ok(Answer::info(call.get::<Process>()?.version))
//!     })
//! }
//!
//! inventory::submit! {
//!     Command::asynchronous(&["show", "sess"], "", Level::Operator, "sessions", |call| Box::pin(show_sess(call)))
//! }
//!
//! async fn show_sess(call: Call<'_>) -> CommandResult {
//!     for worker in call.get::<Workers>()?.iter() {
//!         for session in worker.sessions().await? {
//!             call.send(format!("{session}\n")).await;
//!         }
//!     }
//!     Ok(Answer::Nothing)
//! }
//! ```

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use proto_core::Registry;
use proto_core::address::Address;
use proto_core::extension::{CommandCall, CommandEntry};
use proxy_config::{EntriesError, Entry, Values};
use tokio::sync::mpsc;

use crate::answer::{Answer, CommandResult, Refusal};
use crate::client::Client;
use crate::level::Level;
use crate::pass::{Passed, Passing};

/// A command of the runtime socket.
#[derive(Clone, Copy)]
pub struct Command {
    /// The words that a line has to begin with.
    pub words: &'static [&'static str],
    /// The possible arguments after the words, as `help` shows them.
    pub arguments: &'static str,
    /// The lowest level that may use it.
    pub level: Level,
    /// Its line in `help`; without one it is not listed, as a command that only programs use.
    pub help: &'static str,
    /// The first version of Braid that has it.
    pub since: &'static str,
    /// The function that executes it.
    pub handler: Handler,
}

/// The way in which a command is executed.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Executed at once. All clients of the runtime socket wait for it, so it may only read memory, and little of
    /// it.
    Immediate(fn(&mut Call<'_>) -> CommandResult),
    /// Executed by a future on the thread of the runtime socket, while other clients are served. It may ask other
    /// threads, with a deadline for their answers, and may [send](Call::send) its own answer in pieces. It is
    /// dropped, whatever it waits for, when its client leaves or does not read for too long.
    Asynchronous(for<'c> fn(Call<'c>) -> Running<'c>),
    /// Executed at once, by a transport that has registered the command.
    Transport(fn(&CommandCall<'_>) -> Result<String, String>),
}

/// A command that is being executed.
pub type Running<'c> = Pin<Box<dyn Future<Output = CommandResult> + 'c>>;

impl Command {
    /// Creates a command that is executed at once.
    pub const fn new(
        words: &'static [&'static str],
        arguments: &'static str,
        level: Level,
        help: &'static str,
        run: fn(&mut Call<'_>) -> CommandResult,
    ) -> Command {
        Command { words, arguments, level, help, since: "0.1", handler: Handler::Immediate(run) }
    }

    /// Creates a command that may wait.
    pub const fn asynchronous(
        words: &'static [&'static str],
        arguments: &'static str,
        level: Level,
        help: &'static str,
        run: for<'c> fn(Call<'c>) -> Running<'c>,
    ) -> Command {
        Command { words, arguments, level, help, since: "0.1", handler: Handler::Asynchronous(run) }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({:?}, {})", self.words.join(" "), self.level)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Handler::Immediate(_) => "Immediate",
            Handler::Asynchronous(_) => "Asynchronous",
            Handler::Transport(_) => "Transport",
        })
    }
}

impl Entry for Command {
    const KIND: &'static str = "command";

    fn name(&self) -> Cow<'static, str> {
        self.words.join(" ").into()
    }
}

proxy_config::entries!(Command);

/// One use of a command.
#[derive(Debug)]
pub struct Call<'c> {
    /// The words after the command's own.
    pub arguments: &'c [String],
    /// The payload after `<<`.
    pub payload: Option<&'c [u8]>,
    /// The client that uses the command, with its level and its settings.
    pub client: &'c mut Client,
    /// All commands of the program.
    pub commands: &'c Commands,
    /// The addresses and levels of the runtime sockets.
    pub sockets: &'c [(Address, Level)],
    /// The values that the program passed to [`Admin::start`](crate::Admin::start).
    pub(crate) facts: &'c Values,
    /// The sender of pieces to the connection. The channel has room for one piece, so a command waits for a slow
    /// client.
    pub(crate) pieces: &'c mpsc::Sender<String>,
}

impl<'c> Call<'c> {
    /// Returns the argument at a position; empty if there is none, as HAProxy's commands see it.
    pub fn argument(&self, index: usize) -> &'c str {
        self.arguments.get(index).map_or("", String::as_str)
    }

    /// Returns the value of this type that the program has passed to [`Admin::start`](crate::Admin::start).
    ///
    /// # Errors
    /// Returns a refusal if it has passed none. That is then the answer to the client: the command is linked into a
    /// program that does not support it.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<&'c T, Refusal> {
        self.facts.get().ok_or_else(|| {
            Refusal::new(format!("Not available: this program has no {}.", std::any::type_name::<T>()))
        })
    }

    /// Passes descriptors to the client in place of an answer, and closes the connection then. A client to which none can
    /// be passed gets nothing. `begin` is called before the first one is sent.
    pub fn pass(&mut self, all: Vec<Passed>, begin: impl FnOnce() + Send + 'static) -> CommandResult {
        let begin = Box::new(begin);
        self.client.passing = (!all.is_empty()).then_some(Passing { all, begin });
        self.client.quit = true;
        Ok(Answer::Nothing)
    }

    /// Sends a piece of a long answer, and waits while the client is slow. The final answer of the command follows
    /// the pieces.
    ///
    /// The pieces in a row are whole lines, none of them empty. They are written together if there are many, and at
    /// once if the command waits for something else, so a piece may be as small as a line. It should not be much
    /// larger than a few kilobytes, since that bounds the memory of an answer.
    pub async fn send(&self, piece: impl Into<String>) {
        // The connection drops a command before it drops its receiver, so this cannot fail while the command runs.
        let _ = self.pieces.send(piece.into()).await;
    }
}

/// All commands of a program, in the order of their words.
#[derive(Clone, Debug)]
pub struct Commands(Vec<Command>);

impl Commands {
    /// Collects all commands that are linked into this binary, and those of the transports of a registry.
    ///
    /// # Errors
    /// Returns an error if an entry has no words, or the same words as another.
    pub fn linked(registry: &Registry) -> Result<Commands, EntriesError> {
        Command::entries().check()?;
        let transports = registry.commands().map(|entry| {
            let CommandEntry { words, arguments, access, help, run } = *entry;
            let handler = Handler::Transport(run);
            Command { words, arguments, level: access.into(), help, since: "0.1", handler }
        });
        Commands::of(Command::entries().iter().copied().chain(transports))
    }

    /// Collects the given commands.
    ///
    /// # Errors
    /// As for [`linked`](Self::linked).
    pub fn of(entries: impl IntoIterator<Item = Command>) -> Result<Commands, EntriesError> {
        let mut commands: Vec<Command> = entries.into_iter().collect();
        commands.sort_by_key(|command| command.words);
        let kind = Command::KIND;
        if commands.first().is_some_and(|command| command.words.is_empty()) {
            return Err(EntriesError::Nameless { kind });
        }
        match commands.windows(2).find(|pair| pair[0].words == pair[1].words) {
            Some(twice) => Err(EntriesError::Twice { kind, name: twice[0].words.join(" ") }),
            None => Ok(Commands(commands)),
        }
    }

    /// Returns the command whose words a line begins with; of two such commands, the one with more words.
    pub fn find(&self, words: &[String]) -> Option<&Command> {
        let begins = |command: &&Command| {
            command.words.len() <= words.len()
                && command.words.iter().zip(words).all(|(own, word)| own == word)
        };
        self.iter().filter(begins).max_by_key(|command| command.words.len())
    }

    /// Iterates over all commands, in the order of their words.
    pub fn iter(&self) -> impl Iterator<Item = &Command> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;

    const SHOW: Command = Command::new(&["show"], "", Level::User, "", |_| Ok(Answer::Nothing));
    const STAT: Command = Command::new(&["show", "stat"], "", Level::User, "", |_| Ok(Answer::Nothing));

    #[test]
    fn the_longer_one_is_found() {
        let commands = Commands::of([SHOW, STAT]).unwrap();
        let found = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            commands.find(&words).map(|command| command.words.len())
        };
        assert_eq!(found("show stat typed"), Some(2));
        assert_eq!(found("show statx"), Some(1));
        assert_eq!(found("sho stat"), None);
        let twice = Commands::of([SHOW, STAT, SHOW]).unwrap_err();
        assert_eq!(twice, EntriesError::Twice { kind: "command", name: "show".to_owned() });
    }
}
