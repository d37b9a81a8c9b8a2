//! The output of one value of a format: each kind of value is written as its style demands, and exactly as HAProxy
//! writes it.
//!
//! ```text
//!                     plain     +Q       +M, empty   +json      +cbor
//!  text               abc       "abc"    -           "abc"      definite text
//!  token              abc       abc      nothing     "abc"      definite text
//!  escaped, quoted    a#22      "a#22"   nothing     "a#22"     text in chunks
//!  number             12        12                   12         integer
//! ```

use std::net::IpAddr;
use std::ops::Deref;

use super::cbor::{Cbor, Major};
use super::numbers::{Digits, decimal};
use super::style::{Cast, Empty, Encoding, Style};
use crate::escape::{self, Map, Quoted, backslash};

/// The place to write one value.
#[derive(Debug)]
pub struct Field<'o> {
    to: &'o mut Vec<u8>,
    style: Style,
    cast: Option<Cast>,
}

impl<'o> Field<'o> {
    pub(super) fn new(to: &'o mut Vec<u8>, style: Style, cast: Option<Cast>) -> Field<'o> {
        Field { to, style, cast }
    }

    /// Writes text: in quotes, or as a dash if it is empty, depending on the style.
    pub fn text(&mut self, text: &[u8]) {
        if self.style.quote || self.style.encoding == Some(Encoding::Json) {
            self.to.push(b'"');
            self.body(text);
            self.to.push(b'"');
        } else if !text.is_empty() {
            self.body(text);
        } else if self.style.encoding.is_none() && self.style.empty == Empty::Dash {
            self.to.push(b'-');
        }
    }

    /// Writes a missing value.
    pub fn missing(&mut self) {
        self.text(b"");
    }

    /// Writes text, or a missing value.
    pub fn text_or_missing(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default().as_bytes());
    }

    /// Writes a word of a fixed form, such as a date: never in quotes, and never a dash.
    pub fn token(&mut self, token: &[u8]) {
        match self.style.encoding {
            Some(Encoding::Json) => self.text(token),
            _ => self.body(token),
        }
    }

