//! What a transport adds beyond bytes: keywords of bind and server lines, samples of a connection, sections and checks of
//! a configuration, commands of the runtime socket, and counters.
//!
//! The product reads them from the registry and never learns whose they are. Socket options are keywords of this kind
//! too, registered by this crate.

mod check;
mod command;
mod counter;
mod section;
mod undeclared;

use std::cell::Cell;
use std::fmt;
use std::ops::Index;

use crate::findings::Findings;
use crate::spec::Settings;
use crate::stream::Stream;
pub use crate::value::Value;

pub use check::{CheckEntry, Configured, ConfiguredEndpoint, Remark, RemarkPlace};
pub use command::{Access, CommandCall, CommandEntry};
pub use counter::{CounterEntry, CounterKind};
pub use section::{SectionEntry, SectionKeyword, TransportSection, TransportSections};
use undeclared::{Undeclared, undeclared};

/// On which lines a keyword may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `bind`.
    Bind,
    /// `server` and `default-server`.
    Server,
    /// Both.
    Both,
}

impl Scope {
    /// Whether a keyword of this scope may stand on such a line. A line is `Bind` or `Server`.
    pub fn covers(self, line: Scope) -> bool {
        self == Scope::Both || self == line
    }
}

/// A keyword of bind or server lines.
#[derive(Clone, Copy)]
pub struct Keyword {
    /// The word.
    pub name: &'static str,
    /// Where it may stand.
    pub scope: Scope,
    /// The protocols and layers that it means something to, by name. On a line that has none of them it is a mistake.
    /// `None`: it means something to every protocol.
    pub of: Option<&'static [&'static str]>,
    /// Its arguments as a page shows them, such as `<bytes>`; one word for each, none for a flag.
    pub arguments: &'static [&'static str],
    /// Arguments that may follow those.
    pub optional: Option<Optional>,
    /// One line of help.
    pub help: &'static str,
    /// Carries it out. Gets as many words as `arguments` has, and then those of `optional` that were there.
    ///
    /// It does nothing but store a value: it is also called when the program starts, with words that nobody wrote, to find
    /// out whether it reads more of them than it declares. A file is opened, and a name resolved, by `bind` or `connector`.
    pub apply: fn(&mut Settings, &Words<'_>) -> Result<(), KeywordError>,
}

/// Optional arguments: the words after the others that are recognised as such.
#[derive(Clone, Copy, Debug)]
pub struct Optional {
    /// As a page shows them: `[<bytes>]`, `[<name>...]`.
    pub shown: &'static str,
    /// How many there may be.
    pub most: usize,
    /// Whether a word is one of them, and not the next keyword of the line.
    pub accepts: fn(&str) -> bool,
}

impl Keyword {
    /// A word that it reads and does not declare.
    pub(crate) fn undeclared(&self) -> Option<Undeclared> {
        undeclared(self.arguments, |words| (self.apply)(&mut Settings::default(), words))
    }

    /// The word and its arguments, as a page shows them.
    pub fn usage(&self) -> String {
        usage(self.name, self.arguments, self.optional)
    }
}

fn usage(name: &str, arguments: &[&str], optional: Option<Optional>) -> String {
    let optional = optional.map(|optional| optional.shown);
    [name].iter().chain(arguments).copied().chain(optional).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyword({:?} {:?})", self.scope, self.name)
    }
}

/// The words that a keyword is given, by their number from 0. One beyond those that it declares is empty, and noted:
/// see [`Words::missing`].
#[derive(Debug)]
pub struct Words<'a> {
    words: &'a [&'a str],
    missing: Cell<Option<usize>>,
}

impl<'a> Words<'a> {
    /// These.
    pub fn new(words: &'a [&'a str]) -> Words<'a> {
        Words { words, missing: Cell::new(None) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a str> {
        self.words.iter().copied()
    }

    /// An optional word.
    pub fn get(&self, index: usize) -> Option<&'a str> {
        self.words.get(index).copied()
    }

    /// The first word that was asked for and is not there, by its number: of a keyword that does not declare all that it
    /// reads.
    pub fn missing(&self) -> Option<usize> {
        self.missing.get()
    }
}

impl<'a> Index<usize> for Words<'a> {
    type Output = &'a str;

    fn index(&self, index: usize) -> &&'a str {
        self.words.get(index).unwrap_or_else(|| {
            self.missing.set(self.missing.get().or(Some(index)));
            &""
        })
    }
}

/// An argument that a keyword does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not {expected}")]
pub struct KeywordError {
    /// The argument, counted from 0.
    pub argument: usize,
    /// What stood there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

impl KeywordError {
    /// The first argument is not what it should be.
    pub fn first(found: &str, expected: impl Into<String>) -> KeywordError {
        KeywordError { argument: 0, found: found.to_owned(), expected: expected.into() }
    }
}

/// Of what type a sample is, known before it is taken so that a configuration can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleType {
    /// [`Value::Bool`]
    Bool,
    /// [`Value::Integer`]
    Integer,
    /// [`Value::Duration`]
    Duration,
    /// [`Value::Ip`]
    Ip,
    /// [`Value::Text`]
    Text,
}

/// Whose connection a sample is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client's.
    Client,
    /// The server's, while there is one.
    Server,
}

/// A connection that a sample is taken of.
#[derive(Clone, Copy, Debug)]
pub struct Sampled<'a> {
    /// What its bytes go through.
    pub stream: &'a dyn Stream,
    /// What the handshakes of its layers have found out.
    pub findings: &'a Findings,
}

impl<'a> Sampled<'a> {
    /// A connection without layers.
    pub fn new(stream: &'a dyn Stream) -> Sampled<'a> {
        Sampled { stream, findings: Findings::none() }
    }
}

/// A fact about a connection that a rule or a log can ask for.
#[derive(Clone, Copy)]
pub struct SampleFetch {
    /// The name.
    pub name: &'static str,
    /// Of which connection.
    pub side: Side,
    /// The type of what it gives.
    pub gives: SampleType,
    /// One line of help.
    pub help: &'static str,
    /// Takes it; `None` where the connection has no such fact.
    pub fetch: fn(&Sampled<'_>) -> Option<Value>,
}

impl fmt::Debug for SampleFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SampleFetch({:?} {:?} {:?})", self.name, self.side, self.gives)
    }
}
