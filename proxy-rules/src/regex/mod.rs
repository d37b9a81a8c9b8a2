//! Regular expressions: what HAProxy means by them, which is what PCRE2 does, on bytes.
//!
//! Such an expression can take time without bound, and who sends requests chooses what it is tried on. So each match has
//! a budget of time, [`BUDGET`]. It is searched for in pieces of the subject, each with a limit of steps, and the clock
//! is asked between them. A match that has used up its budget has [`Failed`]: it is not known whether there is one, and
//! whoever asked must not go on as if there were none.

mod sys;
mod template;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pcre2_sys::{PCRE2_CASELESS, PCRE2_NO_AUTO_CAPTURE, PCRE2_NOTBOL};
use proxy_config::{Diagnostic, Parsed, Span};

pub(crate) use self::template::{Malformed, expand};

use self::sys::{Code, Found, GROUPS, Search};

/// How long a match may take of a worker's time, and how much more for each byte that it looks at. The last piece may go
/// beyond, so that a field of 16 kB takes 1 ms at most; seen are 0.5 ms (`tests.rs` has the expressions).
const BUDGET: Duration = Duration::from_micros(400);
const PER_BYTE: Duration = Duration::from_nanos(5);

/// Bytes that all starts of one piece may look at, if each looks at the whole subject once.
const PIECE: usize = 256 << 10;

/// Pieces at most, as long as none takes too many steps.
const CALLS: usize = 1024;

/// Steps of the search from one place before the clock is asked. It gets twice as many each time they do not suffice.
const STEPS: u32 = 256;

/// A match that came to nothing: it has used up its budget, or the library could not carry it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a regular expression took too long")]
pub struct Failed;

static FAILURES: AtomicU64 = AtomicU64::new(0);

/// How many matches of this process have failed.
pub fn failures() -> u64 {
    FAILURES.load(Ordering::Relaxed)
}

/// A compiled regular expression.
pub(crate) struct Regex {
    code: Code,
    text: Box<str>,
}

/// How an expression is compiled.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flavour {
    /// Small and capital letters are the same.
    pub(crate) ignore_case: bool,
    /// Parentheses without a name are no groups, as in the patterns of ACLs.
    pub(crate) no_groups: bool,
}

impl Regex {
    /// Compiles the text that stands at a place.
    ///
    /// # Errors
    /// When it is no regular expression.
    pub(crate) fn new(text: &str, flavour: Flavour, span: Span) -> Parsed<Regex> {
        let mut options = 0;
        if flavour.ignore_case {
            options |= PCRE2_CASELESS;
        }
        if flavour.no_groups {
            options |= PCRE2_NO_AUTO_CAPTURE;
        }
        match Code::compile(text.as_bytes(), options) {
            Ok(code) => Ok(Regex { code, text: text.into() }),
            Err(error) => {
                let problem = Diagnostic::alert(span, format!("'{text}' is not a regular expression"));
                Err(Box::new(problem.help(format!("{}, at byte {}", error.message, error.offset))))
            }
        }
    }

    /// Whether it matches somewhere.
    pub(crate) fn is_match(&self, subject: &[u8]) -> Result<bool, Failed> {
        self.groups(subject).map(|groups| groups.is_some())
    }

    /// The first match.
    pub(crate) fn groups<'s>(&self, subject: &'s [u8]) -> Result<Option<Groups<'s>>, Failed> {
        self.run(subject, 0)
    }

    /// The first match in the rest of a line, at whose beginning `^` does not match.
    pub(crate) fn groups_of_rest<'s>(&self, subject: &'s [u8]) -> Result<Option<Groups<'s>>, Failed> {
        self.run(subject, PCRE2_NOTBOL)
    }

    fn run<'s>(&self, subject: &'s [u8], options: u32) -> Result<Option<Groups<'s>>, Failed> {
        let mut piece = match self.code.is_anchored() {
            true => subject.len() + 1,
            // Many calls take time as well.
            false => (PIECE / (subject.len() + 1)).max(subject.len() / CALLS).clamp(1, subject.len() + 1),
        };
        let budget = BUDGET + PER_BYTE * u32::try_from(subject.len()).unwrap_or(u32::MAX);
        let (mut first, mut steps, begun) = (0, STEPS, Instant::now());
        loop {
            let last = (first + piece - 1).min(subject.len());
            match sys::search(&self.code, subject, Search { first, last, steps, options }) {
                Found::Match(places) => return Ok(Some(Groups { subject, places })),
                Found::Nothing if last == subject.len() => return Ok(None),
                Found::Nothing => first = last + 1,
                // The same again, from fewer places and with more steps for each.
                Found::TooManySteps => {
                    piece = (piece / 2).max(1);
                    steps = steps.saturating_mul(2);
                }
                Found::Failed => break,
            }
            if begun.elapsed() > budget {
                break;
            }
        }
        FAILURES.fetch_add(1, Ordering::Relaxed);
        Err(Failed)
    }
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
    /// A group by its number, from 0 for the whole match; `None` if it has not matched.
    pub(crate) fn get(&self, number: usize) -> Option<&'s [u8]> {
        let (begin, end) = (*self.places.get(number)?)?;
        self.subject.get(begin..end)
    }

    /// Where the match begins and ends.
    pub(crate) fn place(&self) -> (usize, usize) {
        self.places[0].unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
