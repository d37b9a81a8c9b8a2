//! Authorities: the values of `host`, and those in an absolute target and the target of CONNECT.

/// Returns whether this is a valid value of `host`, or a valid authority without user information. A comma is not
/// valid, since it would make two values of one; brackets only around an address.
pub(super) fn is_allowed(authority: &[u8]) -> bool {
    let mut open = false;
    for (at, byte) in authority.iter().enumerate() {
        match byte {
            b'[' if at == 0 => open = true,
            b']' if open && matches!(authority.get(at + 1), None | Some(b':')) => open = false,
            b'[' | b']' | b',' | b'#' | b'/' | b'?' | b'@' | b'\\' => return false,
            0x21..=0x7e => {}
            _ => return false,
        }
    }
    !open
}

/// Returns the host, and the port if there is a colon for one. With more colons it is undefined which of them
/// begins the port; those of an IPv6 address are within brackets.
pub(super) fn split(authority: &[u8]) -> (&[u8], Option<&[u8]>) {
    let digits = authority.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    match authority[..authority.len() - digits].split_last() {
        Some((b':', host)) if host.ends_with(b"]") || !host.contains(&b':') => {
            (host, Some(&authority[host.len() + 1..]))
        }
        _ => (authority, None),
    }
}

/// Returns whether a port is the default of the scheme; without a scheme, whether it is the default of any.
pub(super) fn is_default_port(scheme: Option<&[u8]>, port: &[u8]) -> bool {
    let of = |name: &[u8]| scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(name));
    match port {
        b"" => true,
        b"80" => of(b"http"),
        b"443" => of(b"https"),
        _ => false,
    }
}

/// Returns whether `host` is equivalent to the authority of an absolute target: equal, or one with the default port
/// and the other without a port.
pub(super) fn matches(scheme: &[u8], authority: &[u8], host: &[u8]) -> bool {
    if authority.eq_ignore_ascii_case(host) {
        return true;
    }
    let ((left, left_port), (right, right_port)) = (split(authority), split(host));
    let is_default = |port: Option<&[u8]>| port.is_none_or(|port| is_default_port(Some(scheme), port));
    is_default(left_port) && is_default(right_port) && left.eq_ignore_ascii_case(right)
}

/// Returns whether `host` is equivalent to the target of CONNECT, which has a port.
pub(super) fn matches_connect(authority: &[u8], host: &[u8]) -> bool {
    let ((left, left_port), (right, right_port)) = (split(authority), split(host));
    let port = left_port.unwrap_or_default();
    let same_port = match right_port {
        Some(right_port) if !right_port.is_empty() => port == right_port,
        _ => is_default_port(None, port),
    };
    same_port && left.eq_ignore_ascii_case(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_that_are_allowed() {
        for good in ["", "a", "a:80", "a:99999", "a:", "[::1]", "[::1]:80", "a_b", "a%b", "a'b"] {
            assert!(is_allowed(good.as_bytes()), "{good}");
        }
        for bad in [
            "a b", "a,b", "a/b", "a?b", "a#b", "u@a", "a\\b", "[a", "a]", "[a]b", "a[b]", "\u{7f}", "ä",
            "[]]",
        ] {
            assert!(!is_allowed(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn ports() {
        assert_eq!(split(b"a:80"), (&b"a"[..], Some(&b"80"[..])));
        assert_eq!(split(b"a:"), (&b"a"[..], Some(&b""[..])));
        assert_eq!(split(b"a"), (&b"a"[..], None));
        assert_eq!(split(b"[::1]"), (&b"[::1]"[..], None));
        assert_eq!(split(b""), (&b""[..], None));
        assert_eq!(split(b"80"), (&b"80"[..], None));
        assert_eq!(split(b"[::1]:80"), (&b"[::1]"[..], Some(&b"80"[..])));
        assert_eq!(split(b"a:80:80"), (&b"a:80:80"[..], None));
        assert_eq!(split(b"::1"), (&b"::1"[..], None));
    }

    #[test]
    fn a_default_port_may_be_missing() {
        for (scheme, authority, host, same) in [
            ("http", "a", "A", true),
            ("http", "a:80", "a", true),
            ("http", "a", "a:80", true),
            ("HTTPS", "a:443", "a", true),
            ("http", "a:443", "a", false),
            ("http", "a:81", "a", false),
            ("http", "a", "a:81", false),
            ("http", "a:", "a", true),
            ("http", "a", "b", false),
            ("http", "a:80", "b", false),
        ] {
            let found = matches(scheme.as_bytes(), authority.as_bytes(), host.as_bytes());
            assert_eq!(found, same, "{scheme} {authority} {host}");
        }
    }
}
