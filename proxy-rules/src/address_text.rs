//! Addresses in texts, read the way HAProxy does: less strictly than addresses of a configuration, so that a rule about
//! addresses applies to whatever a server could take for one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads the IPv4 address at the beginning of a text, and returns it with its length in bytes. Its numbers may begin
/// with zeros.
fn ipv4(text: &[u8]) -> Option<(Ipv4Addr, usize)> {
    let mut octets = [0_u8; 4];
    let mut at = 0;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            (text.get(at) == Some(&b'.')).then_some(())?;
            at += 1;
        }
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = Some(&text[at..at + digits]).filter(|digits| !digits.is_empty())?;
        *octet = std::str::from_utf8(digits).ok()?.parse().ok()?;
        at += digits.len();
    }
    (text.get(at) != Some(&b'.')).then(|| (octets.into(), at))
}

fn ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads a text as an address. After an IPv4 address other text may follow.
pub(crate) fn address(text: &[u8]) -> Option<IpAddr> {
    match ipv4(text) {
        Some((address, _)) => Some(address.into()),
        None => ipv6(text).map(IpAddr::V6),
    }
}

/// Reads an element of a header field as an address: IPv4 with an optional port, IPv6 with optional brackets.
pub(crate) fn element(text: &[u8]) -> Option<IpAddr> {
    if let Some((address, length)) = ipv4(text) {
        let is_alone = match &text[length..] {
            [] => true,
            [b':', port @ ..] => {
                port.iter().all(u8::is_ascii_digit)
                    && std::str::from_utf8(port).is_ok_and(|port| port.parse::<u16>().is_ok())
            }
            _ => false,
        };
        return is_alone.then_some(address.into());
    }
    let inner = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]"));
    ipv6(inner.unwrap_or(text)).map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was compared with HAProxy: what `-m ip` takes a text for, and what `req.hdr_ip` returns.
    #[test]
    fn addresses() {
        for (text, of_text, of_element) in [
            ("10.1.2.3", Some("10.1.2.3"), Some("10.1.2.3")),
            ("010.1.2.003", Some("10.1.2.3"), Some("10.1.2.3")),
            ("0010.1.2.3", Some("10.1.2.3"), Some("10.1.2.3")),
            ("10.1.2.3:5678", Some("10.1.2.3"), Some("10.1.2.3")),
            ("10.1.2.3:0", Some("10.1.2.3"), Some("10.1.2.3")),
            ("10.1.2.3:080", Some("10.1.2.3"), Some("10.1.2.3")),
            ("10.1.2.3:65536", Some("10.1.2.3"), None),
            ("10.1.2.3:", Some("10.1.2.3"), None),
            ("10.1.2.3:+80", Some("10.1.2.3"), None),
            ("10.1.2.3:80:", Some("10.1.2.3"), None),
            ("10.1.2.3x", Some("10.1.2.3"), None),
            ("10.1.2.3/8", Some("10.1.2.3"), None),
            ("10.1.2.3 5", Some("10.1.2.3"), None),
            ("2001:DB8::8", Some("2001:db8::8"), Some("2001:db8::8")),
            ("[2001:db8::8]", None, Some("2001:db8::8")),
            ("[2001:db8::8]:80", None, None),
            ("[10.1.2.3]", None, None),
            ("[::1", None, None),
            ("::1]", None, None),
            ("fe80::1%eth0", None, None),
            ("10.1.2", None, None),
            ("10.1.2.3.4", None, None),
            ("10.1.2.256", None, None),
            ("1..2.3", None, None),
            ("1.2.3.", None, None),
            (".1.2.3.4", None, None),
            ("-1.2.3.4", None, None),
            ("0x0a.1.2.3", None, None),
            ("1", None, None),
            ("example.com", None, None),
            ("", None, None),
        ] {
            let parsed = |text: Option<&str>| text.map(|text| text.parse::<IpAddr>().unwrap());
            assert_eq!(address(text.as_bytes()), parsed(of_text), "{text} as a text");
            assert_eq!(element(text.as_bytes()), parsed(of_element), "{text} as an element");
        }
    }
}
