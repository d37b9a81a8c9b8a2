//! Messages about a configuration: where, what is wrong, what was expected, and the nearest known word.
//!
//! * [`Diagnostic`]: one message. [`Diagnostics`]: all messages of a run, up to a limit.
//! * [`render`]: a message as text, for people with the line and a caret, for scripts in HAProxy's one-line form.

mod render;

pub use render::{Form, render};

use crate::source::Span;

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Reported only with `-dD`, which asks for a diagnosis.
    Diagnosis,
    /// A message that is not about a mistake.
    Notice,
    /// The configuration is used, except with `zero-warning` or `-dW`.
    Warning,
    /// The configuration cannot be used.
    Alert,
}

/// A message about a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its severity.
    pub severity: Severity,
    /// Its place; `None` for something that is not on a line.
    pub span: Option<Span>,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// What was expected, or what to do, as a separate clause.
    pub help: Option<String>,
    /// A word that was probably meant.
    pub nearest: Option<String>,
    /// Another place that is involved, and what is there.
    pub related: Option<(Span, String)>,
}

/// A mistake on a line, the error of functions that read keywords. It is boxed, since it is rare and large.
pub type Mistake = Box<Diagnostic>;

/// The result of reading something.
pub type Parsed<T = ()> = Result<T, Mistake>;

impl Diagnostic {
    /// Creates a diagnostic about a place.
    pub fn new(severity: Severity, span: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        let (span, message) = (span.into(), message.into());
        Diagnostic { severity, span, message, help: None, nearest: None, related: None }
    }

    /// Creates an alert.
    pub fn alert(span: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Alert, span, message)
    }

    /// Creates a warning.
    pub fn warning(span: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, span, message)
    }

    /// Sets what was expected, as the help.
    #[must_use]
    pub fn expected(self, expected: impl std::fmt::Display) -> Diagnostic {
        self.help(format!("expected {expected}"))
    }

    /// Sets the help: what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// Sets the word that was probably meant.
    #[must_use]
    pub fn nearest(self, nearest: Option<&str>) -> Diagnostic {
        Diagnostic { nearest: nearest.map(str::to_owned), ..self }
    }

    /// Sets another place that is involved, and what is there.
    #[must_use]
    pub fn related(self, span: Span, what: impl Into<String>) -> Diagnostic {
        Diagnostic { related: Some((span, what.into())), ..self }
    }
}

/// Creates an alert as a boxed mistake.
pub fn mistake(span: Span, message: impl Into<String>) -> Mistake {
    Box::new(Diagnostic::alert(span, message))
}

/// The most diagnostics that are kept. A file with more mistakes is hardly meant as a configuration.
const KEPT: usize = 1000;

/// All diagnostics of a run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    /// The number of diagnostics that were not kept.
    pub dropped: usize,
    alerts: usize,
    warnings: usize,
}

impl Diagnostics {
    /// Adds a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Alert => self.alerts += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Notice | Severity::Diagnosis => {}
        }
        if self.kept.len() < KEPT { self.kept.push(diagnostic) } else { self.dropped += 1 }
    }

    /// Adds the mistake of a result, or returns its value.
    pub fn take<T>(&mut self, result: Parsed<T>) -> Option<T> {
        result.map_err(|mistake| self.push(*mistake)).ok()
    }

    /// Returns whether the configuration can be used: there are no alerts.
    pub fn is_usable(&self) -> bool {
        self.alerts == 0
    }

    /// Returns the number of warnings.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Returns the number of alerts.
    pub fn alerts(&self) -> usize {
        self.alerts
    }

    /// Returns all diagnostics in the order of the files; those that are not on a line come last.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.kept.sort_by_key(|diagnostic| (diagnostic.span.is_none(), diagnostic.span));
        self.kept
    }
}
