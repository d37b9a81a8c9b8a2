//! The format of the second language: records with a tag, the number of an exchange, a length and a text.
//!
//! ```text
//! Q head of a request      GET=/a ⏎ length=none ⏎ host=a ⏎
//! R head of a response     status=200 ⏎ length=2 ⏎
//! D data                   ok
//! E end, with trailers     x=y ⏎
//! W window                 1000: the number of further bytes of data that the receiver of this exchange takes
//! X reset                  8: the exchange is aborted, with the reason
//! U refused                the request was not processed, and may be sent again
//! G end of the connection  0: no more exchanges are accepted, with the reason
//! ```
//!
//! A client numbers its exchanges from 1, in the order of their heads. Records of the connection have the number 0.
//!
//! The length of a body is `none`, `unknown` or a number; after `none` there is neither data nor an end, except in a
//! tunnel. A reset or the end of the connection cuts a message off. An exchange may carry [`WINDOW`] bytes of data in
//! either direction, and then as many more as the receiver grants.

use proxy_http::{BodyLength, Fields};

pub(super) const REQUEST: u8 = b'Q';
pub(super) const RESPONSE: u8 = b'R';
pub(super) const DATA: u8 = b'D';
pub(super) const END: u8 = b'E';
pub(super) const CREDIT: u8 = b'W';
pub(super) const RESET: u8 = b'X';
pub(super) const REFUSED: u8 = b'U';
pub(super) const GOODBYE: u8 = b'G';
/// The bytes of a tag, a number and a length.
pub(super) const HEAD: usize = 9;
/// The bytes of data that may be sent in an exchange before the receiver grants more.
pub(super) const WINDOW: usize = 16 * 1024;
/// The most open exchanges of a connection.
pub(super) const MOST: usize = 8;

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) tag: u8,
    pub(super) number: u32,
    pub(super) length: usize,
}

pub(super) fn record(tag: u8, number: u32, text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&[tag][..], &number.to_be_bytes(), &length, text].concat()
}

/// Makes a record whose text is a number.
pub(super) fn said(tag: u8, number: u32, value: usize) -> Vec<u8> {
    record(tag, number, value.to_string().as_bytes())
}

/// Returns the head of the first record.
pub(super) fn start(bytes: &[u8]) -> Option<Start> {
    let (head, _) = bytes.split_at_checked(HEAD)?;
    let value = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
    Some(Start { tag: head[0], number: value(1), length: value(5) as usize })
}

/// Returns the text of the first record, once it is complete.
pub(super) fn text(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(HEAD..)?.get(..start(bytes)?.length)
}

/// Takes the first record, once it is complete.
pub(super) fn take(bytes: &mut Vec<u8>) -> Option<(Start, Vec<u8>)> {
    let taken = (start(bytes)?, text(bytes)?.to_vec());
    bytes.drain(..HEAD + taken.1.len());
    Some(taken)
}

/// Parses a text that is a number.
pub(super) fn value(text: &[u8]) -> usize {
    std::str::from_utf8(text).unwrap().parse().unwrap()
}

/// Parses names and values, one pair to a line.
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

/// Returns fields as strings.
pub(super) fn strings(fields: &Fields) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.iter().map(|field| (text(field.name), text(field.value))).collect()
}
