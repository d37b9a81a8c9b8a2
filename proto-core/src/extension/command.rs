//! Commands of the runtime socket that a transport brings.

use std::fmt;

use super::TransportSections;

/// Who may use a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Everybody who can connect.
    User,
    /// Whoever may see what sessions carry, or change what lasts no longer than they do.
    Operator,
    /// Whoever may change the process.
    Admin,
}

/// A command that a crate brings.
#[derive(Clone, Copy)]
pub struct CommandEntry {
    /// Its words: a line that begins with them is this command.
    pub words: &'static [&'static str],
    /// What may follow them, as `help` shows it; may be empty.
    pub arguments: &'static str,
    /// Who may use it.
    pub access: Access,
    /// One line of help.
    pub help: &'static str,
    /// Executes it: the text of the answer, or why there is none. All clients of the runtime socket wait for it, so it
    /// only looks at memory, and at little of it.
    pub run: fn(&CommandCall<'_>) -> Result<String, String>,
}

impl fmt::Debug for CommandEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommandEntry({:?} for {:?})", self.words.join(" "), self.access)
    }
}

/// One use of a command.
#[derive(Clone, Copy, Debug)]
pub struct CommandCall<'a> {
    /// The words after the command's own.
    pub arguments: &'a [String],
    /// The sections of the configuration that transports bring.
    pub sections: &'a TransportSections,
}
