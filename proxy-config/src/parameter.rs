//! Parameters of bind and server lines. Each is an entry, as a keyword of a section is; [`Parameters`] has all of them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use proto_core::Registry;
/// The lines on which a parameter is allowed.
pub use proto_core::extension::Scope;
use proto_core::spec::Settings;

use crate::arguments::Arguments;
use crate::diagnostic::{Parsed, mistake};
use crate::foreign;
use crate::source::Span;
use crate::surroundings::Surroundings;
use crate::values::Values;
use crate::words::Word;

/// The rest of a bind or server line while one of its parameters is executed.
#[derive(Debug)]
pub struct Endpoint<'l, 'a, 'r> {
    /// The parameter as it was written.
    pub word: &'a Word,
    /// The place of `word`.
    pub span: Span,
    /// The words after it, from which it takes its arguments.
    pub args: &'l mut Arguments<'a>,
    /// The settings that transports get.
    pub settings: &'l mut Settings,
    /// The values of this line that the rest of the program reads.
    pub values: &'l mut Values,
    /// The state that all lines are read with.
    pub surroundings: &'l mut Surroundings<'r>,
}

impl<'a> Endpoint<'_, 'a, '_> {
    /// Returns the text in parentheses after the name, and its place.
    ///
    /// # Errors
    /// Returns an error if the parentheses are not closed, or if something follows them.
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

/// A parameter of bind and server lines that does not belong to a transport.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The lines on which it is allowed.
    pub scope: Scope,
    /// Its arguments as documentation shows them. Those in parentheses, which directly follow its name, come first.
    pub arguments: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid that has it.
    pub since: &'static str,
    /// The source file that submits the entry, as the compiler names it.
    pub file: &'static str,
    /// Parses the arguments and stores what they say.
    pub parse: fn(&mut Endpoint<'_, '_, '_>) -> Parsed,
}

impl Parameter {
    /// Creates a parameter from its name, its documentation and the function that parses it.
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

    /// Returns whether it has arguments in parentheses.
    pub(crate) fn is_parenthesised(&self) -> bool {
        self.arguments.starts_with('(')
    }

    /// Returns its name and its arguments, as documentation shows them.
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

/// An error about the keywords of the entries: a mistake in how the binary is assembled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// Two entries claim the same keyword.
    #[error("the keyword '{name}' of {place} is registered by {first} and by {second}")]
    Twice {
        /// The keyword.
        name: &'static str,
        /// Where it is used.
        place: &'static str,
        /// The source file that claims it, or the crate for an entry of a transport.
        first: &'static str,
        /// The other source file or crate that claims it.
        second: &'static str,
    },
    /// A transport claims a keyword of HAProxy.
    #[error(transparent)]
    Foreign(#[from] foreign::Taken),
}

impl LanguageError {
    /// Creates an error about two claims of the same keyword that does not depend on the order of the two.
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
    /// Gathers all parameters that are linked into this binary, for use with the transports of `registry`.
    ///
    /// # Errors
    /// Returns an error if two claim the same name, or if a transport claims one of HAProxy's.
    pub fn linked(registry: &Registry) -> Result<Parameters, LanguageError> {
        Parameters::of(inventory::iter::<Parameter>, registry)
    }

    fn of(
        entries: impl IntoIterator<Item = &'static Parameter>,
        registry: &Registry,
    ) -> Result<Parameters, LanguageError> {
        let overlap = |one: Scope, other: Scope| one.covers(other) || other.covers(one);
        let mut parameters = Parameters::default();
        // The order of linking is arbitrary: sorted, the same binary always returns the same error.
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

    /// Returns the parameter with this name on a line, which is [`Scope::Bind`] or [`Scope::Server`].
    pub fn get(&self, line: Scope, name: &str) -> Option<&'static Parameter> {
        self.0.get(name)?.iter().copied().find(|entry| entry.scope.covers(line))
    }

    /// Returns all parameters, by name.
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

    /// Gathers the parameters together with a transport of one keyword.
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
    fn a_keyword_of_a_transport_is_not_one_of_braid() {
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
    fn a_keyword_of_a_transport_is_not_one_of_haproxy() {
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
