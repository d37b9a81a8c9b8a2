//! Text of the configuration that is parsed further: an expression, a format.

use proxy_config::{Diagnostic, Mistake, Span, Word};

/// A text and its place.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    text: &'a str,
    origin: Origin<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    /// A word, which knows the position of each of its letters.
    Word(&'a Word),
    /// A text whose letters have no positions of their own.
    Span(Span),
}

impl<'a> Text<'a> {
    /// Creates a text of a word.
    pub fn of(word: &'a Word) -> Text<'a> {
        Text { text: &word.text, origin: Origin::Word(word) }
    }

    /// Creates a text that does not occur literally in a word.
    pub fn at(text: &'a str, span: Span) -> Text<'a> {
        Text { text, origin: Origin::Span(span) }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// Returns the place of a part of the text.
    pub fn part(&self, start: usize, end: usize) -> Span {
        match self.origin {
            Origin::Word(word) => word.part(start, end.max(start)),
            Origin::Span(span) => span,
        }
    }

    /// Returns the place of the whole text.
    pub fn span(&self) -> Span {
        match self.origin {
            Origin::Word(word) => word.span,
            Origin::Span(span) => span,
        }
    }

    /// Creates an alert about a part of the text.
    pub fn mistake(&self, start: usize, end: usize, message: impl Into<String>) -> Mistake {
        Box::new(Diagnostic::alert(self.part(start, end), message))
    }
}
