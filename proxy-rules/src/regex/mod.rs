//! Regular expressions, with the meaning that they have in HAProxy: PCRE2, on bytes.
//!
//! Such an expression can take unbounded time, and clients choose what it is matched against. So the matches of a
//! context have a time budget, and each of them a part of it (`budget.rs`). The subject is searched in pieces, each with
//! a limit of steps (`pieces.rs`), and the clock is checked between them. A match that has used up its time has
//! [`Failed`]: it is not known whether there is one, and the caller must not continue as if there were none.

mod budget;
mod pieces;
mod sys;
mod template;

use std::fmt;

use pcre2_sys::{PCRE2_CASELESS, PCRE2_NO_AUTO_CAPTURE, PCRE2_NO_UTF_CHECK, PCRE2_NOTBOL};
use proxy_config::{Diagnostic, Parsed, Span};

pub(crate) use self::budget::Turn;
pub use self::budget::{Budget, TimeLeft, failures};
pub(crate) use self::template::{Malformed, expand};

use self::pieces::Pieces;
use self::sys::{Code, Found, GROUPS, Search};

/// The error of a match without a result: it has used up its budget, or the library could not carry it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a regular expression took too long")]
pub struct Failed;

/// A compiled regular expression.
pub struct Regex {
    code: Code,
    text: Box<str>,
}

/// Options for compiling an expression.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flavour {
    /// Whether case is ignored.
    pub ignore_case: bool,
    /// Whether parentheses without a name are not groups, as in the patterns of ACLs.
    pub no_groups: bool,
}

impl Regex {
    /// Compiles the text at a place.
    ///
    /// # Errors
    /// Returns an error if it is not a regular expression.
    pub fn new(text: &str, flavour: Flavour, span: Span) -> Parsed<Regex> {
        let mut options = 0;
        if flavour.ignore_case {
            options |= PCRE2_CASELESS;
        }
        if flavour.no_groups {
            options |= PCRE2_NO_AUTO_CAPTURE;
        }
        if asks_for_start(text) {
            let problem = Diagnostic::alert(span, format!("'\\G' in '{text}' is not supported"));
            return Err(Box::new(
                problem.help("'^' matches at the beginning of the text, '\\b' at that of a word"),
            ));
        }
        match Code::compile(text.as_bytes(), options) {
            Ok(code) => Ok(Regex { code, text: text.into() }),
            Err(error) => {
                let problem = Diagnostic::alert(span, format!("'{text}' is not a regular expression"));
                Err(Box::new(problem.help(format!("{}, at byte {}", error.message, error.offset))))
            }
        }
    }

    /// Returns whether the expression matches somewhere.
    ///
    /// # Errors
    /// Returns an error if that is not known: the budget is used up.
    pub fn is_match(&self, subject: &[u8], budget: &Budget) -> Result<bool, Failed> {
        self.groups(subject, budget).map(|groups| groups.is_some())
    }

    /// Returns the first match.
    pub(crate) fn groups<'s>(
        &self,
        subject: &'s [u8],
        budget: &Budget,
    ) -> Result<Option<Groups<'s>>, Failed> {
        self.first(subject, &mut budget.one(subject.len())?)
    }

    /// Returns the first match, in a loop whose matches share their time.
    pub(crate) fn first<'s>(
        &self,
        subject: &'s [u8],
        turn: &mut Turn<'_>,
    ) -> Result<Option<Groups<'s>>, Failed> {
        self.run(subject, 0, || turn.is_over()).map_err(|Failed| turn.failed(&self.text))
    }

    /// Returns the first match in the rest of a line, at whose beginning `^` does not match.
    pub(crate) fn first_of_rest<'s>(
        &self,
        subject: &'s [u8],
        turn: &mut Turn<'_>,
    ) -> Result<Option<Groups<'s>>, Failed> {
        self.run(subject, PCRE2_NOTBOL, || turn.is_over()).map_err(|Failed| turn.failed(&self.text))
    }

    /// Searches piece after piece until the time has expired, which is checked after each piece but the last.
    fn run<'s>(
        &self,
        subject: &'s [u8],
        mut options: u32,
        mut is_over: impl FnMut() -> bool,
    ) -> Result<Option<Groups<'s>>, Failed> {
        if self.code.is_utf() {
            // As in HAProxy, an expression for characters matches in nothing else.
            if std::str::from_utf8(subject).is_err() {
                return Ok(None);
            }
            options |= PCRE2_NO_UTF_CHECK;
        }
        let mut pieces = Pieces::new(subject, &self.code);
        loop {
            let (first, last, steps) = pieces.next();
            match sys::search(&self.code, subject, Search { first, last, steps, options }) {
                Found::Match(places) => return Ok(Some(Groups { subject, places })),
                Found::Nothing if last == subject.len() => return Ok(None),
                Found::Nothing => pieces.continue_after(last),
                Found::TooManySteps => pieces.refine(),
                Found::Failed => break,
            }
            if is_over() {
                break;
            }
        }
        Err(Failed)
    }
}

/// Returns whether an expression contains `\G`, the place where a search begins: that of the piece, which nobody means.
fn asks_for_start(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && letters.next() == Some('G') {
            return true;
        }
    }
    false
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regex({:?})", self.text)
    }
}

/// A match and its groups.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Groups<'s> {
    subject: &'s [u8],
    places: [Option<(usize, usize)>; GROUPS],
}

impl<'s> Groups<'s> {
    /// Returns a group by its number, from 0 for the whole match; `None` if it has not matched.
    pub(crate) fn get(&self, number: usize) -> Option<&'s [u8]> {
        let (begin, end) = (*self.places.get(number)?)?;
        self.subject.get(begin..end)
    }

    /// Returns where the match begins and ends.
    pub(crate) fn place(&self) -> (usize, usize) {
        self.places[0].unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
