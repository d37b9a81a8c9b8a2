//! Format strings: text with values in it, `%[req.hdr(host)]:%fp`.
//!
//! * [`Format`]: a compiled one.
//! * [`Style`]: how values are written: in quotes, in hexadecimal digits, and what stands for one that is missing.
//! * [`AliasEntry`]: a short name for a value, `%ci`.

mod alias;
mod flags;
mod read;
mod style;

pub use alias::AliasEntry;
pub use style::{Empty, Style};

use proxy_config::Parsed;
use proxy_config::directive::Surroundings;

use crate::context::Context;
use crate::expression::Expression;
use crate::points::Points;
use crate::text::Text;

/// A text with values in it.
#[derive(Debug, Default)]
pub struct Format {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(Box<[u8]>),
    Expression(Expression, Style),
    Alias(&'static AliasEntry, Style),
}

impl Format {
    /// Reads the format of a rule: a value that is missing is empty, and control characters of values are written as
    /// `%XX`, so that no value of a message begins a new line of another one.
    ///
    /// # Errors
    /// When it is none, or asks for what there is not at these moments.
    pub fn parse(text: Text<'_>, points: Points, surroundings: &mut Surroundings<'_>) -> Parsed<Format> {
        Format::parse_in(text, points, Style::RULE, surroundings)
    }

    /// Reads a format whose values are written in a style, as far as their flags say nothing else.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_in(
        text: Text<'_>,
        points: Points,
        style: Style,
        surroundings: &mut Surroundings<'_>,
    ) -> Parsed<Format> {
        read::read(&text, points, style, surroundings).map(|parts| Format { parts })
    }

    /// The text, if there are no values in it.
    pub fn literal(&self) -> Option<&[u8]> {
        match &self.parts[..] {
            [] => Some(&[]),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends the text.
    pub fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => to.extend_from_slice(text),
                Part::Expression(expression, style) => style.expression(expression.get(context).as_ref(), to),
                Part::Alias(alias, style) => style.alias((alias.get)(context).as_ref(), to),
            }
        }
    }
}
