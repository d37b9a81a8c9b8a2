//! Whether caches may store a response (RFC 9111, section 3): a cookie that they would give to other clients makes it
//! private then.

use proxy_http::list::values;
use proxy_http::{Method, Response};

/// The statuses of responses that may be stored without a lifetime (RFC 9110, section 15.1).
const STORED: [u16; 11] = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501];

/// Returns whether caches may store a response to a request with this method, as HAProxy decides it.
pub(crate) fn is_cacheable(method: Method, response: &Response) -> bool {
    let fields = response.fields();
    let is_safe = matches!(method, Method::Get | Method::Head | Method::Options | Method::Trace);
    let mut is_cacheable = is_safe && STORED.contains(&response.status());
    if fields.get(b"pragma").is_some_and(|value| value.eq_ignore_ascii_case(b"no-cache")) {
        return false;
    }
    let (mut has_lifetime, mut is_stale) = (false, false);
    for directive in fields.all(b"cache-control").flat_map(values) {
        let (is, begins) = (
            |word: &str| directive.eq_ignore_ascii_case(word.as_bytes()),
            |word: &str| {
                directive.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word.as_bytes()))
            },
        );
        if is("public") {
            is_cacheable = true;
        } else if is("max-age=0") {
            is_stale = true;
        } else if is("no-cache=\"set-cookie\"") {
            // Caches leave the cookie out.
        } else if ["private", "no-cache", "no-store"]
            .iter()
            .any(|word| is(word) || begins(&format!("{word}=")))
            || is("s-maxage=0")
        {
            is_cacheable = false;
        } else if begins("s-maxage") {
            (has_lifetime, is_stale) = (true, false);
        } else if begins("max-age") {
            has_lifetime = true;
        }
    }
    let may_be_kept =
        has_lifetime || ["expires", "etag", "last-modified"].iter().any(|name| fields.has(name.as_bytes()));
    is_cacheable && !is_stale && may_be_kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_kept(method: Method, status: u16, fields: &[(&str, &str)]) -> bool {
        let mut response = Response::default();
        response.set_status(status, b"").unwrap();
        for (name, value) in fields {
            response.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
        }
        is_cacheable(method, &response)
    }

    #[test]
    fn responses_with_a_lifetime_or_a_validator_are_cacheable() {
        for (expected, fields) in [
            (false, &[][..]),
            (true, &[("etag", "1")]),
            (true, &[("last-modified", "Thu, 01 Jan 1970 00:00:01 GMT")]),
            (true, &[("cache-control", "max-age=5")]),
            (false, &[("cache-control", "max-age=0"), ("etag", "1")]),
            (true, &[("cache-control", "max-age=0, s-maxage=5")]),
            (false, &[("cache-control", "S-MaxAge=0")]),
            (false, &[("cache-control", "private"), ("etag", "1")]),
            (false, &[("cache-control", "no-cache=\"x\""), ("etag", "1")]),
            (true, &[("cache-control", "no-cache=\"set-cookie\""), ("etag", "1")]),
            (false, &[("etag", "1"), ("pragma", "No-Cache")]),
        ] {
            assert_eq!(is_kept(Method::Get, 200, fields), expected, "{fields:?}");
        }
        let etag = [("etag", "1")];
        assert!(!is_kept(Method::Post, 200, &etag) && !is_kept(Method::Get, 302, &etag));
        assert!(is_kept(Method::Post, 200, &[("cache-control", "public, max-age=1")]));
    }
}
