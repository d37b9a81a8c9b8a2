//! A text of the configuration that is read further: an expression, a format.

use proxy_config::{Diagnostic, Mistake, Span, Word};

/// A text, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    text: &'a str,
    origin: Origin<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    /// In a word, which knows where each of its letters is.
    Word(&'a Word),
    /// Somewhere.
    Span(Span),
}

impl<'a> Text<'a> {
    /// A word.
    pub fn of(word: &'a Word) -> Text<'a> {
        Text { text: &word.text, origin: Origin::Word(word) }
    }

    /// A text that stands in no word as it is.
    pub fn at(text: &'a str, span: Span) -> Text<'a> {
        Text { text, origin: Origin::Span(span) }
    }

    /// What it says.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// The place of a part of it.
    pub fn part(&self, start: usize, end: usize) -> Span {
        match self.origin {
            Origin::Word(word) => word.part(start, end.max(start)),
            Origin::Span(span) => span,
        }
    }

    /// The place of all of it.
    pub fn span(&self) -> Span {
        match self.origin {
            Origin::Word(word) => word.span,
            Origin::Span(span) => span,
        }
    }

    /// A mistake at a part of it.
    pub fn mistake(&self, start: usize, end: usize, message: impl Into<String>) -> Mistake {
        Box::new(Diagnostic::alert(self.part(start, end), message))
    }
}
