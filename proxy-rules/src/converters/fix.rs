//! `fix_is_valid`, `fix_tag_value`: messages of the Financial Information eXchange protocol, versions 4.0 to 5.0.
//!
//! ```text
//! 8=FIX.4.4|9=<length>|35=<type>|<tag>=<value>|...|10=<checksum>|      where '|' is the byte 1
//! ```
//!
//! The length counts the bytes from the type to the checksum, and the checksum is the sum of all bytes before its own
//! tag.

use proxy_config::Parsed;

use super::part::part;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

const DELIMITER: u8 = 1;
/// The length of the shortest message, in bytes.
const SHORTEST: usize = 26;

const BEGIN_STRING: u32 = 8;
const BODY_LENGTH: u32 = 9;
const CHECK_SUM: u32 = 10;
const MESSAGE_TYPE: u32 = 35;

/// Tags with names; others are named by number.
const NAMES: [(&str, u32); 6] = [
    ("BeginString", BEGIN_STRING),
    ("BodyLength", BODY_LENGTH),
    ("CheckSum", CHECK_SUM),
    ("MsgType", MESSAGE_TYPE),
    ("SenderCompID", 49),
    ("TargetCompID", 56),
];

/// The beginning of a message of each version, and the highest tag that the version defines.
const VERSIONS: [(&[u8], u32); 6] = [
    (b"FIX.4.0", 140),
    (b"FIX.4.1", 211),
    (b"FIX.4.2", 446),
    (b"FIX.4.3", 659),
    (b"FIX.4.4", 956),
    (b"FIXT.1.1", 1621),
];

/// Tags for private use.
const USER_DEFINED: std::ops::RangeInclusive<u32> = 10_000..=19_999;

/// A tag and its value.
struct Field<'a> {
    tag: u32,
    value: &'a [u8],
    /// The length in bytes, with the delimiter.
    length: usize,
}

impl<'a> Field<'a> {
    /// Reads the field at the beginning; returns `None` if its end has not arrived yet, and an error if it is invalid.
    fn read(bytes: &'a [u8]) -> Option<Result<Field<'a>, Malformed>> {
        let equal = memchr::memchr(b'=', bytes)?;
        let end = equal + memchr::memchr(DELIMITER, &bytes[equal..])?;
        let value = &bytes[equal + 1..end];
        Some(match number(&bytes[..equal]) {
            Some(tag) if tag > 0 => Ok(Field { tag, value, length: end + 1 }),
            _ => Err(Malformed),
        })
    }
}

/// The error of bytes that are not a message, whatever follows.
struct Malformed;

fn number(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    digits.parse().ok()
}

/// Returns whether the bytes begin with a valid message; `None` if more have to arrive.
fn is_valid(message: &[u8]) -> Option<bool> {
    if message.len() < SHORTEST {
        return None;
    }
    let (mut at, mut sum, mut count) = (0, 0_u8, 0);
    let (mut highest, mut body) = (u32::MAX, (0, 0));
    while at < message.len() {
        let Ok(field) = Field::read(&message[at..])? else { return Some(false) };
        if field.tag > highest && !USER_DEFINED.contains(&field.tag) {
            return Some(false);
        }
        count += 1;
        let is_right = match (count, field.tag) {
            (1, BEGIN_STRING) => match VERSIONS.iter().find(|(name, _)| *name == field.value) {
                Some((_, last)) => {
                    highest = *last;
                    true
                }
                None => false,
            },
            (2, BODY_LENGTH) => match number(field.value) {
                Some(length) if length > 0 => {
                    body = (at + field.length, length);
                    true
                }
                _ => false,
            },
            (3, tag) => tag == MESSAGE_TYPE,
            (4.., CHECK_SUM) => {
                let (start, length) = body;
                let is_whole = u32::try_from(at - start) == Ok(length);
                return Some(is_whole && field.value.len() == 3 && number(field.value) == Some(sum.into()));
            }
            (4.., _) => true,
            _ => false,
        };
        if !is_right {
            return Some(false);
        }
        let bytes = &message[at..at + field.length];
        sum = bytes.iter().fold(sum, |sum, byte| sum.wrapping_add(*byte));
        at += field.length;
    }
    if count < 2 { Some(false) } else { None }
}

/// Finds the value of a tag; returns `None` if more bytes have to arrive, and an error if the message has no such tag.
fn value_of(message: &[u8], tag: u32) -> Option<Result<std::ops::Range<usize>, Malformed>> {
    let mut at = 0;
    loop {
        let Ok(field) = Field::read(&message[at..])? else { return Some(Err(Malformed)) };
        at += field.length;
        if field.tag == tag {
            // HAProxy waits for more bytes if a value is empty.
            let end = at - 1;
            return (!field.value.is_empty()).then(|| Ok(end - field.value.len()..end));
        }
        if field.tag == CHECK_SUM {
            return Some(Err(Malformed));
        }
    }
}

#[derive(Debug)]
struct IsValid;

impl Converter for IsValid {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        is_valid(sample.bytes()?).map(Sample::Bool)
    }

