//! What a check does, step by step: lines of `tcp-check` and `http-check`, and the rule sets that are made of them.
//!
//! ```text
//!  a line ─► Rule ─► RuleList ─► Ruleset: a connection first, comments at the steps that they are about
//! ```

mod codes;
mod connect;
mod custom;
mod expect;
mod hex;
mod line;
mod list;
mod note;
mod pattern;
mod read;
mod request;
mod send;

pub use codes::StatusCodes;
pub use connect::{Connect, Port};
pub use custom::{Custom, CustomExpect};
pub use expect::Expect;
pub(crate) use hex::{from_hex, to_hex};
pub(crate) use line::read_line;
pub use list::{RuleList, Ruleset, RulesetKind, Step};
pub use note::{Code, Note};
pub(crate) use pattern::{Compared, Wanted, contains};
pub use pattern::{FieldName, FieldPattern, FieldValue, Pattern};
pub(crate) use request::read_option;
pub use request::{HttpRequest, HttpText};
pub use send::Send;

use proxy_config::Span;
use proxy_rules::Action;

/// A step as it was written.
#[derive(Debug)]
pub struct Rule {
    /// What it does.
    pub kind: RuleKind,
    /// A comment for messages.
    pub comment: Option<Box<str>>,
    /// The place of its line.
    pub span: Option<Span>,
    /// Whether there is no line for it, so that it is not counted.
    pub(crate) is_implied: bool,
}

/// What a step does.
#[derive(Debug)]
pub enum RuleKind {
    /// Nothing: its comment is about the steps after it.
    Comment,
    /// Opens a connection.
    Connect(Box<Connect>),
    /// Sends something.
    Send(Box<Send>),
    /// Waits for a response, and compares it.
    Expect(Box<Expect>),
    /// Sets or removes a variable.
    Act(Box<dyn Action>),
}

impl RuleKind {
    /// Returns whether it is neither a comment nor about variables.
    pub(crate) fn is_exchange(&self) -> bool {
        !matches!(self, RuleKind::Comment | RuleKind::Act(_))
    }

    /// Returns the word of its line, without the first.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            RuleKind::Comment => "comment",
            RuleKind::Connect(_) => "connect",
            RuleKind::Send(_) => "send",
            RuleKind::Expect(_) => "expect",
            RuleKind::Act(_) => "set-var",
        }
    }
}

impl Rule {
    /// Creates a step without a comment or a place.
    pub fn new(kind: RuleKind) -> Rule {
        Rule { kind, comment: None, span: None, is_implied: false }
    }

    /// Creates a step that follows from others, or from an option.
    pub(crate) fn implied(kind: RuleKind) -> Rule {
        Rule { is_implied: true, ..Rule::new(kind) }
    }

    /// Creates the step of a line.
    pub(crate) fn of_line(kind: RuleKind, comment: Option<Box<str>>, span: Span) -> Rule {
        Rule { kind, comment, span: Some(span), is_implied: false }
    }
}
