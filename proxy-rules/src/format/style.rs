//! How the values of a format are written: what its flags say.

/// What stands for a value that is missing or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Nothing.
    Nothing,
    /// `-`, as in log lines.
    Dash,
}

/// A form of data that values are encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// JSON (RFC 8259).
    Json,
    /// CBOR (RFC 8949), in hexadecimal digits unless `+bin` is set.
    Cbor,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// What stands for no value: `+M` makes it a dash.
    pub empty: Empty,
    /// `+Q`: in quotes.
    pub quote: bool,
    /// `+X`: numbers and addresses in hexadecimal digits.
    pub hexadecimal: bool,
    /// `+E`: a backslash before quotes, backslashes and closing brackets.
    pub escape: bool,
    /// `+json`, `+cbor`.
    pub encoding: Option<Encoding>,
    /// `+bin`: binary values as they are.
    pub binary: bool,
    /// Control characters of expressions as `%XX`, and no quotes around them: what rules of HTTP do.
    pub encode: bool,
    /// Several spaces become one, also those around a value that is nothing.
    pub merge_spaces: bool,
}

impl Style {
    /// That of rules.
    pub const RULE: Style = Style {
        empty: Empty::Nothing,
        quote: false,
        hexadecimal: false,
        escape: false,
        encoding: None,
        binary: false,
        encode: true,
        merge_spaces: false,
    };

    /// As values are: nothing is put around them, and nothing in their place.
    pub const PLAIN: Style = Style { encode: false, ..Style::RULE };

    /// That of log lines.
    pub const LOG: Style = Style { empty: Empty::Dash, encode: false, merge_spaces: true, ..Style::RULE };

    /// That of unique identifiers.
    pub const UNIQUE_ID: Style = Style { merge_spaces: true, ..Style::RULE };

    /// What both have in common, of the flags that are about a whole format.
    #[must_use]
    pub(super) fn in_common(self, other: Style) -> Style {
        Style {
            encoding: self.encoding.filter(|_| self.encoding == other.encoding),
            binary: self.binary && other.binary,
            encode: self.encode && other.encode,
            ..self
        }
    }

    /// The style of all of a format: rules of HTTP encode in no form of data.
    #[must_use]
    pub(super) fn of_all(self) -> Style {
        Style { encoding: self.encoding.filter(|_| !self.encode), ..self }
    }

    /// The style of one value in a format that has one of its own.
    #[must_use]
    pub(super) fn of_value(self, all: Option<Style>) -> Style {
        let binary = all.is_some_and(|all| all.binary);
        let encode = self.encode && all.is_none_or(|all| all.encoding.is_none() || all.encode);
        let encoding = all.and_then(|all| all.encoding).or(self.encoding).filter(|_| !encode);
        // What is encoded has escapes of its own.
        let escape = self.escape && encoding.is_none();
        Style { binary, encode, encoding, escape, ..self }
    }
}

/// The type that a value is given where it is encoded: `%(name:type)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cast {
    /// `str`
    Text,
    /// `sint`
    Integer,
    /// `bool`
    Bool,
    /// `raw`: the bytes, and nothing around them.
    Raw,
}

impl Cast {
    pub(super) const NAMES: &str = "str, sint, bool or raw";

    pub(super) fn of(word: &str) -> Option<Cast> {
        Some(match word {
            "str" => Cast::Text,
            "sint" => Cast::Integer,
            "bool" => Cast::Bool,
            "raw" => Cast::Raw,
            _ => return None,
        })
    }
}
