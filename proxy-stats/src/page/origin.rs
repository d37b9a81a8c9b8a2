//! Whether a request that changes something comes from the page itself, rather than from a page of somebody else that
//! the browser of an operator has loaded.
//!
//! A browser says where a request comes from (`Sec-Fetch-Site`, `Origin`, `Referer`), and then the form has to hold the
//! token of the page as well, which no other site can read. A program that says nothing of the kind is not led by other
//! sites; as in HAProxy it needs no token.

use proxy_http::Request;

/// What a request says about its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It says nothing: it comes from a program.
    Unsaid,
    /// It comes from the page.
    Same,
    /// It comes from another site, or from nowhere that is known.
    Other,
}

impl Origin {
    pub(super) fn of(request: &Request) -> Origin {
        let fields = request.fields();
        let host = fields.get(b"host").unwrap_or_default();
        let is_own = |url: &[u8]| authority(url).is_some_and(|own| own.eq_ignore_ascii_case(host));
        let site = fields.get(b"sec-fetch-site").map(|site| site == b"same-origin");
        let origin = fields.get(b"origin").map(is_own);
        // A page may keep back the referrer, but not the origin of a form.
        let referer = fields.get(b"referer").map(is_own);
        let said = [site, origin, referer];
        match (said.iter().flatten().count(), said.iter().flatten().all(|own| *own)) {
            (0, _) => Origin::Unsaid,
            (_, true) => Origin::Same,
            (_, false) => Origin::Other,
        }
    }
}

/// Returns the host and port of a URL.
fn authority(url: &[u8]) -> Option<&[u8]> {
    let rest = [&b"http://"[..], b"https://"].into_iter().find_map(|scheme| url.strip_prefix(scheme))?;
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_what_all_fields_say() {
        let of = |fields: &[(&str, &str)]| {
            let mut request = Request::new();
            request.fields_mut().add(b"host", b"proxy.example:8404").unwrap();
            for (name, value) in fields {
                request.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
            }
            Origin::of(&request)
        };
        let own = "http://proxy.example:8404";
        assert_eq!(of(&[]), Origin::Unsaid);
        assert_eq!(of(&[("origin", own)]), Origin::Same);
        assert_eq!(of(&[("sec-fetch-site", "same-origin"), ("origin", own)]), Origin::Same);
        assert_eq!(of(&[("referer", "http://PROXY.example:8404/stats?x#y")]), Origin::Same);
        for fields in [
            [("origin", "null"), ("sec-fetch-site", "same-origin")],
            [("origin", own), ("sec-fetch-site", "cross-site")],
            [("origin", own), ("sec-fetch-site", "same-site")],
            [("origin", own), ("referer", "http://evil.example/")],
            [("origin", "http://proxy.example"), ("sec-fetch-site", "same-origin")],
            [("origin", "http://proxy.example:8404.evil"), ("sec-fetch-site", "same-origin")],
            [("origin", "ftp://proxy.example:8404"), ("sec-fetch-site", "same-origin")],
        ] {
            assert_eq!(of(&fields), Origin::Other, "{fields:?}");
        }
    }
}
