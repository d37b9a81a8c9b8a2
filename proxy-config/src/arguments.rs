//! The arguments of a keyword, taken word by word.

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

/// The longest duration: HAProxy keeps milliseconds in 31 bits, which is over 24 days.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// The words after a keyword that have not been taken yet.
#[derive(Clone, Debug)]
pub struct Arguments<'a> {
    words: &'a [Word],
    /// The place of the word that was taken last, or of the keyword.
    last: Span,
    /// The text of the word that was taken last.
    before: Option<&'a str>,
    keyword: &'a str,
    /// The word of a fixed meaning whose value was taken last, and the one whose value is taken next.
    option: [Option<&'a str>; 2],
    /// Diagnostics about words that were taken nevertheless.
    said: Vec<Diagnostic>,
}

impl<'a> Arguments<'a> {
    /// Creates the arguments of `keyword`, which is at `span`.
    pub fn new(keyword: &'a str, span: Span, words: &'a [Word]) -> Arguments<'a> {
        Arguments { words, last: span, before: None, keyword, option: [None; 2], said: Vec::new() }
    }

    /// Begins the arguments of a word: messages name it as the keyword.
    pub fn after(&mut self, keyword: &'a str) {
        (self.keyword, self.option) = (keyword, [None; 2]);
    }

    /// Returns the next word without taking it.
    pub fn peek(&self) -> Option<&'a Word> {
        self.words.first()
    }

    /// Takes the next word, if there is one.
    pub fn take(&mut self) -> Option<&'a Word> {
        let (first, rest) = self.words.split_first()?;
        (self.words, self.last, self.before) = (rest, first.span, Some(&*first.text));
        self.option = [self.option[1], None];
        Some(first)
    }

    /// Takes the next word if it is `word`, and returns whether it was.
    pub fn take_word(&mut self, word: &str) -> bool {
        let taken = self.take_if(|next| next.text == word);
        if let Some(word) = taken {
            self.option[1] = Some(&word.text);
        }
        taken.is_some()
    }

    /// Takes the next word if the predicate holds for it.
    pub fn take_if(&mut self, is_it: impl FnOnce(&Word) -> bool) -> Option<&'a Word> {
        self.peek().filter(|word| is_it(word)).and_then(|_| self.take())
    }

    /// Returns the number of words that are left.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns whether no word is left.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Takes all words that are left.
    pub fn rest(&mut self) -> &'a [Word] {
        if let Some(last) = self.words.last() {
            (self.last, self.before) = (last.span, Some(&*last.text));
        }
        std::mem::take(&mut self.words)
    }

    /// Takes the next word, which is required. `what` describes it for messages: `a time`, `the name of a backend`.
    ///
    /// # Errors
    /// Returns an error if no word is left.
    pub fn word(&mut self, what: &str) -> Parsed<&'a Word> {
        let (place, before) = (self.last.after(), self.before.unwrap_or(self.keyword));
        self.take().ok_or_else(|| {
            Box::new(Diagnostic::alert(place, format!("missing argument after '{before}'")).expected(what))
        })
    }

    /// Takes the next word and parses it.
    ///
    /// # Errors
    /// Returns an error if no word is left, or if the word cannot be parsed.
    pub fn parse<T: FromStr>(&mut self, what: &str) -> Parsed<T> {
        let word = self.word(what)?;
        word.parse().map_err(|_| self.bad(word, what))
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// Returns an error if no word is left, for anything but digits, and for a number out of range.
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

    /// Takes a duration, in milliseconds if it has no unit.
    ///
    /// # Errors
    /// Returns an error if no word is left, for anything but a time, and for one over 24 days.
    pub fn time(&mut self, what: &str) -> Parsed<Duration> {
        self.time_in(TimeUnit::Milliseconds, what)
    }

    /// Takes a duration, in `unit` if it has no unit.
    ///
    /// # Errors
    /// The same as those of [`time`](Self::time).
    pub fn time_in(&mut self, unit: TimeUnit, what: &str) -> Parsed<Duration> {
        let word = self.word(what)?;
        match parse_time_prefix(word, unit) {
            Ok((time, rest)) if time <= LONGEST => {
                if !rest.is_empty() {
                    self.ignores_after_time(word, word.len() - rest.len());
                }
                Ok(time)
            }
            Ok(_) => Err(self.bad(word, format!("{what} of at most 24 days"))),
            Err(error) => Err(self.bad(word, error)),
        }
    }

    /// Warns of what follows a time in a word, as in `5sec`.
    pub(crate) fn ignores_after_time(&mut self, word: &Word, length: usize) {
        let (kept, rest) = word.text.split_at(length);
        let message = format!("'{rest}' after the time '{kept}' is ignored");
        let problem = Diagnostic::warning(word.part(length, word.len()), message);
        self.said.push(problem.help("units are us, ms, s, m, h and d, and there is one of them"));
    }

    /// Takes a number of bytes, optionally with a unit such as `k`, `m` or `g`.
    ///
    /// # Errors
    /// Returns an error if no word is left, and for anything but a size.
    pub fn size(&mut self, what: &str) -> Parsed<u64> {
        let word = self.word(what)?;
        parse_size(word).map_err(|error| self.bad(word, format!("{what}; {error}")))
    }

    /// Takes one of the given words and returns its value.
    ///
    /// # Errors
    /// Returns an error if no word is left, and for any other word; the nearest is suggested.
    pub fn one_of<T: Copy>(&mut self, choices: &[(&str, T)]) -> Parsed<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let expected = match &names[..] {
            [only] => format!("'{only}'"),
            names => format!("one of {}", names.join(", ")),
        };
        let word = self.word(&expected)?;
        match choices.iter().find(|(name, _)| *name == word.text) {
            Some((_, choice)) => {
                self.option[1] = Some(&word.text);
                Ok(*choice)
            }
            // With a single choice, a suggestion would only repeat what is expected.
            None if names.len() == 1 => Err(self.bad(word, expected)),
            None => Err(Box::new(self.bad(word, expected).nearest(nearest(word, names)))),
        }
    }

    /// Checks that no word is left.
    ///
    /// # Errors
    /// Returns an error about the first word that is left.
    pub fn end(&self) -> Parsed {
        match self.peek() {
            None => Ok(()),
            Some(word) => {
                let message = format!("unexpected '{}' after '{}'", word.text, self.keyword);
                Err(mistake(word.span, message))
            }
        }
    }

    /// Takes the diagnostics about words that were taken nevertheless.
    pub(crate) fn take_said(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.said)
    }

    /// Returns a mistake about the value of a word.
    pub fn bad(&self, word: &Word, expected: impl Display) -> Box<Diagnostic> {
        let message =
            format!("invalid value '{}' for '{}'", word.text, self.option[0].unwrap_or(self.keyword));
        Box::new(Diagnostic::alert(word.span, message).expected(expected))
    }

    /// Returns the place of the word that was taken last, or of the keyword.
    pub fn last(&self) -> Span {
        self.last
    }
}
