//! Detects whether a client of mode tcp sends a request of HTTP/1, which rules may then inspect as one.
//!
//! The parser of mode http reads a copy of the bytes as they arrive, each byte once. The request is for rules only:
//! the bytes are forwarded unchanged.

use proxy_http::Request;
use proxy_http::h1::{HeadErrorKind, Limits, RequestParser};
use proxy_relay::NoMemory;

use crate::exchange::memory::Memory;

/// The parsing of a request so far.
#[derive(Debug)]
pub(super) struct HttpLook {
    parser: RequestParser,
    /// The bytes that the parser has not consumed: it rewrites them, and they become the memory of the request.
    copy: Vec<u8>,
    /// The number of bytes given to the parser.
    seen: usize,
    request: Request,
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The bytes may become a request.
    Undecided,
    Request,
    /// The bytes are something other than a request.
    Something,
}

impl HttpLook {
    /// Creates a detector that has seen no bytes.
    pub(super) fn new(limits: Limits) -> HttpLook {
        HttpLook {
            parser: RequestParser::new(limits),
            copy: Vec::new(),
            seen: 0,
            request: Request::new(),
            found: Found::Undecided,
        }
    }

    /// Parses the bytes that have arrived since the last call.
    ///
    /// # Errors
    /// Returns an error if there is no memory for them.
    pub(super) fn look(&mut self, received: &[u8], memory: &Memory) -> Result<(), NoMemory> {
        if self.found != Found::Undecided || received.len() == self.seen {
            return Ok(());
        }
        memory.append(&mut self.copy, &received[self.seen..])?;
        self.seen = received.len();
        self.found = match self.parser.parse(&mut self.copy, &mut self.request) {
            Ok(None) => return Ok(()),
            Ok(Some(_)) => Found::Request,
            // To rules the preface of HTTP/2 is a request as well.
            Err(error) if error.kind == HeadErrorKind::Http2Preface => self.preface(),
            Err(_) => Found::Something,
        };
        memory.give(std::mem::take(&mut self.copy));
        Ok(())
    }

    /// Turns the preface of HTTP/2 into the request that it looks like.
    fn preface(&mut self) -> Found {
        self.request.clear();
        let is_set = self.request.set_method(b"PRI").and_then(|()| self.request.set_target(b"*"));
        if is_set.is_ok() { Found::Request } else { Found::Something }
    }

    /// Returns whether the bytes may still become a request.
    pub(super) fn is_undecided(&self) -> bool {
        self.found == Found::Undecided
    }

    /// Returns the request, if the bytes are one.
    pub(super) fn request(&mut self) -> Option<&mut Request> {
        (self.found == Found::Request).then_some(&mut self.request)
    }
}
