//! What a word of a bind or server line is: an entry, as a keyword of a section is; and all of them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use proto_core::Registry;
/// Which lines a word may stand on.
pub use proto_core::extension::Scope;
use proto_core::spec::Settings;

use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostics, Parsed};
use crate::source::Span;
use crate::values::Values;

/// The rest of a bind or server line while one of its words is carried out.
#[derive(Debug)]
pub struct Endpoint<'l, 'a> {
    /// Where the word stands.
    pub span: Span,
    /// The words after it, of which it takes its arguments.
    pub args: &'l mut Arguments<'a>,
    /// What transports get.
    pub settings: &'l mut Settings,
    /// What the rest of the program was told of this line.
    pub values: &'l mut Values,
    /// What there is to say.
    pub diagnostics: &'l mut Diagnostics,
}

/// A parameter of bind and server lines that is not a transport's.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// The word.
    pub name: &'static str,
    /// On which lines.
    pub scope: Scope,
    /// Its arguments as a page shows them.
    pub arguments: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// The source file that makes the entry, as the compiler knows it.
    pub file: &'static str,
    /// Carries it out.
    pub parse: fn(&mut Endpoint<'_, '_>) -> Parsed,
}

impl Parameter {
    /// A keyword and the function that reads it.
    #[track_caller]
    pub const fn new(
        name: &'static str,
        scope: Scope,
        arguments: &'static str,
        help: &'static str,
        parse: fn(&mut Endpoint<'_, '_>) -> Parsed,
    ) -> Parameter {
        Parameter { name, scope, arguments, help, since: "0.1", file: Location::caller().file(), parse }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameter({:?} on {:?})", self.name, self.scope)
    }
}

inventory::collect!(Parameter);

/// The parameters of a binary.
#[derive(Clone, Debug, Default)]
pub struct Parameters(BTreeMap<&'static str, Vec<&'static Parameter>>);

/// Two entries claim one keyword: a mistake of whoever assembled the binary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keyword '{name}' of {place} is registered twice")]
pub struct LanguageError {
    /// The keyword.
    pub name: String,
    /// Where it stands.
    pub place: &'static str,
}

impl Parameters {
    /// All that are linked into this binary, beside the keywords of a registry's transports.
    ///
    /// # Errors
    /// When two claim one word.
    pub fn linked(registry: &Registry) -> Result<Parameters, LanguageError> {
        let mut parameters = Parameters::default();
        for entry in inventory::iter::<Parameter> {
            let twice = || LanguageError { name: entry.name.to_owned(), place: "bind or server lines" };
            let same_name = parameters.0.entry(entry.name).or_default();
            let overlaps = |scope: Scope| scope.covers(entry.scope) || entry.scope.covers(scope);
            let transports = registry.keywords().filter(|keyword| keyword.name == entry.name);
            let claimed =
                same_name.iter().map(|other| other.scope).chain(transports.map(|other| other.scope));
            if claimed.into_iter().any(overlaps) {
                return Err(twice());
            }
            same_name.push(entry);
        }
        Ok(parameters)
    }

    /// A parameter of a line, which is [`Scope::Bind`] or [`Scope::Server`].
    pub fn get(&self, line: Scope, name: &str) -> Option<&'static Parameter> {
        self.0.get(name)?.iter().copied().find(|entry| entry.scope.covers(line))
    }

    /// All parameters, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static Parameter> {
        self.0.values().flatten().copied()
    }
}
