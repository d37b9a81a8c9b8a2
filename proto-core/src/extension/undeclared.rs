//! Keywords that read more words than they declare, found by trying before any configuration is read.
//!
//! A keyword may refuse its first word before it looks at a second. So it is tried with plain values, then with the
//! words of its usage, and with those that it says it expects.

use std::fmt;

use super::{KeywordError, Words};

/// What any keyword might take.
const PLAIN: [&str; 7] = ["", "0", "1", "1s", "a", "127.0.0.1:1", "/"];
/// Attempts with one keyword, so that a start-up is not spent on it.
const MOST: usize = 64;

/// A word that a keyword reads and does not declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undeclared {
    /// Its number, from 0.
    asked: usize,
    /// How many are declared.
    declared: usize,
}

/// The first such word of a keyword with these arguments, as far as attempts show.
pub(crate) fn undeclared(
    arguments: &[&str],
    apply: impl Fn(&Words<'_>) -> Result<(), KeywordError>,
) -> Option<Undeclared> {
    let mut attempts: Vec<String> = PLAIN.iter().map(|word| (*word).to_owned()).collect();
    attempts.extend(arguments.iter().flat_map(|argument| words_of(argument)));
    let mut tried = 0;
    while let Some(attempt) = attempts.get(tried).filter(|_| tried < MOST) {
        let words = vec![attempt.as_str(); arguments.len()];
        let words = Words::new(&words);
        // Whatever it says to such words: what counts is how many it looked at.
        let answer = apply(&words);
        if let Some(asked) = words.missing() {
            return Some(Undeclared { asked, declared: arguments.len() });
        }
        if let Err(KeywordError { expected, .. }) = answer {
            let fresh: Vec<String> = words_of(&expected).filter(|word| !attempts.contains(word)).collect();
            attempts.extend(fresh);
        }
        tried += 1;
    }
    None
}

/// The words that a text for people names: `on` and `off` of `<on|off>` and of `'on' or 'off'`.
fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_between = |c: char| c.is_whitespace() || "<>[]|'\"`,;()".contains(c);
    text.split(is_between).filter(|word| !word.is_empty()).map(str::to_owned)
}

impl fmt::Display for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Undeclared { asked, declared } = self;
        write!(f, "reads arguments[{asked}], and its 'arguments' declares ")?;
        match declared {
            0 => f.write_str("none"),
            1 => f.write_str("one"),
            several => write!(f, "{several}"),
        }?;
        f.write_str("; optional words are read with 'get'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Apply = fn(&Words<'_>) -> Result<(), KeywordError>;

    fn said(arguments: &[&str], apply: Apply) -> Option<String> {
        undeclared(arguments, apply).map(|found| found.to_string())
    }

    fn reads(asked: usize, declared: &str) -> Option<String> {
        let end = "optional words are read with 'get'";
        Some(format!("reads arguments[{asked}], and its 'arguments' declares {declared}; {end}"))
    }

    #[test]
    fn a_flag_that_takes_a_word() {
        let apply: Apply = |words| Err(KeywordError::first(words[0], "a word"));
        assert_eq!(said(&[], apply), reads(0, "none"));
    }

    #[test]
    fn one_that_checks_its_first_word() {
        let number: Apply = |words| {
            words[0].parse::<u8>().map_err(|_| KeywordError::first(words[0], "a number"))?;
            words[1].parse::<u8>().map(drop).map_err(|_| KeywordError::first(words[1], "a number"))
        };
        assert_eq!(said(&["<first>"], number), reads(1, "one"));
        assert_eq!(said(&["<first>", "<second>"], number), None);
    }

    #[test]
    fn one_whose_first_word_is_in_its_usage() {
        let apply: Apply = |words| match words[0] {
            "slow" => Err(KeywordError::first(words[1], "how slow")),
            other => Err(KeywordError::first(other, "a pace")),
        };
        assert_eq!(said(&["<fast|slow>"], apply), reads(1, "one"));
    }

    #[test]
    fn one_that_says_what_it_expects() {
        let apply: Apply = |words| match words[0] {
            "deep" => Err(KeywordError::first(words[2], "a depth")),
            other => Err(KeywordError::first(other, "'flat' or 'deep'")),
        };
        assert_eq!(said(&["<shape>", "<more>"], apply), reads(2, "2"));
    }

    #[test]
    fn one_that_asks_before_it_reads_and_one_that_never_has_enough() {
        let asks: Apply = |words| match words.get(1) {
            None => Ok(()),
            Some(other) => Err(KeywordError::first(other, "nothing")),
        };
        assert_eq!(said(&["<word>"], asks), None);
        let endless: Apply =
            |words| Err(KeywordError::first(words[0], format!("{}x {}y", words[0], words[0])));
        assert_eq!(said(&["<word>"], endless), None);
    }
}
