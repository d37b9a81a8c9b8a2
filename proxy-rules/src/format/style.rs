//! The style of the values of a format, as set by flags.

/// The text for a value that is missing or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// An empty text.
    Nothing,
    /// `-`, as in log lines.
    Dash,
}

/// An encoding of values.
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
    /// The text for a missing value: `+M` makes it a dash.
    pub empty: Empty,
    /// Whether values are quoted (`+Q`).
    pub quote: bool,
    /// Whether numbers and addresses are written in hexadecimal digits (`+X`).
    pub hexadecimal: bool,
    /// Whether quotes, backslashes and closing brackets are escaped with a backslash (`+E`).
    pub escape: bool,
    /// The encoding (`+json`, `+cbor`).
    pub encoding: Option<Encoding>,
    /// Whether binary values are written as they are (`+bin`).
    pub binary: bool,
    /// Whether control characters of expressions are written as `%XX`, without quotes: for rules of HTTP.
    pub encode: bool,
    /// Whether several spaces become one, including those around an empty value.
    pub merge_spaces: bool,
}

impl Style {
    /// The style of rules.
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

    /// The style of plain values, without quotes or replacements.
    pub const PLAIN: Style = Style { encode: false, ..Style::RULE };

    /// The style of log lines.
    pub const LOG: Style = Style { empty: Empty::Dash, encode: false, merge_spaces: true, ..Style::RULE };

    /// The style of unique identifiers.
    pub const UNIQUE_ID: Style = Style { merge_spaces: true, ..Style::RULE };

    /// Returns the common part of two styles, for flags that apply to a whole format.
    #[must_use]
    pub(super) fn in_common(self, other: Style) -> Style {
        Style {
            encoding: self.encoding.filter(|_| self.encoding == other.encoding),
            binary: self.binary && other.binary,
            encode: self.encode && other.encode,
            ..self
        }
    }

    /// Returns the style of a whole format: rules of HTTP have no encoding.
    #[must_use]
    pub(super) fn of_all(self) -> Style {
        Style { encoding: self.encoding.filter(|_| !self.encode), ..self }
    }

    /// Returns the style of one value in a format that has one of its own.
    #[must_use]
    pub(super) fn of_value(self, all: Option<Style>) -> Style {
        let binary = all.is_some_and(|all| all.binary);
        let encode = self.encode && all.is_none_or(|all| all.encoding.is_none() || all.encode);
        let encoding = all.and_then(|all| all.encoding).or(self.encoding).filter(|_| !encode);
        // Encodings have their own escapes.
        let escape = self.escape && encoding.is_none();
        Style { binary, encode, encoding, escape, ..self }
    }
}

/// The type that an encoded value gets: `%(name:type)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cast {
    /// The type `str`.
    Text,
    /// The type `sint`.
    Integer,
    /// The type `bool`.
    Bool,
    /// The type `raw`: the bytes, with nothing around them.
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
