//! Errors of conditions, each with a message of its own and its place in the text.

use std::fmt;
use std::ops::Range;

/// A mistake in a condition, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// The text of the condition, after the tokenizer.
    pub text: String,
    /// The part that is wrong, in byte offsets; empty where something is missing.
    pub span: Range<usize>,
    /// The mistake.
    pub kind: ConditionErrorKind,
}

impl ConditionError {
    /// Returns the column, counted in characters from 1.
    pub fn column(&self) -> usize {
        self.text.char_indices().take_while(|(at, _)| *at < self.span.start).count() + 1
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.escape_debug();
        write!(f, "in the condition '{text}', column {}: {}", self.column(), self.kind)
    }
}

/// A mistake without the text, which the caller has.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) span: Range<usize>,
    pub(super) kind: ConditionErrorKind,
}

impl Mistake {
    pub(super) fn into_error(self, text: &str) -> ConditionError {
        ConditionError { text: text.to_owned(), span: self.span, kind: self.kind }
    }
}

impl std::error::Error for ConditionError {}

/// The kinds of mistakes in a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionErrorKind {
    /// A term is missing: the text ends, or continues with something else.
    #[error("expected a predicate, an integer or a '('{}", seen(found))]
    TermMissing {
        /// The character that was found; `None` at the end of the text.
        found: Option<char>,
    },
    /// A word that is not a predicate.
    #[error("unknown predicate '{}'{}", name.escape_debug(), suggestion(nearest))]
    UnknownPredicate {
        /// The word.
        name: String,
        /// The nearest known predicate.
        nearest: Option<&'static str>,
    },
    /// The name of a predicate before something other than a parenthesis or a space: `fips_mode&&1`.
    #[error("expected a '(' after the predicate '{predicate}'")]
    ParenthesesMissing {
        /// The predicate.
        predicate: &'static str,
    },
    /// `(` without `)`.
    #[error("expected a ')' for the '(' before{}", seen(found))]
    Unclosed {
        /// The character that was found; `None` at the end of the text.
        found: Option<char>,
    },
    /// Too few arguments.
    #[error("'{predicate}' takes ({takes}), got {got} of {wanted} arguments")]
    ArgumentMissing {
        /// The predicate.
        predicate: &'static str,
        /// Its arguments.
        takes: String,
        /// The number of arguments that are present.
        got: usize,
        /// The number of arguments that it takes.
        wanted: usize,
    },
    /// Something other than `)` after the last argument.
    #[error("expected a ')' after the {} of '{predicate}'{}", ordinal(*wanted), seen(found))]
    ArgumentsUnclosed {
        /// The predicate.
        predicate: &'static str,
        /// The number of arguments that it takes.
        wanted: usize,
        /// The character that was found; `None` at the end of the text.
        found: Option<char>,
    },
    /// A quote in an argument that is not closed.
    #[error("the quote {quote} is not closed")]
    UnclosedQuote {
        /// The quote.
        quote: char,
    },
    /// A `\` at the end of the text.
    #[error("nothing follows the '\\'")]
    LoneBackslash,
    /// Something after the end of the condition.
    #[error("expected '&&', '||' or the end of the condition{}", seen(found))]
    Trailing {
        /// The character that was found; `None` at the end of the text.
        found: Option<char>,
    },
    /// More levels of parentheses and operators than the limit.
    #[error("too many levels of parentheses and operators (at most {limit})")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// An argument that the predicate cannot use.
    #[error("cannot evaluate '{predicate}' with '{}': {why}", argument.escape_debug())]
    BadArgument {
        /// The predicate.
        predicate: &'static str,
        /// The argument.
        argument: String,
        /// The reason.
        why: &'static str,
    },
}

fn seen(letter: &Option<char>) -> String {
    match letter {
        Some(letter) => format!(", found '{}'", letter.escape_debug()),
        None => ", but the condition ends here".to_owned(),
    }
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map(|word| format!(", did you mean '{word}'?")).unwrap_or_default()
}

fn ordinal(arguments: usize) -> &'static str {
    match arguments {
        0 => "'('",
        1 => "argument",
        _ => "last argument",
    }
}
