//! Where a value of a format is written: each kind of value in the way that its style asks for, byte for byte as HAProxy
//! does it.
//!
//! ```text
//!                     plain     +Q       +M, empty   +json      +cbor
//!  text               abc       "abc"    -           "abc"      definite text
//!  token              abc       abc      nothing     "abc"      definite text
//!  escaped, quoted    a#22      "a#22"   nothing     "a#22"     text in chunks
//!  number             12        12                   12         integer
//! ```

use std::net::IpAddr;

use super::cbor::{Cbor, Major};
use super::numbers::{Digits, decimal};
use super::style::{Cast, Empty, Encoding, Style};
use crate::escape::{self, Map, Quoted, backslash};

/// Where one value is written.
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

    /// Text: in quotes, or a dash if it is empty, where the style says so.
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

    /// A value that is missing.
    pub fn missing(&mut self) {
        self.text(b"");
    }

    /// Text, or that it is missing.
    pub fn text_or_missing(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default().as_bytes());
    }

    /// A word of a fixed form, such as a date: never in quotes, and never a dash.
    pub fn token(&mut self, token: &[u8]) {
        match self.style.encoding {
            Some(Encoding::Json) => self.text(token),
            _ => self.body(token),
        }
    }

    /// A token that is written by a function; it has nothing that is escaped.
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

    /// What a peer has sent, with `#XX` for the bytes of a map; in quotes where the style says so, and never a dash.
    pub fn escaped(&mut self, text: &[u8], map: Map) {
        self.quoted(|field| field.escaped_body(text, map));
    }

    /// Texts that a peer has sent as one: `{first|second}`.
    pub fn in_braces<'t>(&mut self, texts: impl Iterator<Item = &'t [u8]>, map: Map) {
        self.quoted(|field| {
            for (index, text) in texts.enumerate() {
                field.mark_in_text(if index == 0 { b'{' } else { b'|' });
                field.escaped_body(text, map);
            }
            field.mark_in_text(b'}');
        });
    }

    /// Texts that a peer has sent, each for itself, with a dash for one that is missing.
    pub fn list<'t>(&mut self, texts: impl Iterator<Item = Option<&'t [u8]>>, map: Map) {
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
                Some(text) => field.escaped_body(text, map),
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

    /// Text that is never a dash.
    pub fn name(&mut self, name: &[u8]) {
        self.quoted(|field| field.body(name));
    }

    /// A number.
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

    /// A number that may be too large for its kind.
    pub fn count(&mut self, value: u64) {
        self.number(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// A number with at least so many digits, or in hexadecimal ones with at least so many of those.
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

    /// A number that `+X` writes in hexadecimal digits, four at least.
    pub fn identifier(&mut self, value: u32) {
        self.padded(value, 0, 4);
    }

    /// The port of an address.
    pub fn port(&mut self, port: u16) {
        self.padded(port.into(), 0, 4);
    }

    /// An IP address: in quotes where the style says so.
    pub fn ip(&mut self, ip: IpAddr) {
        match self.style.hexadecimal {
            true => self.token(Digits::hexadecimal_ip(ip).as_bytes()),
            false => self.text(Digits::ip(ip).as_bytes()),
        }
    }

    /// Yes or no, in a form of data that has it; elsewhere as a number.
    pub(super) fn boolean(&mut self, value: bool) {
        match self.style.encoding {
            None => self.to.push(if value { b'1' } else { b'0' }),
            Some(Encoding::Json) => {
                self.to.extend_from_slice(if value { b"true" } else { b"false" });
            }
            Some(Encoding::Cbor) => self.cbor().boolean(value, self.to),
        }
    }

    /// The mark of a number that may still grow.
    pub fn mark(&mut self) {
        if self.style.encoding.is_none() {
            self.to.push(b'+');
        }
    }

    /// Bytes of a record of its own form, where no form of data is asked for.
    pub fn plain(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let is_plain = self.style.encoding.is_none();
        if is_plain {
            write(self.to);
        }
        is_plain
    }

    /// The style.
    pub(super) fn style(&self) -> Style {
        self.style
    }

    /// The type that is asked for.
    pub(super) fn cast(&self) -> Option<Cast> {
        self.cast
    }

    /// The memory that is written to.
    pub(super) fn memory(&mut self) -> &mut Vec<u8> {
        self.to
    }

    pub(super) fn cbor(&self) -> Cbor {
        Cbor { binary: self.style.binary }
    }

    /// Bytes with the escapes of the style.
    fn body(&mut self, text: &[u8]) {
        match self.style.encoding {
            Some(Encoding::Json) => backslash(text, Quoted::Json, self.to),
            Some(Encoding::Cbor) if text.is_empty() => {}
            Some(Encoding::Cbor) => self.cbor().bytes(Major::Text, text, self.to),
            None if self.style.escape => backslash(text, Quoted::Structured, self.to),
            None => self.to.extend_from_slice(text),
        }
    }

    /// What a peer has sent, with the escapes of a map and of the style.
    fn escaped_body(&mut self, text: &[u8], map: Map) {
        match self.style.encoding {
            Some(Encoding::Cbor) => self.cbor().chunks(text, map, self.to),
            Some(Encoding::Json) => self.escaped_and_quoted(text, map, Quoted::Json),
            None if self.style.escape => self.escaped_and_quoted(text, map, Quoted::Structured),
            None => escape::escape(self.to, text, map),
        }
    }

    /// A character of the proxy's own among what a peer has sent.
    fn mark_in_text(&mut self, mark: u8) {
        match self.style.encoding {
            Some(Encoding::Cbor) => self.cbor().bytes(Major::Text, &[mark], self.to),
            _ => self.to.push(mark),
        }
    }

    /// Something in quotes where the style says so.
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
