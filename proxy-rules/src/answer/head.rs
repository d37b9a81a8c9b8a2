//! Building the head of a response.

use std::sync::Arc;

use proxy_http::{Response, reason};

use super::{Answer, Message};

/// The head of a response, built field by field in the order in which they are sent.
#[derive(Debug)]
pub(crate) struct Head {
    response: Response,
    close: bool,
}

impl Head {
    /// Creates a head with the usual reason for the status.
    pub(crate) fn new(status: u16) -> Head {
        Head::with_reason(status, reason(status).as_bytes())
    }

    /// Creates a head with another reason.
    pub(crate) fn with_reason(status: u16, reason: &[u8]) -> Head {
        let mut response = Response::new();
        fits(response.set_status(status, reason));
        Head { response, close: false }
    }

    /// Appends a field. The name is in lower case. Of `connection`, only `close` is kept, beside the head: the rest
    /// concerns the connection between the client and the proxy alone. Characters that would end the line become spaces
    /// (RFC 9110, section 5.5).
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) {
        if name == b"connection" {
            let closes = |token: &[u8]| token.trim_ascii().eq_ignore_ascii_case(b"close");
            self.close |= value.split(|byte| *byte == b',').any(closes);
            return;
        }
        let value = value.trim_ascii();
        if value.iter().any(|byte| ends_line(*byte)) {
            let value: Vec<u8> =
                value.iter().map(|byte| if ends_line(*byte) { b' ' } else { *byte }).collect();
            fits(self.response.fields_mut().add(name, value.trim_ascii()));
        } else {
            fits(self.response.fields_mut().add(name, value));
        }
    }

    /// Marks the connection to be closed after the response.
    pub(crate) fn close(&mut self) {
        self.close = true;
    }

    /// Returns whether there is a field with this name.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.response.fields().has(name)
    }

    /// Returns the reply with a body. `content-length` has to be among the fields already.
    pub(crate) fn answer(self, status: u16, body: Arc<[u8]>) -> Answer {
        debug_assert!(self.has(b"content-length"), "the caller has to add the length");
        let message = Message { head: self.response, body, close: self.close };
        Answer { message: Some(message), ..Answer::silence(status) }
    }
}

fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0)
}

/// A head without a limit cannot become too large.
fn fits(added: Result<(), proxy_http::TooLarge>) {
    debug_assert!(added.is_ok(), "no limit was set");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_made_fit_to_be_sent() {
        let mut head = Head::new(204);
        head.field(b"x-name", b"  a\r\nb: c\0 ");
        head.field(b"connection", b"keep-alive");
        head.field(b"content-length", b"0");
        let message = head.answer(204, Arc::default()).message.unwrap();
        let fields: Vec<_> = message.head.fields().iter().map(|field| (field.name, field.value)).collect();
        let expected: [(&[u8], &[u8]); 2] = [(b"x-name", b"a  b: c"), (b"content-length", b"0")];
        assert_eq!((fields, message.close), (expected.to_vec(), false));
        assert_eq!((message.head.status(), message.head.reason()), (204, b"No Content".as_slice()));
    }

    #[test]
    fn to_close_is_said_beside_the_head() {
        let mut head = Head::with_reason(299, b"Odd");
        head.field(b"connection", b"x-one, Close");
        head.field(b"content-length", b"1");
        let message = head.answer(500, Arc::from(*b"a")).message.unwrap();
        assert_eq!((message.close, message.head.fields().len(), message.head.status()), (true, 1, 299));
    }
}
