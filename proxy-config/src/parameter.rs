//! What a word of a bind or server line is: an entry, as a keyword of a section is; and all of them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use proto_core::Registry;
/// Which lines a word may stand on.
pub use proto_core::extension::Scope;
use proto_core::spec::Settings;

use crate::arguments::Arguments;
use crate::diagnostic::{Parsed, mistake};
use crate::foreign;
use crate::source::Span;
use crate::surroundings::Surroundings;
use crate::values::Values;
use crate::words::Word;

/// The rest of a bind or server line while one of its words is carried out.
#[derive(Debug)]
pub struct Endpoint<'l, 'a, 'r> {
    /// The word.
    pub word: &'a Word,
    /// Where it stands.
    pub span: Span,
    /// The words after it, of which it takes its arguments.
    pub args: &'l mut Arguments<'a>,
    /// What transports get.
    pub settings: &'l mut Settings,
    /// What the rest of the program was told of this line.
    pub values: &'l mut Values,
    /// What all lines are read with.
    pub surroundings: &'l mut Surroundings<'r>,
}

impl<'a> Endpoint<'_, 'a, '_> {
    /// What stands in parentheses after the name, and where.
    ///
    /// # Errors
    /// When they are not closed, or something follows them.
    pub fn parenthesised(&self) -> Parsed<(&'a str, Span)> {
        let text = &*self.word.text;
        let open = text.find('(').unwrap_or(text.len());
        let Some(inner) = text[open..].strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
            let place = self.word.part(open, text.len());
            return Err(mistake(place, format!("'{}' does not end with a parenthesis", self.word.text)));
        };
        Ok((inner, self.word.part(open + 1, open + 1 + inner.len())))
    }
}

/// A parameter of bind and server lines that is not a transport's.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// The word.
    pub name: &'static str,
    /// On which lines.
    pub scope: Scope,
    /// Its arguments as a page shows them. What it has in parentheses, close to its name, comes first.
    pub arguments: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// The source file that makes the entry, as the compiler knows it.
    pub file: &'static str,
    /// Carries it out.
    pub parse: fn(&mut Endpoint<'_, '_, '_>) -> Parsed,
}

