//! The heads of requests.

use super::block::Block;
use super::error::{Fault, HeadErrorKind};
use super::facts::Part;
use super::request_line::RequestLine;
use super::{Framing, Limits, RequestError, handover, target};
use crate::body::BodyLength;
use crate::method::Method;
use crate::request::Request;
use crate::version::Version;
use crate::wire::Wire;

/// The beginning of a connection that speaks HTTP/2 (RFC 9113, 3.4), as far as it could be a request.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// The facts in a request's head about the message and its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestMeta {
    /// How the body is delimited.
    pub body: Framing,
    /// Whether the client wants to send another request on the connection.
    pub keep_alive: bool,
    /// Whether the client asks for another protocol (`connection: upgrade` and an `upgrade` field).
    pub upgrade: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// A parser of heads of requests.
#[derive(Debug)]
pub struct RequestParser {
    limits: Limits,
    at: usize,
    line: RequestLine,
    block: Block,
    /// Whether the head is complete: the next call begins another one.
    is_complete: bool,
}

impl RequestParser {
    /// Creates a parser for messages within these limits.
    pub fn new(limits: Limits) -> RequestParser {
        let block = Block::new(Part::Request, limits.accept_unsafe);
        RequestParser { limits, at: 0, line: RequestLine::default(), block, is_complete: false }
    }

    /// Goes on with the head. `input` are all bytes that were read and not consumed; more may only be appended.
    ///
    /// Returns `None` when more bytes are needed; `request` must not be used until then. At the end of the head its
    /// bytes are the arena of `request`, and `input` holds what follows.
    ///
    /// # Errors
    /// Returns an error if this is not a request, or not one within the limits. Parser and input cannot be used
    /// afterwards.
    pub fn parse(
        &mut self,
        input: &mut Vec<u8>,
        request: &mut Request,
    ) -> Result<Option<RequestMeta>, RequestError> {
        if self.is_complete {
            self.reset();
        }
        if self.at == 0 {
            request.clear();
        }
        if !self.scan(input, request)? {
            return Ok(None);
        }
        let meta = self.finish(input, request)?;
        self.is_complete = true;
        Ok(Some(meta))
    }

    /// Returns whether nothing but empty lines was read since the last message.
    pub fn is_idle(&self) -> bool {
        self.is_complete || self.line.is_idle()
    }

    /// Drops an incomplete message. After a complete one no reset is needed.
    pub fn reset(&mut self) {
        *self = RequestParser::new(self.limits);
    }

    /// Scans the bytes. Returns whether the head is complete.
    fn scan(&mut self, input: &mut [u8], request: &mut Request) -> Result<bool, Fault> {
        // Bytes beyond the limit are ignored, so that a head has the same error however it arrives.
        let visible = input.len().min(self.limits.head);
        let bytes = &mut input[..visible];
        let lax = self.limits.accept_unsafe;
        if self.line.is_done() || self.line.next(bytes, &mut self.at, lax)? {
            if self.line.is_whole_request() {
                return Ok(true);
            }
            let index = request.fields.index_mut();
            if self.block.next(bytes, &mut self.at, index, &self.limits)? {
                return Ok(true);
            }
        }
        if visible == self.limits.head {
            let in_line = !self.line.is_done();
            let kind = if in_line { HeadErrorKind::LineTooLong } else { HeadErrorKind::TooLarge };
            return Err((kind, visible));
        }
        Ok(false)
    }

    /// Handles a complete head: checks it as a whole, and passes its bytes to the request.
    fn finish(&mut self, input: &mut Vec<u8>, request: &mut Request) -> Result<RequestMeta, Fault> {
        let index = request.fields.index_mut();
        let method = Method::of(self.line.method.of(input));
        let version = self.line.version.unwrap_or(Version::HTTP_10);
        if self.line.method.of(input).eq_ignore_ascii_case(b"PRI") {
            // Reserved for the preface of HTTP/2 (RFC 9113, section 3.4), so that no request is taken for one.
            let is_preface = self.at == PREFACE.len() && input.starts_with(PREFACE);
            let kind = if is_preface { HeadErrorKind::Http2Preface } else { HeadErrorKind::Method };
            return Err((kind, self.line.start()));
        }
        let rewrite = target::check(input, index, &self.line, &mut self.block, self.limits.accept_unsafe)?;
        self.block.settle(input, index, version.is_11())?;
        let body = self.body(method, version)?;
        self.block.facts.check_codings()?;
        if self.block.facts.is_bad_handshake() {
            return Err((HeadErrorKind::WebSocketKey, self.line.start()));
        }
        self.block.match_upgrade(input, index);
        let facts = &self.block.facts;
        let upgrade = facts.connection_upgrade && facts.upgrade;
        let meta = RequestMeta {
            body,
            keep_alive: (version.is_11() || facts.keep_alive) && !facts.close,
            upgrade,
            expects_continue: facts.expects_continue && version.is_11(),
        };

        let bytes = handover::head(input, &mut request.fields, self.line.start(), self.at);
        (request.method, request.target, request.version) = (self.line.method, self.line.target, version);
        // Such fields are not written for CONNECT.
        let is_framed = method == Method::Connect && (facts.length.is_some() || facts.has_encoding());
        let is_plain = self.block.is_plain && !self.line.is_odd && rewrite.is_none() && !is_framed;
        request.wire = is_plain.then(|| Wire { bytes, body: body.length(), upgrade });
        if let Some(rewrite) = rewrite {
            rewrite.apply(request);
        }
        Ok(meta)
    }

    fn body(&self, method: Method, version: Version) -> Result<Framing, Fault> {
        let framing = match self.block.facts.framing() {
            _ if method == Method::Connect => Framing::None,
            framing => framing.unwrap_or(Framing::None),
        };
        let takes_none = matches!(method, Method::Get | Method::Head | Method::Delete);
        let has_one = !matches!(framing.length(), BodyLength::Empty | BodyLength::Known(0));
        if takes_none && has_one && !version.is_11() && !self.limits.body_with_any_method {
            return Err((HeadErrorKind::UnexpectedBody, self.line.start()));
        }
        Ok(framing)
    }
}
