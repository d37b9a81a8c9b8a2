//! The heads of responses.

use super::block::Block;
use super::error::{Fault, HeadErrorKind};
use super::facts::Part;
use super::status_line::StatusLine;
use super::{Framing, Limits, ResponseError, handover};
use crate::method::Method;
use crate::response::Response;
use crate::version::Version;
use crate::wire::Wire;

/// The facts in a response's head about the message and its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseMeta {
    /// How the body is delimited.
    pub body: Framing,
    /// Whether the server accepts another request on the connection. Without a meaning for an interim response.
    pub keep_alive: bool,
    /// Whether the connection changes to another protocol after the head: 101, or 2xx to CONNECT.
    pub tunnel: bool,
}

/// A parser of heads of responses.
#[derive(Debug)]
pub struct ResponseParser {
    limits: Limits,
    at: usize,
    line: StatusLine,
    block: Block,
    /// Whether the head is complete: the next call begins another one.
    is_complete: bool,
}

impl ResponseParser {
    /// Creates a parser for messages within these limits.
    pub fn new(limits: Limits) -> ResponseParser {
        let block = Block::new(Part::Response, limits.accept_unsafe);
        ResponseParser { limits, at: 0, line: StatusLine::default(), block, is_complete: false }
    }

    /// Goes on with the head of a response to a request with the method `to`. `input` are all bytes that were read
    /// and not consumed; more may only be appended.
    ///
    /// Returns `None` when more bytes are needed; `response` must not be used until then. At the end of the head
    /// its bytes are the arena of `response`, and `input` holds what follows.
    ///
    /// # Errors
    /// Returns an error if this is not a response, or not one within the limits. Parser and input cannot be used
    /// afterwards.
    pub fn parse(
        &mut self,
        input: &mut Vec<u8>,
        response: &mut Response,
        to: Method,
    ) -> Result<Option<ResponseMeta>, ResponseError> {
        if self.is_complete {
            self.reset();
        }
        if self.at == 0 {
            response.clear();
        }
        if !self.scan(input, response)? {
            return Ok(None);
        }
        let meta = self.finish(input, response, to)?;
        self.is_complete = true;
        Ok(Some(meta))
    }

    /// Returns whether nothing but empty lines was read since the last message.
    pub fn is_idle(&self) -> bool {
        self.is_complete || self.line.is_idle()
    }

    /// Drops an incomplete message. After a complete one no reset is needed.
    pub fn reset(&mut self) {
        *self = ResponseParser::new(self.limits);
    }

    /// Scans the bytes. Returns whether the head is complete.
    fn scan(&mut self, input: &mut [u8], response: &mut Response) -> Result<bool, Fault> {
        // Bytes beyond the limit are ignored, so that a head has the same error however it arrives.
        let visible = input.len().min(self.limits.head);
        let bytes = &mut input[..visible];
        if self.line.is_done() || self.line.next(bytes, &mut self.at)? {
            let index = response.fields.index_mut();
            if self.block.next(bytes, &mut self.at, index, &self.limits)? {
                return Ok(true);
            }
        }
        if visible == self.limits.head {
            return Err((HeadErrorKind::TooLarge, visible));
        }
        Ok(false)
    }

    /// Handles a complete head: checks it as a whole, and passes its bytes to the response.
    fn finish(
        &mut self,
        input: &mut Vec<u8>,
        response: &mut Response,
        to: Method,
    ) -> Result<ResponseMeta, Fault> {
        let index = response.fields.index_mut();
        let status = self.line.status;
        let version = self.line.version.unwrap_or(Version::HTTP_11);
        self.block.settle(input, index, version.is_11())?;
        self.block.facts.check_codings()?;
        if status == 101 && self.block.facts.is_bad_handshake() {
            return Err((HeadErrorKind::WebSocketKey, self.line.start()));
        }

        let tunnel = status == 101 || (to == Method::Connect && (200..300).contains(&status));
        let body = if tunnel || status < 200 || status == 204 {
            // There is no body, whatever the fields say.
            self.block.remove(input, index, b"content-length");
            self.block.remove(input, index, b"transfer-encoding");
            Framing::None
        } else if to == Method::Head || status == 304 {
            Framing::None
        } else {
            self.block.facts.framing().unwrap_or(Framing::UntilClose)
        };
        let facts = &self.block.facts;
        let is_delimited = body != Framing::UntilClose;
        let keep_alive = is_delimited && !facts.close && !tunnel && (version.is_11() || facts.keep_alive);
        let upgrade = facts.connection_upgrade;

        let bytes = handover::head(input, &mut response.fields, self.line.start(), self.at);
        (response.status, response.reason, response.version) = (status, self.line.reason, version);
        let is_plain = self.block.is_plain && !self.line.is_odd;
        response.wire = is_plain.then(|| Wire { bytes, body: body.length(), upgrade });
        Ok(ResponseMeta { body, keep_alive, tunnel })
    }
}
