//! What a command is: an entry, made by the file that implements it; and all of them.
//!
//! ```ignore
//! inventory::submit! {
//!     Command::new(&["show", "version"], "", Level::User, "version of the process", |call| {
//!         Ok(Answer::info(call.state.info().version))
//!     })
//! }
//! ```

use std::borrow::Cow;
use std::fmt;

use proto_core::address::Address;
use proxy_config::{Entries, EntriesError, Entry};

use crate::answer::Outcome;
use crate::level::Level;
use crate::session::Session;
use crate::state::State;

/// A command of the runtime socket.
#[derive(Clone, Copy)]
pub struct Command {
    /// Its words: a line that begins with them is this command.
    pub words: &'static [&'static str],
    /// What may stand behind them, as `help` shows it.
    pub arguments: &'static str,
    /// Who may use it.
    pub level: Level,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// Carries it out. It blocks all clients of the runtime socket, so it only looks at memory.
    pub run: fn(&mut Call<'_>) -> Outcome,
}

impl Command {
    /// One.
    pub const fn new(
        words: &'static [&'static str],
        arguments: &'static str,
        level: Level,
        help: &'static str,
        run: fn(&mut Call<'_>) -> Outcome,
    ) -> Command {
        Command { words, arguments, level, help, since: "0.1", run }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({:?}, {})", self.words.join(" "), self.level)
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
    /// What stands behind the command's words.
    pub arguments: &'c [String],
    /// What came behind `<<`.
    pub payload: Option<&'c [u8]>,
    /// The client's session: its level, and what it has set for itself.
    pub session: &'c mut Session,
    /// The program.
    pub state: &'c dyn State,
    /// All commands.
    pub commands: &'c Commands,
    /// The sockets that clients come in by.
    pub sockets: &'c [(Address, Level)],
}

impl Call<'_> {
    /// An argument, by its place; empty where there is none, as HAProxy's commands see it.
    pub fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }
}

/// All commands, by their words.
#[derive(Clone, Debug)]
pub struct Commands(Entries<Command>);

impl Commands {
    /// All that are linked into this binary.
    ///
    /// # Errors
    /// When an entry has no words, or those of another.
    pub fn linked() -> Result<Commands, EntriesError> {
        Command::entries().check().map(|()| Commands(Command::entries().clone()))
    }

    /// Some.
    ///
    /// # Errors
    /// As [`linked`](Self::linked).
    pub fn of(entries: impl IntoIterator<Item = &'static Command>) -> Result<Commands, EntriesError> {
        let commands = Entries::of(entries);
        commands.check().map(|()| Commands(commands))
    }

    /// The command that a line begins with; of two, the one with more words.
    pub fn find(&self, words: &[String]) -> Option<&'static Command> {
        let most = self.iter().map(|entry| entry.words.len()).max().unwrap_or_default();
        (1..=words.len().min(most)).rev().map(|count| &words[..count]).find_map(|begin| {
            // A word with a space in it is not two.
            self.0.find(&begin.join(" ")).filter(|entry| entry.words == begin)
        })
    }

    /// All, by their words.
    pub fn iter(&self) -> impl Iterator<Item = &'static Command> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;

    static SHOW: Command = Command::new(&["show"], "", Level::User, "", |_| Ok(Answer::Nothing));
    static STAT: Command = Command::new(&["show", "stat"], "", Level::User, "", |_| Ok(Answer::Nothing));

    #[test]
    fn the_longer_one_is_found() {
        let commands = Commands::of([&SHOW, &STAT]).unwrap();
        let found = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            commands.find(&words).map(|command| command.words.len())
        };
        assert_eq!(found("show stat typed"), Some(2));
        assert_eq!(found("show statx"), Some(1));
        assert_eq!(found("sho stat"), None);
        let twice = Commands::of([&SHOW, &STAT, &SHOW]).unwrap_err();
        assert_eq!(twice, EntriesError::Twice { kind: "command", name: "show".to_owned() });
    }
}