    /// Writes a token with a function; nothing in it is escaped.
    pub fn token_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        match self.style.encoding {
            None => write(self.to),
            Some(Encoding::Json) => {
                self.to.push(b'"');
                write(self.to);
                self.to.push(b'"');
            }
            Some(Encoding::Cbor) => {
                let mut token = Vec::with_capacity(32);
                write(&mut token);
                self.body(&token);
            }
        }
    }

    /// Writes text from a peer, with `#XX` for the bytes of a map; in quotes if the style says so, and never a dash.
    pub fn escaped(&mut self, text: &[u8], map: Map) {
        self.quoted(|field| field.escaped_body(text, map));
    }

    /// Writes several texts from a peer as one, where a missing one is empty: `{first|second}`.
    pub fn in_braces(&mut self, texts: impl Iterator<Item = Option<impl Deref<Target = [u8]>>>, map: Map) {
        self.quoted(|field| {
            for (index, text) in texts.enumerate() {
                field.mark_in_text(if index == 0 { b'{' } else { b'|' });
                field.escaped_body(text.as_deref().unwrap_or_default(), map);
            }
            field.mark_in_text(b'}');
        });
    }

    /// Writes several texts from a peer one by one, with a dash for each that is missing.
    pub fn list(&mut self, texts: impl Iterator<Item = Option<impl Deref<Target = [u8]>>>, map: Map) {
        let encoding = self.style.encoding;
        match encoding {
            Some(Encoding::Json) => self.to.push(b'['),
            Some(Encoding::Cbor) => self.cbor().begin_array(self.to),
            None => {}
        }
        for (index, text) in texts.enumerate() {
            match encoding {
                _ if index == 0 => {}
                Some(Encoding::Json) => self.to.extend_from_slice(b", "),
                Some(Encoding::Cbor) => {}
                None => self.to.push(b' '),
            }
            self.quoted(|field| match text {
                Some(text) => field.escaped_body(&text, map),
                None if field.style.quote => {}
                None => field.mark_in_text(b'-'),
            });
        }
        match encoding {
            Some(Encoding::Json) => self.to.push(b']'),
            Some(Encoding::Cbor) => self.cbor().end(self.to),
            None => {}
        }
    }

    /// Writes text that never becomes a dash.
    pub fn name(&mut self, name: &[u8]) {
        self.quoted(|field| field.body(name));
    }

    /// Writes a number.
    pub fn number(&mut self, value: impl Into<i64>) {
        let value = value.into();
        match self.style.encoding {
            None => decimal(value, self.to),
            Some(_) if self.cast == Some(Cast::Bool) => self.boolean(value != 0),
            Some(Encoding::Json) if self.cast == Some(Cast::Text) => {
                self.to.push(b'"');
                decimal(value, self.to);
                self.to.push(b'"');
            }
            Some(Encoding::Json) => decimal(value, self.to),
            Some(Encoding::Cbor) => self.cbor().integer(value, self.to),
        }
    }

    /// Writes a number that may be too large for an `i64`.
    pub fn count(&mut self, value: u64) {
        self.number(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// Writes a number with a minimum of digits, in decimal or hexadecimal ones.
    pub fn padded(&mut self, value: u32, decimal: usize, hexadecimal: usize) {
        if self.style.hexadecimal {
            return self.token(Digits::hexadecimal(value.into(), hexadecimal).as_bytes());
        }
        if self.style.encoding.is_none() {
            let digits = Digits::of(value.into());
            let missing = decimal.saturating_sub(digits.as_bytes().len());
            self.to.extend(std::iter::repeat_n(b'0', missing));
        }
        self.number(value);
    }

    /// Writes a number for which `+X` writes at least four hexadecimal digits.
    pub fn identifier(&mut self, value: u32) {
        self.padded(value, 0, 4);
    }

    /// Writes the port of an address.
    pub fn port(&mut self, port: u16) {
        self.padded(port.into(), 0, 4);
    }

    /// Writes an IP address, in quotes if the style says so.
    pub fn ip(&mut self, ip: IpAddr) {
        match self.style.hexadecimal {
            true => self.token(Digits::hexadecimal_ip(ip).as_bytes()),
            false => self.text(Digits::ip(ip).as_bytes()),
        }
    }

    /// Writes a boolean where the encoding has them; elsewhere a number.
    pub(super) fn boolean(&mut self, value: bool) {
        match self.style.encoding {
            None => self.to.push(if value { b'1' } else { b'0' }),
            Some(Encoding::Json) => {
                self.to.extend_from_slice(if value { b"true" } else { b"false" });
            }
            Some(Encoding::Cbor) => self.cbor().boolean(value, self.to),
        }
    }

    /// Writes the mark of a number that may still grow.
    pub fn mark(&mut self) {
        if self.style.encoding.is_none() {
            self.to.push(b'+');
        }
    }

    /// Writes bytes of a fixed form, unless an encoding is set; returns whether it did.
    pub fn plain(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let is_plain = self.style.encoding.is_none();
        if is_plain {
            write(self.to);
        }
        is_plain
    }

    /// Returns the style.
    pub(super) fn style(&self) -> Style {
        self.style
    }

    /// Returns the requested type.
    pub(super) fn cast(&self) -> Option<Cast> {
        self.cast
    }

    /// Returns the output buffer.
    pub(super) fn memory(&mut self) -> &mut Vec<u8> {
        self.to
    }

    pub(super) fn cbor(&self) -> Cbor {
        Cbor { binary: self.style.binary }
    }

    /// Writes bytes with the escapes of the style.
    fn body(&mut self, text: &[u8]) {
        match self.style.encoding {
            Some(Encoding::Json) => backslash(text, Quoted::Json, self.to),
            Some(Encoding::Cbor) if text.is_empty() => {}
            Some(Encoding::Cbor) => self.cbor().bytes(Major::Text, text, self.to),
            None if self.style.escape => backslash(text, Quoted::Structured, self.to),
            None => self.to.extend_from_slice(text),
        }
    }

    /// Writes text from a peer, with the escapes of a map and of the style.
    fn escaped_body(&mut self, text: &[u8], map: Map) {
        match self.style.encoding {
            Some(Encoding::Cbor) => self.cbor().chunks(text, map, self.to),
            Some(Encoding::Json) => self.escaped_and_quoted(text, map, Quoted::Json),
            None if self.style.escape => self.escaped_and_quoted(text, map, Quoted::Structured),
            None => escape::escape(self.to, text, map),
        }
    }

    /// Writes a delimiter between texts from a peer.
    fn mark_in_text(&mut self, mark: u8) {
        match self.style.encoding {
            Some(Encoding::Cbor) => self.cbor().bytes(Major::Text, &[mark], self.to),
            _ => self.to.push(mark),
        }
    }

    /// Calls a function that writes, with quotes around its output if the style says so.
    fn quoted(&mut self, write: impl FnOnce(&mut Self)) {
        if self.style.encoding == Some(Encoding::Cbor) {
            self.cbor().begin(Major::Text, self.to);
            write(self);
            return self.cbor().end(self.to);
        }
        let quote = self.style.quote || self.style.encoding.is_some();
        if quote {
            self.to.push(b'"');
        }
        write(self);
        if quote {
            self.to.push(b'"');
        }
    }

    fn escaped_and_quoted(&mut self, text: &[u8], map: Map, quoted: Quoted) {
        for &byte in text {
            match map.escapes(byte) {
                true => escape::escape(self.to, &[byte], map),
                false => backslash(&[byte], quoted, self.to),
            }
        }
    }
}
