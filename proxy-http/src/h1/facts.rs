//! The meaning of a message's fields for its body and its connection.
//!
//! Fields are checked one by one, as they are found. A repeated value is kept once, fields that only concern this
//! connection are removed, and a contradiction is an error: every later recipient reads the same message.

use super::authority;
use super::elements;
use super::error::{Fault, HeadErrorKind};
use super::framing::Framing;
use crate::fields::{Entry, Piece};
use crate::list;

/// The part of a message to which fields belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    #[default]
    Request,
    Response,
    Trailers,
}

/// The facts found so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    part: Part,
    lax: bool,
    pub(super) length: Option<u64>,
    /// The last `transfer-encoding`.
    encoding: Option<Piece>,
    /// Whether chunked was named, and whether it was the last coding.
    chunked: bool,
    chunked_last: bool,
    other_coding: bool,
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    pub(super) connection_upgrade: bool,
    pub(super) upgrade: bool,
    pub(super) websocket: bool,
    websocket_key: bool,
    websocket_accept: bool,
    pub(super) expects_continue: bool,
    /// The first `host`, and its index among the kept fields.
    pub(super) host: Option<(Piece, usize)>,
}

/// What to do with a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum FieldHandling {
    /// Keep it unchanged.
    Keep,
    /// Keep it with another value.
    Change(Piece),
    /// Remove it.
    Drop,
    /// Keep it, but it will be written in another form.
    Rewrite,
}

impl Facts {
    pub(super) fn new(part: Part, lax: bool) -> Facts {
        Facts { part, lax, ..Facts::default() }
    }

    /// Checks a field. `index` is the place that it will have.
    pub(super) fn field(
        &mut self,
        bytes: &mut [u8],
        entry: Entry,
        index: usize,
    ) -> Result<FieldHandling, Fault> {
        let value = entry.value;
        let name = entry.name.of(bytes);
        // Most fields have no meaning here, which the length of their names shows.
        if !matches!(name.len(), 2 | 4 | 6 | 7 | 10 | 14 | 17 | 20) {
            return Ok(FieldHandling::Keep);
        }
        let handling = match name {
            b"transfer-encoding" => {
                self.transfer_encoding(value.of(bytes), value).map_err(|kind| (kind, value.start()))?;
                if value.of(bytes) == b"chunked" { FieldHandling::Keep } else { FieldHandling::Rewrite }
            }
            b"content-length" => {
                let (kept, number) = elements::length(bytes, value, self.length)
                    .ok_or((HeadErrorKind::ContentLength, value.start()))?;
                match self.length.replace(number) {
                    Some(_) => FieldHandling::Drop,
                    None => changed(value, kept),
                }
            }
            b"connection" => self.connection(bytes, value),
            b"upgrade" => self.upgrade(bytes, value),
            b"host" if self.part != Part::Response => self.host(bytes, value, index)?,
            b"te" if value.of(bytes) != b"trailers" => FieldHandling::Rewrite,
            b"expect" => {
                self.expects_continue |= value.of(bytes).eq_ignore_ascii_case(b"100-continue");
                FieldHandling::Keep
            }
            // 16 bytes in base64.
            b"sec-websocket-key" => {
                self.websocket_key |= value.of(bytes).len() == 24;
                FieldHandling::Keep
            }
            b"sec-websocket-accept" => {
                self.websocket_accept = true;
                FieldHandling::Keep
            }
            _ => FieldHandling::Keep,
        };
        Ok(handling)
    }

    fn transfer_encoding(&mut self, text: &[u8], value: Piece) -> Result<(), HeadErrorKind> {
        self.encoding = Some(value);
        // With `accept_unsafe` a response may have it in an odd form that does not change its end.
        let mut odd = text.is_empty();
        for coding in list::values(text) {
            if coding.is_empty() {
                odd = true;
                continue;
            }
            self.chunked_last = false;
            if coding.eq_ignore_ascii_case(b"chunked") {
                odd |= self.chunked;
                (self.chunked, self.chunked_last) = (true, true);
            } else {
                if self.chunked && self.part != Part::Response {
                    return Err(HeadErrorKind::TransferEncoding);
                }
                self.other_coding = true;
            }
        }
        if odd && !(self.lax && self.part == Part::Response) {
            return Err(HeadErrorKind::TransferEncoding);
        }
        Ok(())
    }

