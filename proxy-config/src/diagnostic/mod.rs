//! What is wrong with a configuration, or worth saying about it: where, what, what was expected, the nearest word.
//!
//! * [`Diagnostic`]: one of them. [`Diagnostics`]: all of a run, bounded.
//! * [`render`]: for people with the line and a caret, for scripts in HAProxy's one-line form.

mod render;

pub use render::{Form, render};

use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth saying only when somebody asked for a diagnosis (`-dD`).
    Diagnosis,
    /// Said.
    Notice,
    /// The configuration can be used; with `zero-warning` or `-dW` it is not.
    Warning,
    /// The configuration cannot be used.
    Alert,
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where; `None` for something that stands on no line.
    pub span: Option<Span>,
    /// What, as one sentence without a full stop.
    pub message: String,
    /// What was expected, or what to do: a clause of its own.
    pub help: Option<String>,
    /// A word that was perhaps meant.
    pub nearest: Option<String>,
    /// Another place that has to do with it, and what it is.
    pub related: Option<(Span, String)>,
}

/// A mistake on a line: what the function that reads a keyword returns. Boxed, since it is rare and large.
pub type Mistake = Box<Diagnostic>;

/// The result of reading something.
pub type Parsed<T = ()> = Result<T, Mistake>;

impl Diagnostic {
    /// Something to say at a place.
    pub fn new(severity: Severity, span: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        let (span, message) = (span.into(), message.into());
        Diagnostic { severity, span, message, help: None, nearest: None, related: None }
    }

    /// A mistake.
    pub fn alert(span: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Alert, span, message)
    }

    /// A warning.
    pub fn warning(span: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, span, message)
    }

    /// With what was expected.
    #[must_use]
    pub fn expected(self, expected: impl std::fmt::Display) -> Diagnostic {
        self.help(format!("expected {expected}"))
    }

    /// With what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// With a word that was perhaps meant.
    #[must_use]
    pub fn nearest(self, nearest: Option<&str>) -> Diagnostic {
        Diagnostic { nearest: nearest.map(str::to_owned), ..self }
    }

    /// With another place.
    #[must_use]
    pub fn related(self, span: Span, what: impl Into<String>) -> Diagnostic {
        Diagnostic { related: Some((span, what.into())), ..self }
    }
}

/// A mistake, to be returned.
pub fn mistake(span: Span, message: impl Into<String>) -> Mistake {
    Box::new(Diagnostic::alert(span, message))
}

/// How many diagnostics are kept. A file that has more mistakes is not what somebody meant as a configuration.
const KEPT: usize = 1000;

/// All diagnostics of a run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    /// Those that were not kept.
    pub dropped: usize,
    alerts: usize,
    warnings: usize,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Alert => self.alerts += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Notice | Severity::Diagnosis => {}
        }
        if self.kept.len() < KEPT { self.kept.push(diagnostic) } else { self.dropped += 1 }
    }

    /// Adds the mistake of a result.
    pub fn take<T>(&mut self, result: Parsed<T>) -> Option<T> {
        result.map_err(|mistake| self.push(*mistake)).ok()
    }

    /// Whether nothing forbids to use the configuration.
    pub fn is_usable(&self) -> bool {
        self.alerts == 0
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// How many mistakes there are.
    pub fn alerts(&self) -> usize {
        self.alerts
    }

    /// All, in the order of the files; what stands on no line comes last.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.kept.sort_by_key(|diagnostic| (diagnostic.span.is_none(), diagnostic.span));
        self.kept
    }
}
