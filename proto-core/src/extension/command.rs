//! Commands of the runtime socket that a transport registers.

use std::fmt;

use super::TransportSections;

/// The level of access that a command requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Everyone who can connect.
    User,
    /// Clients that may see what sessions carry, or make changes that last no longer than a session.
    Operator,
    /// Clients that may change the process.
    Admin,
}

/// A command that a crate registers.
#[derive(Clone, Copy)]
pub struct CommandEntry {
    /// The words of the command: a line that begins with them invokes it.
    pub words: &'static [&'static str],
    /// The arguments after the words, as `help` shows them; may be empty.
    pub arguments: &'static str,
    /// The access level that it requires.
    pub access: Access,
    /// One line of help.
    pub help: &'static str,
    /// Runs it and returns the text of the answer, or the reason why there is none. All clients of the runtime socket
    /// wait for it, so it must only read memory, and little of it.
    pub run: fn(&CommandCall<'_>) -> Result<String, String>,
}

impl fmt::Debug for CommandEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommandEntry({:?} for {:?})", self.words.join(" "), self.access)
    }
}

/// One invocation of a command.
#[derive(Clone, Copy, Debug)]
pub struct CommandCall<'a> {
    /// The words after the command's own.
    pub arguments: &'a [String],
    /// The sections of the configuration that transports registered.
    pub sections: &'a TransportSections,
}
