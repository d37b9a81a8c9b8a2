//! Whether what a client of mode tcp has sent is a request of HTTP/1: rules may look at it as one.
//!
//! The bytes are read as they come, each once, by the parser that reads requests of mode http. They stay what they are:
//! what the parser makes of its copy is for rules alone.

use proxy_http::Request;
use proxy_http::h1::{HeadErrorKind, Limits, RequestParser};

/// What has come of a request so far.
#[derive(Debug)]
pub(super) struct HttpLook {
    parser: RequestParser,
    /// What the parser has not consumed.
    copy: Vec<u8>,
    /// Bytes that were looked at.
    seen: usize,
    request: Request,
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// It may become one.
    Undecided,
    Request,
    /// It will never be one.
    Something,
}

impl HttpLook {
    /// Nothing has come yet.
    pub(super) fn new(limits: Limits) -> HttpLook {
        HttpLook {
            parser: RequestParser::new(limits),
            copy: Vec::new(),
            seen: 0,
            request: Request::new(),
            found: Found::Undecided,
        }
    }

    /// Looks at what has come since the last time.
    pub(super) fn look(&mut self, received: &[u8]) {
        if self.found != Found::Undecided || received.len() == self.seen {
            return;
        }
        self.copy.extend_from_slice(&received[self.seen..]);
        self.seen = received.len();
        self.found = match self.parser.parse(&mut self.copy, &mut self.request) {
            Ok(None) => return,
            Ok(Some(_)) => Found::Request,
            // What HTTP/2 begins with is a request of HTTP to rules, too.
            Err(error) if error.kind == HeadErrorKind::Http2Preface => self.preface(),
            Err(_) => Found::Something,
        };
        self.copy = Vec::new();
    }

    /// The preface of HTTP/2, as the request that it looks like.
    fn preface(&mut self) -> Found {
        self.request.clear();
        let is_set = self.request.set_method(b"PRI").and_then(|()| self.request.set_target(b"*"));
        if is_set.is_ok() { Found::Request } else { Found::Something }
    }

    /// Whether it may still become a request.
    pub(super) fn is_undecided(&self) -> bool {
        self.found == Found::Undecided
    }

    /// The request, if it is one.
    pub(super) fn request(&mut self) -> Option<&mut Request> {
        (self.found == Found::Request).then_some(&mut self.request)
    }
}
