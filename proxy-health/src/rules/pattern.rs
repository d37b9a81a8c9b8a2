//! What a response is compared with.

use proxy_config::{Line, Parsed, mistake};
use proxy_rules::regex::{Flavour, Regex};
use proxy_rules::{Format, HookPoint};

use super::codes::StatusCodes;
use super::custom::CustomExpect;
use super::hex::from_hex;
use super::read::format;

/// A pattern. That of an `http-check` is about the body, the status or a field, that of a `tcp-check` about bytes.
#[derive(Debug)]
pub enum Pattern {
    /// The response contains this text.
    Text(Box<[u8]>),
    /// The response contains these bytes.
    Binary(Box<[u8]>),
    /// The expression matches in the response.
    Regex(Regex),
    /// The expression matches in the hexadecimal digits of the response.
    HexRegex(Regex),
    /// The response contains the text of a format.
    Format(Format),
    /// The response contains the bytes whose hexadecimal digits are the text of a format.
    HexFormat(Format),
    /// The status is in a list.
    Status(StatusCodes),
    /// The expression matches in the status.
    StatusRegex(Regex),
    /// There is a field.
    Field(Box<FieldPattern>),
    /// A function decides.
    Custom(CustomExpect),
}

/// A field that a response has to have.
#[derive(Debug)]
pub struct FieldPattern {
    /// Its name.
    pub name: FieldName,
    /// Its value; any if it is not given.
    pub value: Option<FieldValue>,
    /// Whether the whole value is compared, rather than each element of a list.
    pub whole: bool,
}

/// How a text is compared with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Begins,
    Ends,
    Contains,
}

/// A text, or how it is made.
#[derive(Debug)]
pub(crate) enum Wanted {
    Text(Box<[u8]>),
    Format(Format),
}

/// The name of a field, compared without regard to case.
#[derive(Debug)]
pub struct FieldName(pub(crate) Compared);

/// The value of a field.
#[derive(Debug)]
pub struct FieldValue(pub(crate) Compared);

#[derive(Debug)]
pub(crate) enum Compared {
    With(Comparison, Wanted),
    Regex(Regex),
}

impl Comparison {
    /// Returns whether `text` compares with `wanted`.
    pub(crate) fn holds(self, text: &[u8], wanted: &[u8]) -> bool {
        match self {
            Comparison::Equal => text == wanted,
            Comparison::Begins => text.starts_with(wanted),
            Comparison::Ends => text.ends_with(wanted),
            Comparison::Contains => contains(text, wanted),
        }
    }
}

/// Returns whether a text contains another one. An empty one is contained in everything.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// The words of patterns of each kind of check.
const OF_BYTES: &[&str] = &["string", "rstring", "string-lf", "binary", "rbinary", "binary-lf"];
const OF_HTTP: &[&str] = &["string", "rstring", "string-lf", "status", "rstatus", "hdr", "fhdr"];

/// Returns the words of patterns.
pub(super) fn words(hook: HookPoint) -> &'static [&'static str] {
    if hook == HookPoint::HttpCheck { OF_HTTP } else { OF_BYTES }
}

/// Reads what follows the word of a pattern, which is one of [`words`].
pub(super) fn read(line: &mut Line<'_, '_>, keyword: &str) -> Parsed<Pattern> {
    Ok(match keyword {
        "string" => Pattern::Text(line.args.word("a text")?.as_bytes().into()),
        "rstring" => Pattern::Regex(regex(line, Flavour { no_groups: true, ..Flavour::default() })?),
        "string-lf" => Pattern::Format(format(line, "a text")?),
        "binary" => {
            let what = "an even number of hexadecimal digits";
            let word = line.args.word(what)?;
            Pattern::Binary(from_hex(word.as_bytes()).ok_or_else(|| line.args.bad(word, what))?.into())
        }
        "rbinary" => Pattern::HexRegex(regex(line, Flavour { no_groups: true, ..Flavour::default() })?),
        "binary-lf" => Pattern::HexFormat(format(line, "hexadecimal digits")?),
        "status" => {
            let word = line.args.word("status codes")?;
            Pattern::Status(word.parse().map_err(|error| line.args.bad(word, error))?)
        }
        "rstatus" => Pattern::StatusRegex(regex(line, Flavour { no_groups: true, ..Flavour::default() })?),
        keyword => Pattern::Field(Box::new(field(line, keyword == "fhdr")?)),
    })
}

fn regex(line: &mut Line<'_, '_>, flavour: Flavour) -> Parsed<Regex> {
    let word = line.args.word("a regular expression")?;
    Regex::new(word, flavour, word.span)
}

/// Reads `name <name> [value <value>]`.
fn field(line: &mut Line<'_, '_>, whole: bool) -> Parsed<FieldPattern> {
    let is_format = line.args.one_of(&[("name", false), ("name-lf", true)])?;
    // As in HAProxy, parentheses of a name are groups, and its case does not matter.
    let flavour = Flavour { ignore_case: true, no_groups: false };
    let name = FieldName(compared(line, is_format, flavour, "the name of a field")?);
    let is_format = match () {
        () if line.args.take_word("value") => false,
        () if line.args.take_word("value-lf") => true,
        () => return Ok(FieldPattern { name, value: None, whole }),
    };
    let flavour = Flavour { ignore_case: false, no_groups: true };
    let value = FieldValue(compared(line, is_format, flavour, "the value of the field")?);
    Ok(FieldPattern { name, value: Some(value), whole })
}

/// Reads `[-m str|beg|end|sub|reg] <text>`.
fn compared(line: &mut Line<'_, '_>, is_format: bool, flavour: Flavour, what: &str) -> Parsed<Compared> {
    let mut comparison = Some(Comparison::Equal);
    let mut span = line.span;
    if line.args.take_word("-m") {
        comparison = line.args.one_of(&[
            ("str", Some(Comparison::Equal)),
            ("beg", Some(Comparison::Begins)),
            ("end", Some(Comparison::Ends)),
            ("sub", Some(Comparison::Contains)),
            ("reg", None),
        ])?;
        span = line.args.last();
    }
    match (comparison, is_format) {
        (None, true) => {
            Err(mistake(span, "a regular expression is a fixed text: it cannot be made by a format"))
        }
        (None, false) => regex(line, flavour).map(Compared::Regex),
        (Some(comparison), true) => Ok(Compared::With(comparison, Wanted::Format(format(line, what)?))),
        (Some(comparison), false) => {
            Ok(Compared::With(comparison, Wanted::Text(line.args.word(what)?.as_bytes().into())))
        }
    }
}