    fn may_change(&self, sample: &Sample<'_>) -> bool {
        sample.bytes().is_some_and(|message| is_valid(message).is_none())
    }
}

#[derive(Debug)]
struct TagValue(u32);

impl Converter for TagValue {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Binary(message) = sample else { return None };
        let place = value_of(&message, self.0)?.ok()?;
        Some(Sample::Binary(part(message, place)))
    }

    fn may_change(&self, sample: &Sample<'_>) -> bool {
        sample.bytes().is_some_and(|message| value_of(message, self.0).is_none())
    }
}

fn tag_value(inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Converter>> {
    let input = inputs.input("a tag: its number or name")?;
    let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&input.text)).map(|(_, tag)| *tag);
    let tag = named.or_else(|| number(input.text.as_bytes()).filter(|tag| *tag > 0)).ok_or_else(|| {
        let names = NAMES.map(|(name, _)| name).join(", ");
        inputs.bad(input, format!("a number from 1 on, or one of {names}"))
    })?;
    Ok(Box::new(TagValue(tag)))
}

inventory::submit! {
    ConverterEntry::new("fix_is_valid", "", Type::Binary, Type::Bool, "whether it begins with a FIX message", |_| {
        Ok(Box::new(IsValid))
    })
}

inventory::submit! {
    ConverterEntry::new(
        "fix_tag_value",
        "<tag>",
        Type::Binary,
        Type::Binary,
        "the value of a tag in the FIX message with which it begins",
        tag_value,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(version: &str, body: &str) -> Vec<u8> {
        let mut message = format!("8={version}|9={}|{body}", body.len()).replace('|', "\u{1}").into_bytes();
        let sum = message.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        message.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
        message
    }

    /// Each was compared with HAProxy.
    #[test]
    fn messages() {
        for (version, body, truth) in [
            ("FIX.4.4", "35=A|49=me|", true),
            ("FIXT.1.1", "35=A|1621=me|", true),
            ("FIX.4.0", "35=A|140=me|15000=x|", true),
            ("FIX.4.0", "35=A|141=me|", false),
            ("FIX.4.9", "35=A|49=me|", false),
            ("FIX.4.4", "49=me|35=A|", false),
            ("FIX.4.4", "35=A|0=me|", false),
            ("FIX.4.4", "35=A|x=me|", false),
            ("FIX.4.4", "35=A|=me|", false),
            ("FIX.4.4", "35=A|49=|", true),
        ] {
            let message = message(version, body);
            assert_eq!(is_valid(&message), Some(truth), "{version} {body}");
            if truth {
                assert!((0..message.len()).all(|end| is_valid(&message[..end]).is_none()));
                assert_eq!(is_valid(&[&message[..], b"more"].concat()), Some(true));
            }
            let mut wrong = message.clone();
            let digit = wrong.len() - 2;
            wrong[digit] = if wrong[digit] == b'0' { b'1' } else { b'0' };
            assert_eq!(is_valid(&wrong), Some(false));
        }
        let sent = message("FIX.4.4", "35=A|49=me|");
        let value = |tag| value_of(&sent, tag).map(|found| found.ok().map(|place| &sent[place]));
        assert_eq!(value(49), Some(Some(&b"me"[..])));
        assert_eq!(value(8), Some(Some(&b"FIX.4.4"[..])));
        assert_eq!(value(56), Some(None));
        assert!(value_of(&sent[..20], 49).is_none());
    }
}
