//! Arguments in the parentheses of a fetch, a converter or an action.

mod read;

pub(crate) use read::{parentheses, word};

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use proxy_config::directive::Surroundings;
use proxy_config::{Diagnostic, Mistake, Parsed, Span};

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The text, without quotes.
    pub text: String,
    /// The place of the argument.
    pub span: Span,
}

/// The arguments that have not been consumed yet.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// What the arguments belong to, for messages: `fetch 'req.hdr'`.
    owner: String,
    items: &'a [Input],
    /// The place to report a missing argument at.
    end: Span,
    /// The number of consumed arguments.
    taken: usize,
    /// The surroundings of the line, for arguments that need more than their text.
    pub(crate) surroundings: Option<&'a Surroundings<'a>>,
}

impl<'a> Inputs<'a> {
    /// Creates the arguments of something.
    pub fn new(owner: impl Into<String>, items: &'a [Input], end: Span) -> Inputs<'a> {
        Inputs { owner: owner.into(), items, end, taken: 0, surroundings: None }
    }

    /// Consumes the next argument, if there is one that is not empty.
    pub fn take(&mut self) -> Option<&'a Input> {
        let (first, rest) = self.items.split_first()?;
        self.items = rest;
        self.taken += 1;
        (!first.text.is_empty()).then_some(first)
    }

    /// Consumes the next argument, which has to exist.
    ///
    /// # Errors
    /// Returns an error if it is missing.
    pub fn input(&mut self, what: &str) -> Parsed<&'a Input> {
        let place = self.items.first().map_or(self.end, |next| next.span);
        self.take().ok_or_else(|| {
            let message = format!("{} needs an argument", self.owner);
            Box::new(Diagnostic::alert(place, message).expected(what))
        })
    }

    /// Consumes the next argument as text.
    ///
    /// # Errors
    /// Returns an error if it is missing.
    pub fn text(&mut self, what: &str) -> Parsed<&'a str> {
        self.input(what).map(|input| &*input.text)
    }

    /// Consumes the next argument as text, which may be empty.
    ///
    /// # Errors
    /// Returns an error if it is missing.
    pub fn text_or_empty(&mut self, what: &str) -> Parsed<&'a str> {
        match self.items.first() {
            // Empty parentheses contain no arguments.
            Some(next) if next.text.is_empty() && self.items.len() + self.taken > 1 => {
                self.take();
                Ok("")
            }
            _ => self.text(what),
        }
    }

    /// Consumes the next argument, and parses it as a type.
    ///
    /// # Errors
    /// Returns an error if it is missing or invalid.
    pub fn parse<T: FromStr>(&mut self, what: &str) -> Parsed<T>
    where
        T::Err: Display,
    {
        let input = self.input(what)?;
        input.text.parse().map_err(|error| self.bad(input, what).with(error))
    }

    /// Consumes the next argument as a number.
    ///
    /// # Errors
    /// Returns an error if it is missing, not a number, or out of range.
    pub fn number(&mut self, range: RangeInclusive<i64>, what: &str) -> Parsed<i64> {
        let input = self.input(what)?;
        match input.text.parse().ok().filter(|value| range.contains(value)) {
            Some(value) => Ok(value),
            None => Err(self.bad(input, what)),
        }
    }

    /// Consumes the next argument as a number, if there is one.
    ///
    /// # Errors
    /// Returns an error if it is not a number, or out of range.
    pub fn number_or(&mut self, default: i64, range: RangeInclusive<i64>, what: &str) -> Parsed<i64> {
        match self.items.first() {
            Some(next) if !next.text.is_empty() => self.number(range, what),
            _ => {
                self.take();
                Ok(default)
            }
        }
    }

    /// Returns the place of the next argument, or the one to report that it is missing.
    pub(crate) fn place(&self) -> Span {
        self.items.first().map_or(self.end, |next| next.span)
    }

    /// Returns whether there is another argument, even an empty one.
    pub fn has_more(&self) -> bool {
        !self.items.is_empty()
    }

    /// Checks that no argument is left.
    ///
    /// # Errors
    /// Returns an error if one is.
    pub fn end(&self) -> Parsed {
        match self.items {
            [] => Ok(()),
            // Empty parentheses contain no arguments.
            [only] if self.taken == 0 && only.text.is_empty() => Ok(()),
            [next, ..] => {
                let message = match self.taken {
                    0 => format!("{} takes no arguments", self.owner),
                    1 => format!("{} takes no more than one argument", self.owner),
                    taken => format!("{} takes no more than {taken} arguments", self.owner),
                };
                Err(Box::new(Diagnostic::alert(next.span, message)))
            }
        }
    }

    /// Creates an alert about an argument.
    pub fn bad(&self, input: &Input, expected: impl Display) -> Mistake {
        let message = format!("invalid argument '{}' of {}", input.text, self.owner);
        Box::new(Diagnostic::alert(input.span, message).expected(expected))
    }
}

/// Adds the cause to a mistake.
trait With {
    fn with(self, cause: impl Display) -> Self;
}

impl With for Mistake {
    fn with(self, cause: impl Display) -> Mistake {
        Box::new(self.help(cause.to_string()))
    }
}