    fn connection(&mut self, bytes: &mut [u8], value: Piece) -> FieldHandling {
        let clean = self.part != Part::Trailers;
        let kept = elements::retain(bytes, value, |element| {
            let (close, keep_alive) =
                (element.eq_ignore_ascii_case(b"close"), element.eq_ignore_ascii_case(b"keep-alive"));
            self.close |= close;
            self.keep_alive |= keep_alive;
            self.connection_upgrade |= element.eq_ignore_ascii_case(b"upgrade");
            !(clean && (close || keep_alive))
        });
        changed_or_gone(value, kept)
    }

    /// An offer of HTTP/2 over an upgraded connection is removed: the proxy could not follow the switch.
    fn upgrade(&mut self, bytes: &mut [u8], value: Piece) -> FieldHandling {
        let kept = elements::retain(bytes, value, |element| {
            self.websocket |= element.eq_ignore_ascii_case(b"websocket");
            !element.eq_ignore_ascii_case(b"h2c") && !element.eq_ignore_ascii_case(b"h2")
        });
        self.upgrade |= !kept.is_empty();
        changed_or_gone(value, kept)
    }

    fn host(&mut self, bytes: &[u8], value: Piece, index: usize) -> Result<FieldHandling, Fault> {
        let text = value.of(bytes);
        match self.host {
            None if authority::is_allowed(text) => {
                self.host = Some((value, index));
                Ok(FieldHandling::Keep)
            }
            Some((first, _)) if first.of(bytes).eq_ignore_ascii_case(text) => Ok(FieldHandling::Drop),
            _ => Err((HeadErrorKind::Host, value.start())),
        }
    }

    /// Ends after the last field. Returns whether to remove `content-length`, since `transfer-encoding` overrides
    /// it. A message with both, or with a coding that an older version does not support, is the last on its
    /// connection.
    pub(super) fn settle(&mut self, is_11: bool) -> Result<bool, Fault> {
        let Some(encoding) = self.encoding else { return Ok(false) };
        if !self.chunked_last && self.part != Part::Response {
            return Err((HeadErrorKind::TransferEncoding, encoding.start()));
        }
        let both = self.length.take().is_some();
        self.close |= both || !is_11;
        Ok(both)
    }

    /// Refuses codings that the proxy cannot decode.
    pub(super) fn check_codings(&self) -> Result<(), Fault> {
        match self.encoding {
            Some(encoding) if self.other_coding => Err((HeadErrorKind::UnknownCoding, encoding.start())),
            _ => Ok(()),
        }
    }

    /// Returns whether this is a WebSocket handshake without its required fields.
    pub(super) fn is_bad_handshake(&self) -> bool {
        let has_key = if self.part == Part::Response { self.websocket_accept } else { self.websocket_key };
        self.connection_upgrade && self.websocket && !has_key && !self.lax
    }

    pub(super) fn has_encoding(&self) -> bool {
        self.encoding.is_some()
    }

    /// Returns how the body is delimited, if there is one; `None` if the fields do not say so.
    pub(super) fn framing(&self) -> Option<Framing> {
        if self.chunked_last { Some(Framing::Chunked) } else { self.length.map(Framing::Length) }
    }
}

fn changed(before: Piece, after: Piece) -> FieldHandling {
    if before == after { FieldHandling::Keep } else { FieldHandling::Change(after) }
}

fn changed_or_gone(before: Piece, after: Piece) -> FieldHandling {
    if after.is_empty() { FieldHandling::Drop } else { changed(before, after) }
}
