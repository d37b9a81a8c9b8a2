//! Format strings: text with values in it, `%[req.hdr(host)]:%fp`.
//!
//! * [`Format`]: a compiled format.
//! * [`Style`]: how values are written: in quotes, in hexadecimal digits, as JSON, and what replaces a missing value.
//! * [`LayerFormat`]: a format whose value is sent to a server.
//! * [`AliasEntry`]: an alias of a value, `%ci`. [`Field`]: where it writes the value.

mod alias;
mod cbor;
mod field;
mod flags;
mod layer;
mod numbers;
mod read;
mod style;
mod value;

pub use alias::{AliasEntry, WriteAlias};
pub use field::Field;
pub use layer::{LayerFormat, LayerFormats};
pub(crate) use numbers::{Digits, decimal};
pub use style::{Empty, Encoding, Style};

use proxy_config::Parsed;
use proxy_config::directive::Surroundings;

use self::cbor::{Cbor, Major};
use self::style::Cast;
use crate::context::Context;
use crate::expression::Expression;
use crate::points::Points;
use crate::text::Text;

/// A text with values in it.
#[derive(Debug, Default)]
pub struct Format {
    parts: Vec<Part>,
    /// The encoding of the whole format. Only values with a name are written then.
    encoding: Option<Encoding>,
    /// Whether CBOR is written as bytes.
    binary: bool,
}

#[derive(Debug)]
enum Part {
    Text(Box<[u8]>),
    /// A space, unless one precedes it.
    Space,
    Item(Item),
}

/// A value, and how it is written.
#[derive(Debug)]
struct Item {
    value: Value,
    style: Style,
    name: Option<Box<str>>,
    cast: Option<Cast>,
}

#[derive(Debug)]
enum Value {
    Expression(Expression),
    Alias(&'static AliasEntry),
}

impl Format {
    /// Reads the format of a rule: a missing value is empty, and control characters of values are written as `%XX`, so
    /// that no value of a message begins a new line of another one.
    ///
    /// # Errors
    /// Returns an error if the text is not a format, or a value cannot be determined at these points.
    pub fn parse(text: Text<'_>, points: Points, surroundings: &mut Surroundings<'_>) -> Parsed<Format> {
        Format::parse_in(text, points, Style::RULE, surroundings)
    }

    /// Reads a format whose values are written in a style, unless their flags change it.
    ///
    /// # Errors
    /// The same as of [`parse`](Self::parse).
    pub fn parse_in(
        text: Text<'_>,
        points: Points,
        style: Style,
        surroundings: &mut Surroundings<'_>,
    ) -> Parsed<Format> {
        read::read(&text, points, style, surroundings)
    }

    /// Returns the text, if there are no values in it.
    pub fn literal(&self) -> Option<&[u8]> {
        match &self.parts[..] {
            [] => Some(&[]),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns whether a value is known only at the end of a session or an exchange.
    pub fn tells_end(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Item(Item { value: Value::Alias(alias), .. }) => alias.at_end,
            Part::Item(Item { value: Value::Expression(expression), .. }) => expression.tells_end(),
            _ => false,
        })
    }

    /// Returns whether the format contains this alias.
    pub fn names(&self, alias: &str) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Item(Item { value: Value::Alias(entry), .. }) => entry.name == alias,
            _ => false,
        })
    }

    /// Returns whether a value looks at the connection to the server.
    pub fn reads_server(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Item(Item { value: Value::Expression(expression), .. }) => expression.reads_server(),
            _ => false,
        })
    }

    /// Returns whether a value looks at the request.
    pub fn reads_request(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Item(Item { value: Value::Alias(alias), .. }) => alias.needs.is_of_request(),
            Part::Item(Item { value: Value::Expression(expression), .. }) => expression.reads_request(),
            Part::Text(_) | Part::Space => false,
        })
    }

    /// Appends the text. Allocates nothing as long as there is room, except for values that an expression has to build.
    pub fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        match self.encoding {
            None => self.write_text(context, to),
            Some(Encoding::Json) => self.write_json(context, to),
            Some(Encoding::Cbor) => self.write_cbor(context, to),
        }
    }

    fn write_text(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        let mut after_space = true;
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    to.extend_from_slice(text);
                    after_space = false;
                }
                Part::Space if after_space => {}
                Part::Space => {
                    to.push(b' ');
                    after_space = true;
                }
                Part::Item(item) => {
                    let is_written = item.write(context, to);
                    after_space &= !is_written && matches!(item.value, Value::Alias(_));
                }
            }
        }
    }

    /// Appends `{"name": value, "other": value}`.
    fn write_json(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        to.push(b'{');
        let mut separator: &[u8] = b"";
        for (name, item) in self.named() {
            to.extend_from_slice(separator);
            separator = b", ";
            to.push(b'"');
            to.extend_from_slice(name.as_bytes());
            to.extend_from_slice(b"\": ");
            item.write(context, to);
        }
        to.push(b'}');
    }

    fn write_cbor(&self, context: &Context<'_>, to: &mut Vec<u8>) {
        let cbor = Cbor { binary: self.binary };
        cbor.begin_map(to);
        for (name, item) in self.named() {
            cbor.bytes(Major::Text, name.as_bytes(), to);
            item.write(context, to);
        }
        cbor.end(to);
    }

    fn named(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Item(item) => Some((item.name.as_deref()?, item)),
            _ => None,
        })
    }
}

impl Item {
    /// Appends the value; returns whether there was anything to append.
    fn write(&self, context: &Context<'_>, to: &mut Vec<u8>) -> bool {
        let before = to.len();
        let mut field = Field::new(to, self.style, self.cast);
        match &self.value {
            Value::Expression(expression) => field.sample(expression.get(context)),
            Value::Alias(alias) => (alias.write)(context, &mut field),
        }
        if to.len() == before {
            match self.style.encoding {
                None => return false,
                Some(Encoding::Json) => to.extend_from_slice(b"null"),
                Some(Encoding::Cbor) => Cbor { binary: self.style.binary }.null(to),
            }
        }
        true
    }
}
