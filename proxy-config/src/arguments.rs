//! What stands behind a keyword, taken word by word.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use proto_core::units::{TimeUnit, parse_time_prefix};
use proto_core::words::nearest;

use crate::diagnostic::{Diagnostic, Parsed, mistake};
use crate::size::parse_size;
use crate::source::Span;
use crate::words::Word;

/// The longest span of time: HAProxy keeps milliseconds in 31 bits, which is over 24 days.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// The words behind a keyword that nobody has taken yet.
#[derive(Clone, Debug)]
pub struct Arguments<'a> {
    words: &'a [Word],
    /// The keyword and what was taken of its words.
    last: Span,
    keyword: &'a str,
    /// What there is to say about words that were taken all the same.
    said: Vec<Diagnostic>,
}

impl<'a> Arguments<'a> {
    /// The words behind `keyword`, which stands at `span`.
    pub fn new(keyword: &'a str, span: Span, words: &'a [Word]) -> Arguments<'a> {
        Arguments { words, last: span, keyword, said: Vec::new() }
    }

    /// Goes on as the words behind another keyword, for messages.
    pub fn behind(&mut self, keyword: &'a str) {
        self.keyword = keyword;
    }

    /// The next word, without taking it.
    pub fn peek(&self) -> Option<&'a Word> {
        self.words.first()
    }

    /// The next word, if there is one.
    pub fn take(&mut self) -> Option<&'a Word> {
        let (first, rest) = self.words.split_first()?;
        (self.words, self.last) = (rest, first.span);
        Some(first)
    }

    /// The next word, if it is this one.
    pub fn take_word(&mut self, word: &str) -> bool {
        let is_it = self.peek().is_some_and(|next| next.text == word);
        if is_it {
            self.take();
        }
        is_it
    }

    /// The next word, if it is such a one.
    pub fn take_if(&mut self, is_it: impl FnOnce(&Word) -> bool) -> Option<&'a Word> {
        self.peek().filter(|word| is_it(word)).and_then(|_| self.take())
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All that are left.
    pub fn rest(&mut self) -> &'a [Word] {
        if let Some(last) = self.words.last() {
            self.last = last.span;
        }
        std::mem::take(&mut self.words)
    }

    /// The next word, which has to be there. `what` says what it is: `a time`, `the name of a backend`.
    ///
    /// # Errors
    /// When the line ends.
    pub fn word(&mut self, what: &str) -> Parsed<&'a Word> {
        let (place, keyword) = (self.last.behind(), self.keyword);
        self.take().ok_or_else(|| {
            Box::new(Diagnostic::alert(place, format!("missing argument after '{keyword}'")).expected(what))
        })
    }

    /// The next word, read by its type.
    ///
    /// # Errors
    /// When the line ends, or the type does not take the word.
    pub fn parse<T: FromStr>(&mut self, what: &str) -> Parsed<T> {
        let word = self.word(what)?;
        word.parse().map_err(|_| self.bad(word, what))
    }

    /// A whole number.
    ///
    /// # Errors
    /// When the line ends, for anything but digits, and for a number out of range.
    pub fn number<T>(&mut self, range: RangeInclusive<T>, what: &str) -> Parsed<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let (low, high) = (range.start(), range.end());
        let expected = format!("a number from {low} to {high}: {what}");
        let word = self.word(&expected)?;
        let digits = word.strip_prefix('-').unwrap_or(word);
        let value = word.parse().ok().filter(|value| range.contains(value));
        match value {
            Some(value) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(value),
            _ => Err(self.bad(word, expected)),
        }
    }

    /// A span of time; milliseconds without a unit.
    ///
    /// # Errors
    /// When the line ends, for anything but a time, and for one over 24 days.
    pub fn time(&mut self, what: &str) -> Parsed<Duration> {
        self.time_in(TimeUnit::Milliseconds, what)
    }

    /// A span of time in which a number without a unit has this one.
    ///
    /// # Errors
    /// As [`time`](Self::time).
    pub fn time_in(&mut self, unit: TimeUnit, what: &str) -> Parsed<Duration> {
        let word = self.word(what)?;
        match parse_time_prefix(word, unit) {
            Ok((time, rest)) if time <= LONGEST => {
                if !rest.is_empty() {
                    let kept = &word.text[..word.len() - rest.len()];
                    let message = format!("'{rest}' after the time '{kept}' is ignored");
                    let problem = Diagnostic::warning(word.part(kept.len(), word.len()), message);
                    self.said.push(problem.help("units are us, ms, s, m, h and d, and there is one of them"));
                }
                Ok(time)
            }
            Ok(_) => Err(self.bad(word, format!("{what} of at most 24 days"))),
            Err(error) => Err(self.bad(word, error)),
        }
    }

    /// A number of bytes, perhaps with `k`, `m` or `g`.
    ///
    /// # Errors
    /// When the line ends, for anything but a size.
    pub fn size(&mut self, what: &str) -> Parsed<u64> {
        let word = self.word(what)?;
        parse_size(word).map_err(|error| self.bad(word, format!("{what}; {error}")))
    }

    /// One of some words.
    ///
    /// # Errors
    /// When the line ends, or with another word; the nearest is suggested.
    pub fn one_of<T: Copy>(&mut self, choices: &[(&str, T)]) -> Parsed<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let expected = match &names[..] {
            [only] => format!("'{only}'"),
            names => format!("one of {}", names.join(", ")),
        };
        let word = self.word(&expected)?;
        match choices.iter().find(|(name, _)| *name == word.text) {
            Some((_, choice)) => Ok(*choice),
            // Of one choice the expectation says it all.
            None if names.len() == 1 => Err(self.bad(word, expected)),
            None => Err(Box::new(self.bad(word, expected).nearest(nearest(word, names)))),
        }
    }

    /// That nothing is left.
    ///
    /// # Errors
    /// When something is.
    pub fn end(&self) -> Parsed {
        match self.peek() {
            None => Ok(()),
            Some(word) => {
                let message = format!("unexpected '{}' after '{}'", word.text, self.keyword);
                Err(mistake(word.span, message))
            }
        }
    }

    /// What there is to say about words that were taken all the same.
    pub(crate) fn take_said(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.said)
    }

    /// A mistake about a word.
    pub fn bad(&self, word: &Word, expected: impl Display) -> Box<Diagnostic> {
        let message = format!("invalid value '{}' for '{}'", word.text, self.keyword);
        Box::new(Diagnostic::alert(word.span, message).expected(expected))
    }

    /// The place of the last word that was taken.
    pub fn last(&self) -> Span {
        self.last
    }
}
