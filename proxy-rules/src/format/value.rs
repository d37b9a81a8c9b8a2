//! Values of expressions in formats.

use super::cbor::Major;
use super::field::Field;
use super::numbers::Digits;
use super::style::{Cast, Encoding};
use crate::escape::{self, Quoted, backslash};
use crate::sample::{Sample, Type};

impl Field<'_> {
    /// Writes the value of an expression.
    pub(super) fn sample(&mut self, sample: Option<Sample<'_>>) {
        let style = self.style();
        if style.encode {
            return self.encoded(sample);
        }
        let Some(sample) = sample else { return self.missing() };
        let cast = self.cast().filter(|_| style.encoding.is_some());
        let keeps_binary = style.binary && cast != Some(Cast::Text);
        let kind = match (sample.kind(), cast) {
            (_, Some(Cast::Raw)) => Type::Binary,
            (_, Some(Cast::Text)) => Type::Text,
            (_, Some(Cast::Integer)) => Type::Integer,
            (_, Some(Cast::Bool)) => Type::Bool,
            (kind @ (Type::Integer | Type::Bool), None) if style.encoding.is_some() => kind,
            (Type::Binary, None) if keeps_binary || style.encoding == Some(Encoding::Cbor) => Type::Binary,
            _ => Type::Text,
        };
        match (kind, cast) {
            (Type::Binary, Some(Cast::Raw)) => {
                if let Some(Sample::Binary(bytes)) = sample.cast(kind) {
                    self.memory().extend_from_slice(&bytes);
                }
            }
            (Type::Text, _) => self.as_text(sample),
            _ => match sample.cast(kind) {
                Some(Sample::Integer(value)) => self.number(value),
                Some(Sample::Bool(value)) => self.boolean(value),
                Some(Sample::Binary(bytes)) => self.binary(&bytes),
                _ => self.missing(),
            },
        }
    }

    /// Writes a value as HAProxy does in header fields and targets: never in quotes, and without a dash for a missing
    /// value, whatever the flags are.
    fn encoded(&mut self, sample: Option<Sample<'_>>) {
        let sample = sample.and_then(|sample| match sample {
            // Only up to the first NUL, which ends a text.
            Sample::Binary(_) => sample.cast(Type::Text),
            sample => Some(sample),
        });
        let style = self.style();
        let to = self.memory();
        match sample.as_ref().map(|sample| (sample, sample.bytes())) {
            None => {}
            Some((_, Some(bytes))) if style.escape => {
                escape::percent_and_backslash(bytes, Quoted::Structured, to);
            }
            Some((_, Some(bytes))) => escape::percent(bytes, to),
            Some((sample, None)) => sample.write(to),
        }
    }

    fn as_text(&mut self, sample: Sample<'_>) {
        match sample {
            Sample::Integer(value) => self.text(Digits::of(value).as_bytes()),
            Sample::Bool(value) => self.text(if value { b"1" } else { b"0" }),
            Sample::Ip(ip) => self.text(Digits::ip(ip).as_bytes()),
            Sample::Text(bytes) | Sample::Method(bytes) => self.text(&bytes),
            binary @ Sample::Binary(_) => match binary.cast(Type::Text) {
                Some(Sample::Text(bytes)) => self.text(&bytes),
                _ => self.missing(),
            },
        }
    }

    /// Writes bytes as they are, if the encoding allows that.
    fn binary(&mut self, bytes: &[u8]) {
        match self.style().encoding {
            Some(Encoding::Cbor) => {
                let cbor = self.cbor();
                let to = self.memory();
                cbor.begin(Major::Bytes, to);
                if !bytes.is_empty() {
                    cbor.bytes(Major::Bytes, bytes, to);
                }
                cbor.end(to);
            }
            Some(Encoding::Json) => backslash(bytes, Quoted::Json, self.memory()),
            None if self.style().escape => backslash(bytes, Quoted::Structured, self.memory()),
            None => self.memory().extend_from_slice(bytes),
        }
    }
}
