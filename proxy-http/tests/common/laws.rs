//! Laws that hold for all bytes.

use super::{Asked, Passed, requests, responses, shown};
use proxy_http::cookies::{Change, Keep, edit_request, edit_response};
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

/// The cookies of a field, by name and value.
type Cookies = Vec<(Vec<u8>, Vec<u8>)>;

/// Removes the cookies with the name `S`. Returns all cookies, and the new value if it is another one.
fn without_s(bytes: &[u8]) -> (Cookies, Option<Vec<u8>>) {
    let mut cookies = Vec::new();
    let new = edit_request(bytes, |name, value| {
        cookies.push((name.to_vec(), value.to_vec()));
        if name == b"S" { Keep::No } else { Keep::Whole }
    });
    (cookies, new)
}

/// After cookies were removed, the others are there in their order, and there is nothing left to change. A cookie of a
/// response has the value that it was given.
pub(crate) fn of_cookies(bytes: &[u8]) {
    let shown = || bytes.escape_ascii().to_string();
    let (mut cookies, new) = without_s(bytes);
    let new = new.unwrap_or_else(|| bytes.to_vec());
    assert!(new.len() <= bytes.len(), "{}", shown());
    cookies.retain(|(name, _)| name != b"S");
    assert_eq!(without_s(&new), (cookies, None), "{}", shown());
    let _ = edit_request(bytes, |_, value| Keep::Without(value.len() + 1));

    let mut before = None;
    let changed = edit_response(bytes, |name, _| {
        before = Some(name.to_vec());
        Change::Replace(b"new")
    });
    assert_eq!(changed.is_some(), before.is_some(), "{}", shown());
    if let (Some(changed), Some(before)) = (changed, before) {
        let again = edit_response(&changed, |name, value| {
            assert_eq!((name, value), (&before[..], &b"new"[..]), "{}", shown());
            Change::Nothing
        });
        assert_eq!(again, None, "{}", shown());
    }
    let _ = edit_response(bytes, |_, _| Change::Prefix(b"x"));
}