impl Parameter {
    /// A keyword and the function that reads it.
    #[track_caller]
    pub const fn new(
        name: &'static str,
        scope: Scope,
        arguments: &'static str,
        help: &'static str,
        parse: fn(&mut Endpoint<'_, '_, '_>) -> Parsed,
    ) -> Parameter {
        Parameter { name, scope, arguments, help, since: "0.1", file: Location::caller().file(), parse }
    }

    /// Whether it has arguments in parentheses.
    pub(crate) fn is_parenthesised(&self) -> bool {
        self.arguments.starts_with('(')
    }

    /// The word and its arguments, as a page shows them.
    pub fn usage(&self) -> String {
        let space = if self.arguments.is_empty() || self.is_parenthesised() { "" } else { " " };
        format!("{}{space}{}", self.name, self.arguments)
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

/// A keyword cannot be what an entry says: a mistake of whoever assembled the binary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// Two entries claim one.
    #[error("the keyword '{name}' of {place} is registered by {first} and by {second}")]
    Twice {
        /// The keyword.
        name: &'static str,
        /// Where it stands.
        place: &'static str,
        /// Who claims it: a source file, or a crate for what comes with a transport.
        first: &'static str,
        /// Who else does.
        second: &'static str,
    },
    /// A transport's keyword is one of HAProxy's.
    #[error(transparent)]
    Foreign(#[from] foreign::Taken),
}

impl LanguageError {
    /// Two claim one keyword, in whatever order they were found.
    pub(crate) fn twice(
        name: &'static str,
        place: &'static str,
        one: &'static str,
        other: &'static str,
    ) -> LanguageError {
        LanguageError::Twice { name, place, first: one.min(other), second: one.max(other) }
    }
}

const LINES: &str = "bind or server lines";

impl Parameters {
    /// All that are linked into this binary, beside the keywords of a registry's transports.
    ///
    /// # Errors
    /// When two claim one word, or a transport claims one that is HAProxy's.
    pub fn linked(registry: &Registry) -> Result<Parameters, LanguageError> {
        Parameters::of(inventory::iter::<Parameter>, registry)
    }

    fn of(
        entries: impl IntoIterator<Item = &'static Parameter>,
        registry: &Registry,
    ) -> Result<Parameters, LanguageError> {
        let overlap = |one: Scope, other: Scope| one.covers(other) || other.covers(one);
        let mut parameters = Parameters::default();
        // Link order is no order: sorted, the same binary always says the same.
        let mut sorted: Vec<&'static Parameter> = entries.into_iter().collect();
        sorted.sort_by_key(|entry| (entry.name, entry.file));
        for entry in sorted {
            let same_name = parameters.0.entry(entry.name).or_default();
            if let Some(other) = same_name.iter().find(|other| overlap(other.scope, entry.scope)) {
                return Err(LanguageError::twice(entry.name, LINES, entry.file, other.file));
            }
            same_name.push(entry);
        }
        for (origin, keyword) in registry.keyword_origins() {
            let same_name = parameters.0.get(keyword.name).into_iter().flatten();
            if let Some(other) = same_name.into_iter().find(|other| overlap(other.scope, keyword.scope)) {
                return Err(LanguageError::twice(keyword.name, LINES, origin, other.file));
            }
            for &place in foreign::places(keyword.scope) {
                foreign::check_name("keyword", origin, place, keyword.name)?;
            }
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

#[cfg(test)]
mod tests {
    use proto_core::Registration;
    use proto_core::extension::Keyword;

    use super::*;

    const fn parameter(name: &'static str, scope: Scope) -> Parameter {
        Parameter::new(name, scope, "", "", |_| Ok(()))
    }

    static DEPTH: Parameter = parameter("depth", Scope::Bind);
    static DEPTH_OF_SERVERS: Parameter = parameter("depth", Scope::Server);
    static DEPTH_OF_BOTH: Parameter =
        Parameter { file: "acme/src/depth.rs", ..parameter("depth", Scope::Both) };

    /// What a crate with one keyword meets.
    fn meets(origin: &'static str, name: &'static str, scope: Scope) -> Result<Parameters, String> {
        let keyword =
            Keyword { name, scope, of: None, arguments: &[], optional: None, help: "", apply: |_, _| Ok(()) };
        let keywords = vec![keyword].leak();
        let registry = Registry::build([Registration { keywords, ..Registration::new(origin) }]).unwrap();
        Parameters::of([&DEPTH], &registry).map_err(|error| error.to_string())
    }

    #[test]
    fn a_word_that_two_claim_names_both() {
        let registry = Registry::build([]).unwrap();
        let twice = |entries: [&'static Parameter; 2]| {
            Parameters::of(entries, &registry).map(|_| ()).map_err(|error| error.to_string())
        };
        let message = format!(
            "the keyword 'depth' of bind or server lines is registered by acme/src/depth.rs and by {}",
            file!()
        );
        assert_eq!(twice([&DEPTH, &DEPTH_OF_BOTH]), Err(message.clone()));
        assert_eq!(twice([&DEPTH_OF_BOTH, &DEPTH]), Err(message));
        assert_eq!(twice([&DEPTH, &DEPTH_OF_SERVERS]), Ok(()));
    }

    #[test]
    fn a_transports_keyword_is_none_of_the_products() {
        for scope in [Scope::Bind, Scope::Both] {
            assert_eq!(
                meets("proto-acme", "depth", scope).unwrap_err(),
                format!(
                    "the keyword 'depth' of bind or server lines is registered by proto-acme and by {}",
                    file!()
                )
            );
        }
        assert!(meets("proto-acme", "depth", Scope::Server).is_ok(), "each on its kind of line");
    }

    #[test]
    fn a_transports_keyword_is_none_of_haproxys() {
        let belongs = "which only Braid's own crates serve: give it a prefix of its own";
        for (name, scope) in [
            ("alpn", Scope::Bind),
            ("check", Scope::Server),
            ("crt-list", Scope::Both),
            ("weight", Scope::Both),
        ] {
            assert_eq!(
                meets("proto-acme", name, scope).unwrap_err(),
                format!("keyword '{name}' of proto-acme has a name of HAProxy's, {belongs}")
            );
            assert!(meets("proto-tcp", name, scope).is_ok(), "{name}");
        }
        assert!(meets("proto-acme", "weight", Scope::Bind).is_ok(), "HAProxy has it on server lines");
        assert!(meets("proto-acme", "acme-alpn", Scope::Both).is_ok());
    }
}
