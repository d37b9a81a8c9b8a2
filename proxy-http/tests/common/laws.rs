//! Laws that hold for all bytes.

use super::{Asked, Passed, requests, responses, shown};
use proxy_http::h1::Limits;

/// The written bytes are read as the same messages by the next recipient, and written as the same bytes again.
pub(crate) fn is_stable(passed: &Passed, again: impl Fn(&[u8]) -> Passed) {
    for message in &passed.messages {
        let second = again(message);
        let first = std::slice::from_ref(message);
        assert_eq!(shown(&second.messages), shown(first), "{:?}", second.error);
        assert_eq!(second.refused, None, "{:?} {:?}", shown(first), second.error);
    }
}

/// Requests in any two pieces are the same requests, and the next recipient reads them like the codec did.
pub(crate) fn of_requests(bytes: &[u8], cut: usize) {
    for accept_unsafe in [false, true] {
        let limits = Limits { accept_unsafe, ..Limits::default() };
        let whole = requests(bytes, &[], limits);
        assert_eq!(requests(bytes, &[cut.min(bytes.len())], limits), whole);
        is_stable(&whole, |message| requests(message, &[], limits));
    }
}

/// The same for the responses to anything.
pub(crate) fn of_responses(bytes: &[u8], cut: usize) {
    for asked in [Asked::Get, Asked::Head, Asked::Connect, Asked::Get10] {
        let whole = responses(bytes, &[], asked);
        assert_eq!(responses(bytes, &[cut.min(bytes.len())], asked), whole);
        is_stable(&whole, |message| responses(message, &[], asked));
    }
}
