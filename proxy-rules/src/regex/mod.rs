//! Regular expressions, with the meaning that they have in HAProxy: PCRE2, on bytes.
//!
//! Such an expression can take unbounded time, and clients choose what it is matched against. So each match has a time
//! budget, `BUDGET`. The subject is searched in pieces, each with a limit of steps, and the clock is checked between
//! them. A match that has used up its budget has [`Failed`]: it is not known whether there is one, and the caller must
//! not continue as if there were none.

mod sys;
mod template;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pcre2_sys::{PCRE2_CASELESS, PCRE2_NO_AUTO_CAPTURE, PCRE2_NOTBOL};
use proxy_config::{Diagnostic, Parsed, Span};

pub(crate) use self::template::{Malformed, expand};

use self::sys::{Code, Found, GROUPS, Search};

/// How long a match may occupy a worker, and how much longer for each byte that it looks at. The last piece may exceed
/// it, so that a field of 16 kB takes 1 ms at most; 0.5 ms were measured (`tests.rs` has the expressions).
const BUDGET: Duration = Duration::from_micros(400);
const PER_BYTE: Duration = Duration::from_nanos(5);

/// The number of bytes that all starts of one piece may look at, if each looks at the whole subject once.
const PIECE: usize = 256 << 10;

/// The maximum number of pieces, as long as none takes too many steps.
const CALLS: usize = 1024;

/// The number of steps from one start before the clock is checked. It is doubled each time they do not suffice.
const STEPS: u32 = 256;

/// The error of a match without a result: it has used up its budget, or the library could not carry it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a regular expression took too long")]
pub struct Failed;

static FAILURES: AtomicU64 = AtomicU64::new(0);

/// Returns how many matches of this process have failed.
pub fn failures() -> u64 {
    FAILURES.load(Ordering::Relaxed)
}

/// A compiled regular expression.
pub(crate) struct Regex {
    code: Code,
    text: Box<str>,
}

/// Options for compiling an expression.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flavour {
    /// Whether case is ignored.
    pub(crate) ignore_case: bool,
    /// Whether parentheses without a name are not groups, as in the patterns of ACLs.
    pub(crate) no_groups: bool,
}

impl Regex {
    /// Compiles the text at a place.
    ///
    /// # Errors
    /// Returns an error if it is not a regular expression.
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

    /// Returns whether the expression matches somewhere.
    pub(crate) fn is_match(&self, subject: &[u8]) -> Result<bool, Failed> {
        self.groups(subject).map(|groups| groups.is_some())
    }

    /// Returns the first match.
    pub(crate) fn groups<'s>(&self, subject: &'s [u8]) -> Result<Option<Groups<'s>>, Failed> {
        self.run(subject, 0)
    }

    /// Returns the first match in the rest of a line, at whose beginning `^` does not match.
    pub(crate) fn groups_of_rest<'s>(&self, subject: &'s [u8]) -> Result<Option<Groups<'s>>, Failed> {
        self.run(subject, PCRE2_NOTBOL)
    }

    fn run<'s>(&self, subject: &'s [u8], options: u32) -> Result<Option<Groups<'s>>, Failed> {
        let mut piece = match self.code.is_anchored() {
            true => subject.len() + 1,
            // A large number of calls takes time as well.
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
                // Repeat from fewer starts, with more steps for each.
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
