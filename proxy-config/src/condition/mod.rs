//! The conditions of `-cc` and of `.if` and `.elif`: is this the right version, is this built in, is this variable set?
//!
//! ```text
//! expression = all *( "||" all )
//! all        = term *( "&&" term )
//! term       = *"!" ( integer | predicate [ "(" arguments ")" ] | "(" expression ")" )
//! ```
//!
//! The text has been through the tokenizer of configuration lines already: variables are expanded, the quotes of the
//! line are removed, and [`rejoin`] has joined its words again. Arguments have quotes of their own, so a comma in an
//! argument is quoted twice. An empty condition is false.
//!
//! A condition is parsed completely before any of it is evaluated: a mistake after `0 &&` is a mistake. Predicates ask
//! a [`Facts`], so nothing here looks at the process or its environment.

mod arguments;
mod error;
mod expression;
mod facts;
mod number;
mod parse;
mod predicates;
mod version;

use proto_core::address::Environment;

use crate::words;

pub use error::{ConditionError, ConditionErrorKind};
pub use expression::Expression;
pub use facts::{Facts, SWITCHES, SslLibrary};
pub use predicates::{Predicate, find, predicates};
pub use version::{OpensslVersion, Version};

/// Parses and evaluates a condition.
///
/// # Errors
/// Returns an error if it cannot be parsed, or if a predicate cannot be evaluated.
pub fn evaluate(text: &str, facts: &dyn Facts) -> Result<bool, ConditionError> {
    match Expression::parse(text)? {
        Some(expression) => expression.holds(facts).map_err(|error| error.into_error(text)),
        None => Ok(false),
    }
}

/// Joins the words of a line, without `.if` or `.elif`, to the text of a condition, with single spaces between them. A
/// NUL, which a line can have as `\x00`, ends a word and becomes a space too.
pub fn rejoin<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    let mut text = String::new();
    for (index, word) in words.into_iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.extend(word.as_ref().chars().map(|letter| if letter == '\0' { ' ' } else { letter }));
    }
    text
}

/// Evaluates the condition of `-cc`, after splitting it into words as a line is.
///
/// # Errors
/// Returns an error if it cannot be split, parsed or evaluated.
pub fn evaluate_line(
    text: &str,
    variables: &dyn Environment,
    facts: &dyn Facts,
) -> Result<bool, ConditionLineError> {
    let words =
        words::split_text(text, variables).map_err(|mistake| ConditionLineError::Words(mistake.message))?;
    Ok(evaluate(&rejoin(words.iter().map(|word| &word.text)), facts)?)
}

/// An error of the condition of `-cc`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionLineError {
    /// The text cannot be split into words: quotes or variables are wrong.
    #[error("{0}")]
    Words(String),
    /// The condition is wrong.
    #[error(transparent)]
    Condition(#[from] ConditionError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_with_single_spaces() {
        assert_eq!(rejoin(Vec::<String>::new()), "");
        assert_eq!(rejoin(["1"]), "1");
        assert_eq!(rejoin(["streq(0,", "1)"]), "streq(0, 1)");
        assert_eq!(rejoin(["", "1", "", "2"]), " 1  2");
        assert_eq!(rejoin(["1\0", "\0"]), "1   ");
    }
}
