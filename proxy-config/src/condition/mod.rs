//! The conditions of `-cc` and of `.if` and `.elif`: is this the right version, is this built in, is this variable set?
//!
//! ```text
//! expression = all *( "||" all )
//! all        = term *( "&&" term )
//! term       = *"!" ( integer | predicate [ "(" arguments ")" ] | "(" expression ")" )
//! ```
//!
//! What comes here has been through the tokenizer of configuration lines already: variables are expanded, the quotes of
//! the line are gone and its words are put together again by [`rejoin`]. Arguments have quotes of their own, so a comma
//! in one is quoted twice. An empty condition is false.
//!
//! A condition is read as a whole before anything of it is evaluated: a mistake behind `0 &&` is a mistake. What a
//! predicate wants to know is asked of a [`Facts`], so nothing here looks at the process or its environment.

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

/// Reads a condition and says whether it holds.
pub fn evaluate(text: &str, facts: &dyn Facts) -> Result<bool, ConditionError> {
    match Expression::parse(text)? {
        Some(expression) => expression.holds(facts).map_err(|error| error.into_error(text)),
        None => Ok(false),
    }
}

/// The text of a condition from the words of its line, without `.if` or `.elif`: one space between each two. A NUL,
/// which a line can hold as `\x00`, ends a word and becomes a space too.
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

/// The condition of `-cc`: split into words as a line is, then evaluated.
///
/// # Errors
/// What is wrong with it.
pub fn evaluate_line(
    text: &str,
    variables: &dyn Environment,
    facts: &dyn Facts,
) -> Result<bool, ConditionLineError> {
    let words =
        words::split_text(text, variables).map_err(|mistake| ConditionLineError::Words(mistake.message))?;
    Ok(evaluate(&rejoin(words.iter().map(|word| &word.text)), facts)?)
}

/// A condition that is not even words, or none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionLineError {
    /// Quotes or variables are wrong.
    #[error("{0}")]
    Words(String),
    /// The words are.
    #[error(transparent)]
    Condition(#[from] ConditionError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_together_with_single_spaces() {
        assert_eq!(rejoin(Vec::<String>::new()), "");
        assert_eq!(rejoin(["1"]), "1");
        assert_eq!(rejoin(["streq(0,", "1)"]), "streq(0, 1)");
        assert_eq!(rejoin(["", "1", "", "2"]), " 1  2");
        assert_eq!(rejoin(["1\0", "\0"]), "1   ");
    }
}
