//! What else a transport can register: keywords of bind and server lines, samples of a connection, sections and checks
//! of a configuration, commands of the runtime socket, and counters.
//!
//! The proxy reads them from the registry and does not know which crate they come from. Socket options are keywords of
//! this kind too, registered by this crate.

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

/// The lines on which a keyword is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `bind` lines.
    Bind,
    /// `server` and `default-server` lines.
    Server,
    /// All of these lines.
    Both,
}

impl Scope {
    /// Returns whether a keyword of this scope is allowed on a line, which is `Bind` or `Server`.
    pub fn covers(self, line: Scope) -> bool {
        self == Scope::Both || self == line
    }
}

/// A keyword of bind or server lines.
#[derive(Clone, Copy)]
pub struct Keyword {
    /// The word that names it.
    pub name: &'static str,
    /// The lines on which it is allowed.
    pub scope: Scope,
    /// The names of the protocols and layers that it applies to. On a line that uses none of them it is an error.
    /// `None` if it applies to every protocol.
    pub of: Option<&'static [&'static str]>,
    /// Its arguments as documentation shows them, such as `<bytes>`: one for each word, none for a flag.
    pub arguments: &'static [&'static str],
    /// Optional arguments after those.
    pub optional: Option<Optional>,
    /// One line of help.
    pub help: &'static str,
    /// Applies it. `Words` has as many words as `arguments`, followed by the optional ones that are present.
    ///
    /// It must only store a value: it is also called at start-up with made-up words, to find out whether it reads more
    /// of them than it declares. Files are opened, and names resolved, by `bind` or `connector`.
    pub apply: fn(&mut Settings, &Words<'_>) -> Result<(), KeywordError>,
}

/// Optional arguments: words after the required ones that are recognised as arguments.
#[derive(Clone, Copy, Debug)]
pub struct Optional {
    /// How documentation shows them: `[<bytes>]`, `[<name>...]`.
    pub shown: &'static str,
    /// The highest number of them.
    pub most: usize,
    /// Returns whether a word is one of them, and not the next keyword of the line.
    pub accepts: fn(&str) -> bool,
}

impl Keyword {
    /// Returns a word that the keyword reads but does not declare, if there is one.
    pub(crate) fn undeclared(&self) -> Option<Undeclared> {
        undeclared(self.arguments, |words| (self.apply)(&mut Settings::default(), words))
    }

    /// Returns the keyword and its arguments, as documentation shows them.
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

/// The arguments of a keyword, by index from 0. An index past the declared arguments gives an empty word, and is
/// recorded: see [`Words::missing`].
#[derive(Debug)]
pub struct Words<'a> {
    words: &'a [&'a str],
    missing: Cell<Option<usize>>,
    partly_read: Cell<Option<(usize, usize)>>,
}

impl<'a> Words<'a> {
    /// Wraps these words.
    pub fn new(words: &'a [&'a str]) -> Words<'a> {
        Words { words, missing: Cell::new(None), partly_read: Cell::new(None) }
    }

    /// Returns the number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns an iterator over all words.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a str> {
        self.words.iter().copied()
    }

    /// Returns the word at this index, or `None` if an optional word is absent.
    pub fn get(&self, index: usize) -> Option<&'a str> {
        self.words.get(index).copied()
    }

    /// Records that a word was taken for what it begins with: what follows its first `length` bytes has no effect. That
    /// is how HAProxy reads times; the reader of the line warns.
    pub fn read_beginning(&self, index: usize, length: usize) {
        self.partly_read.set(Some((index, length)));
    }

    /// Returns the word that was taken for what it begins with, and the length of that in bytes.
    pub fn partly_read(&self) -> Option<(usize, usize)> {
        self.partly_read.get()
    }

    /// Returns the lowest index that was read though there is no such word: the keyword does not declare all that it
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

/// An argument that a keyword does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not {expected}")]
pub struct KeywordError {
    /// The index of the argument, from 0.
    pub argument: usize,
    /// The word that was found.
    pub found: String,
    /// What is allowed there.
    pub expected: String,
}

impl KeywordError {
    /// Returns the error for the first argument.
    pub fn first(found: &str, expected: impl Into<String>) -> KeywordError {
        KeywordError { argument: 0, found: found.to_owned(), expected: expected.into() }
    }
}

/// The type of a sample, known before the sample is taken so that a configuration can be checked.
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

/// The connection that a sample is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The connection with the client.
    Client,
    /// The connection with the server, while there is one.
    Server,
}

/// A connection that samples are taken from.
#[derive(Clone, Copy, Debug)]
pub struct Sampled<'a> {
    /// The stream that carries its bytes.
    pub stream: &'a dyn Stream,
    /// What the handshakes of its layers learned.
    pub findings: &'a Findings,
}

impl<'a> Sampled<'a> {
    /// Returns a connection without layers.
    pub fn new(stream: &'a dyn Stream) -> Sampled<'a> {
        Sampled { stream, findings: Findings::none() }
    }
}

/// A fact about a connection that rules and logs can use.
#[derive(Clone, Copy)]
pub struct SampleFetch {
    /// The name of the fetch.
    pub name: &'static str,
    /// The connection that it reads.
    pub side: Side,
    /// The type of its sample.
    pub gives: SampleType,
    /// One line of help.
    pub help: &'static str,
    /// Takes the sample; returns `None` if the connection has no such fact.
    pub fetch: fn(&Sampled<'_>) -> Option<Value>,
}

impl fmt::Debug for SampleFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SampleFetch({:?} {:?} {:?})", self.name, self.side, self.gives)
    }
}
