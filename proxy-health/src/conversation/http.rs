//! The response of an `http-check`: its head, and as much of its body as a buffer holds.

use proxy_http::h1::{BodyDecoder, Limits, ResponseMeta, ResponseParser};
use proxy_http::{Method, Response};

/// A response that is being read.
#[derive(Debug)]
pub(super) struct Responding {
    parser: ResponseParser,
    method: Method,
    head: Response,
    /// The decoder of the body, once the head is complete.
    body: Option<BodyDecoder>,
    data: Vec<u8>,
    /// The most bytes of the body that are kept.
    most: usize,
    /// Whether the body is not one.
    is_broken: bool,
    has_ended: bool,
}

impl Responding {
    pub(super) fn new(most: usize) -> Responding {
        let limits = Limits { head: most.max(1), ..Limits::default() };
        Responding {
            parser: ResponseParser::new(limits),
            method: Method::Other,
            head: Response::new(),
            body: None,
            data: Vec::new(),
            most,
            is_broken: false,
            has_ended: false,
        }
    }

    /// Sets the method of the request: it tells whether there is a body.
    pub(super) fn asked_with(&mut self, method: &str) {
        self.method = Method::of(method.as_bytes());
    }

    /// Reads what has arrived. Returns whether it is a response so far; a body that is not one is a mistake of the
    /// response, not of the connection.
    pub(super) fn read(&mut self, bytes: &mut Vec<u8>) -> bool {
        if self.body.is_none() {
            match self.parser.parse(bytes, &mut self.head, self.method) {
                Ok(None) => return true,
                Ok(Some(ResponseMeta { body, .. })) => self.body = Some(BodyDecoder::new(body)),
                Err(_) => return false,
            }
        }
        let Some(body) = &mut self.body else { return true };
        match body.decode(bytes) {
            Ok(decoded) => {
                let room = self.most.saturating_sub(self.data.len());
                self.data.extend_from_slice(&bytes[..decoded.data.min(room)]);
            }
            Err(_) => self.is_broken = true,
        }
        // Whatever follows the response is not read: there is one request on a connection.
        bytes.clear();
        true
    }

    /// Ends the input. Returns whether there is a response; it may be incomplete.
    pub(super) fn end(&mut self) -> bool {
        self.has_ended = true;
        self.has_head()
    }

    /// Returns whether the head is complete.
    pub(super) fn has_head(&self) -> bool {
        self.body.is_some()
    }

    /// Returns the head, once it is complete.
    pub(super) fn head(&self) -> Option<&Response> {
        self.has_head().then_some(&self.head)
    }

    /// Returns the head for samples of it, once it is complete.
    pub(super) fn head_mut(&mut self) -> Option<&mut Response> {
        self.body.as_ref().map(|_| &mut self.head)
    }

    /// Returns the body so far.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    /// Returns how many bytes of the body are kept.
    pub(super) fn kept(&self) -> usize {
        self.data.len()
    }

    /// Returns whether the body is not one.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Returns whether nothing that arrives later is compared.
    pub(super) fn is_final(&self) -> bool {
        self.has_ended || self.data.len() >= self.most || self.body.as_ref().is_some_and(BodyDecoder::is_done)
    }
}
