//! Detects keywords that read more words than they declare, by trying them before any configuration is read.
//!
//! A keyword may refuse its first word before it looks at the second. So each is tried with plain values, then with
//! the words of its usage, and with the words that its errors say it expects.

use std::fmt;

use super::{KeywordError, Words};

/// Values that a keyword might accept.
const PLAIN: [&str; 7] = ["", "0", "1", "1s", "a", "127.0.0.1:1", "/"];
/// The highest number of attempts per keyword, so that start-up stays fast.
const MOST: usize = 64;

/// A word that a keyword reads but does not declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undeclared {
    /// The index of the word, from 0.
    asked: usize,
    /// The number of declared arguments.
    declared: usize,
}

/// Returns the first such word of a keyword with these arguments, as far as attempts show.
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
        // The answer does not matter, only how many words it looked at.
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

/// Returns the words that a text for people mentions: `on` and `off` of `<on|off>` and of `'on' or 'off'`.
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
    fn finds_the_word_of_a_flag() {
        let apply: Apply = |words| Err(KeywordError::first(words[0], "a word"));
        assert_eq!(said(&[], apply), reads(0, "none"));
    }

    #[test]
    fn finds_the_second_word_of_a_keyword_that_checks_its_first() {
        let number: Apply = |words| {
            words[0].parse::<u8>().map_err(|_| KeywordError::first(words[0], "a number"))?;
            words[1].parse::<u8>().map(drop).map_err(|_| KeywordError::first(words[1], "a number"))
        };
        assert_eq!(said(&["<first>"], number), reads(1, "one"));
        assert_eq!(said(&["<first>", "<second>"], number), None);
    }

    #[test]
    fn tries_the_words_of_the_usage() {
        let apply: Apply = |words| match words[0] {
            "slow" => Err(KeywordError::first(words[1], "how slow")),
            other => Err(KeywordError::first(other, "a pace")),
        };
        assert_eq!(said(&["<fast|slow>"], apply), reads(1, "one"));
    }

    #[test]
    fn tries_the_words_that_an_error_mentions() {
        let apply: Apply = |words| match words[0] {
            "deep" => Err(KeywordError::first(words[2], "a depth")),
            other => Err(KeywordError::first(other, "'flat' or 'deep'")),
        };
        assert_eq!(said(&["<shape>", "<more>"], apply), reads(2, "2"));
    }

    #[test]
    fn accepts_get_and_stops_after_the_last_attempt() {
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
