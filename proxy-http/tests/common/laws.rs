//! What holds for all bytes, whatever they are.

use super::{Asked, Passed, requests, responses, shown};
use proxy_http::h1::Limits;

/// What is written is read as the same by whoever comes next, and written as the same again.
pub(crate) fn is_stable(passed: &Passed, again: impl Fn(&[u8]) -> Passed) {
    for message in &passed.messages {
        let second = again(message);
        let first = std::slice::from_ref(message);
        assert_eq!(shown(&second.messages), shown(first), "{:?}", second.error);
        assert_eq!(second.refused, None, "{:?} {:?}", shown(first), second.error);
    }
}

/// Requests in any two pieces are the same requests, and are read behind us as they were read here.
pub(crate) fn of_requests(bytes: &[u8], cut: usize) {
    for accept_unsafe in [false, true] {
        let limits = Limits { accept_unsafe, ..Limits::default() };
        let whole = requests(bytes, &[], limits);
        assert_eq!(requests(bytes, &[cut.min(bytes.len())], limits), whole);
        is_stable(&whole, |message| requests(message, &[], limits));
    }
}

/// As above, for the responses to anything.
pub(crate) fn of_responses(bytes: &[u8], cut: usize) {
    for asked in [Asked::Get, Asked::Head, Asked::Connect, Asked::Get10] {
        let whole = responses(bytes, &[], asked);
        assert_eq!(responses(bytes, &[cut.min(bytes.len())], asked), whole);
        is_stable(&whole, |message| responses(message, &[], asked));
    }
}
