//! What a transport adds beyond bytes: keywords of bind and server lines, and samples of a connection.
//!
//! The product reads them from the registry and never learns whose they are. Socket options are keywords of this kind
//! too, registered by this crate.

use std::fmt;

use crate::spec::Settings;
use crate::stream::Stream;
pub use crate::value::Value;

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
    /// Its arguments as a page shows them, such as `<bytes>`; one word for each, none for a flag.
    pub arguments: &'static [&'static str],
    /// One line of help.
    pub help: &'static str,
    /// Carries it out. Gets as many arguments as `arguments` has.
    pub apply: fn(&mut Settings, &[&str]) -> Result<(), KeywordError>,
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyword({:?} {:?})", self.scope, self.name)
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

/// A fact about a connection that a rule or a log can ask for.
#[derive(Clone, Copy)]
pub struct SampleFetch {
    /// The name.
    pub name: &'static str,
    /// The type of what it gives.
    pub gives: SampleType,
    /// One line of help.
    pub help: &'static str,
    /// Takes it; `None` where the connection has no such fact.
    pub fetch: fn(&dyn Stream) -> Option<Value>,
}

impl fmt::Debug for SampleFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SampleFetch({:?} {:?})", self.name, self.gives)
    }
}
