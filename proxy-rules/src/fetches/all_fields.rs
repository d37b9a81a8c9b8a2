//! `req.hdrs`, `req.hdrs_bin` and their counterparts for responses: all header fields at once, as text or as pairs of
//! names and values, each after its length.
//!
//! Lengths have the variable form of HAProxy's SPOE: one byte below 240; otherwise its lowest four bits in a byte of
//! 240 or more, and seven bits in each byte after it, the lowest first, with the highest bit set in all but the last.

use std::borrow::Cow;

use proxy_http::Fields;

use super::simple::simple;
use crate::context::Context;
use crate::points::Need;
use crate::sample::{Sample, Type};

fn text(fields: &Fields) -> Option<Sample<'static>> {
    let mut text = Vec::new();
    for field in fields.iter() {
        for part in [field.name, b": ", field.value, b"\r\n"] {
            text.extend_from_slice(part);
        }
    }
    text.extend_from_slice(b"\r\n");
    Some(Sample::Text(Cow::Owned(text)))
}

fn pairs(fields: &Fields) -> Option<Sample<'static>> {
    let mut bytes = Vec::new();
    for field in fields.iter() {
        for part in [field.name, field.value] {
            length(part.len(), &mut bytes);
            bytes.extend_from_slice(part);
        }
    }
    // An empty name and an empty value end the list.
    bytes.extend_from_slice(&[0, 0]);
    Some(Sample::Binary(Cow::Owned(bytes)))
}

/// Appends a length in its variable form.
fn length(length: usize, to: &mut Vec<u8>) {
    const ONE_BYTE: usize = 240;
    const MORE: usize = 128;
    if length < ONE_BYTE {
        to.push(length as u8);
        return;
    }
    to.push(length as u8 | ONE_BYTE as u8);
    let mut rest = (length - ONE_BYTE) >> 4;
    while rest >= MORE {
        to.push(rest as u8 | MORE as u8);
        rest = (rest - MORE) >> 7;
    }
    to.push(rest as u8);
}

fn request<'c>(context: &'c Context<'_>) -> Option<&'c Fields> {
    Some(context.request.as_deref()?.fields())
}

fn response<'c>(context: &'c Context<'_>) -> Option<&'c Fields> {
    Some(context.response.as_deref()?.fields())
}

simple!("req.hdrs", Type::Text, Need::Request, "all header fields, and the empty line", |context| {
    text(request(context)?)
});
simple!("res.hdrs", Type::Text, Need::Response, "all header fields, and the empty line", |context| {
    text(response(context)?)
});
simple!(
    "req.hdrs_bin",
    Type::Binary,
    Need::Request,
    "all header fields: names and values, each after its length",
    |context| pairs(request(context)?)
);
simple!(
    "res.hdrs_bin",
    Type::Binary,
    Need::Response,
    "all header fields: names and values, each after its length",
    |context| pairs(response(context)?)
);

#[cfg(test)]
mod tests {
    use super::*;

    /// HAProxy 3.5-dev5 writes 539 as FB 12.
    #[test]
    fn lengths() {
        for (number, bytes) in [
            (0, &[0][..]),
            (239, &[239]),
            (240, &[240, 0]),
            (539, &[0xfb, 0x12]),
            (2287, &[255, 127]),
            (2288, &[240, 128, 0]),
            (264_431, &[255, 255, 127]),
            (264_432, &[240, 128, 128, 0]),
        ] {
            let mut written = Vec::new();
            length(number, &mut written);
            assert_eq!(written, bytes, "{number}");
        }
    }
}
