//! `errorloc`: an error message that redirects the client.

use std::sync::Arc;

use crate::answer::{Answer, Head};

/// Returns a redirection to a location with 302 or 303. `status` is for counters and logs.
pub(super) fn redirection(status: u16, by: u16, location: &str) -> Arc<Answer> {
    let mut head = Head::new(by);
    head.field(b"cache-control", b"no-cache");
    head.field(b"content-length", b"0");
    head.field(b"location", location.as_bytes());
    Arc::new(head.answer(status, Arc::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_counted_as_the_error() {
        let answer = redirection(410, 303, "/gone?a=b");
        let head = &answer.message.as_ref().unwrap().head;
        assert_eq!((answer.status, head.status(), head.reason()), (410, 303, b"See Other".as_slice()));
        let fields: Vec<_> = head.fields().iter().map(|field| (field.name, field.value)).collect();
        let expected: [(&[u8], &[u8]); 3] =
            [(b"cache-control", b"no-cache"), (b"content-length", b"0"), (b"location", b"/gone?a=b")];
        assert_eq!(fields, expected);
    }
}
