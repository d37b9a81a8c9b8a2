//! The bytes of the second language: records of a tag, a length and a text.
//!
//! ```text
//! Q head of a request      GET=/a ⏎ length=none ⏎ host=a ⏎
//! R head of a response     status=200 ⏎ length=2 ⏎
//! D data                   ok
//! E end, with trailers     x=y ⏎
//! ```
//!
//! The length of a body is `none`, `unknown` or a number; behind `none` there is neither data nor an end. A message is
//! broken off by the end of the connection.

use proxy_http::{BodyLength, Fields};

pub(super) const REQUEST: u8 = b'Q';
pub(super) const RESPONSE: u8 = b'R';
pub(super) const DATA: u8 = b'D';
pub(super) const END: u8 = b'E';
/// A tag and a length.
pub(super) const HEAD: usize = 5;

pub(super) fn record(tag: u8, text: &[u8]) -> Vec<u8> {
    [&[tag][..], &u32::try_from(text.len()).unwrap().to_be_bytes(), text].concat()
}

/// The tag and the length of the first record.
pub(super) fn tag(bytes: &[u8]) -> Option<(u8, usize)> {
    let (head, _) = bytes.split_at_checked(HEAD)?;
    Some((head[0], u32::from_be_bytes(head[1..].try_into().unwrap()) as usize))
}

/// The text of the first record, once it is there.
pub(super) fn text(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(HEAD..)?.get(..tag(bytes)?.1)
}

/// Names and values, one to a line.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(text).unwrap();
    text.lines().filter_map(|line| line.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

pub(super) fn lines<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    pairs.into_iter().flat_map(|(name, value)| [name, "=", value, "\n"]).collect::<String>().into_bytes()
}

pub(super) fn length(body: BodyLength) -> String {
    match body {
        BodyLength::Empty => "none".to_owned(),
        BodyLength::Known(length) => length.to_string(),
        BodyLength::Unknown => "unknown".to_owned(),
    }
}

pub(super) fn body(length: &str) -> BodyLength {
    match length {
        "none" => BodyLength::Empty,
        "unknown" => BodyLength::Unknown,
        length => BodyLength::Known(length.parse().unwrap()),
    }
}

/// Fields as text.
pub(super) fn strings(fields: &Fields) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.iter().map(|field| (text(field.name), text(field.value))).collect()
}
