//! The number of arguments of words of HAProxy's bind and server lines: one, except for those that are listed here. It
//! allows reading the rest of a line after a word that is not supported.

use super::Place;

/// The parameters without an argument, for bind lines and then for server lines.
const BIND: &[&str] = &[
    "accept-proxy",
    "allow-0rtt",
    "defer-accept",
    "force-sslv3",
    "force-tlsv10",
    "force-tlsv11",
    "force-tlsv12",
    "force-tlsv13",
    "generate-certificates",
    "no-alpn",
    "no-ca-names",
    "no-sslv3",
    "no-strict-sni",
    "no-tls-tickets",
    "no-tlsv10",
    "no-tlsv11",
    "no-tlsv12",
    "no-tlsv13",
    "prefer-client-ciphers",
    "quic-force-retry",
    "ssl",
    "strict-sni",
    "tfo",
    "tls-tickets",
    "transparent",
    "v4v6",
    "v6only",
];

const SERVER: &[&str] = &[
    "agent-check",
    "allow-0rtt",
    "backup",
    "check",
    "check-reuse-pool",
    "check-send-proxy",
    "check-sni-auto",
    "check-ssl",
    "check-via-socks4",
    "disabled",
    "enabled",
    "force-sslv3",
    "force-tlsv10",
    "force-tlsv11",
    "force-tlsv12",
    "force-tlsv13",
    "no-agent-check",
    "no-backup",
    "no-check",
    "no-check-reuse-pool",
    "no-check-send-proxy",
    "no-check-sni-auto",
    "no-check-ssl",
    "no-renegotiate",
    "no-send-proxy",
    "no-send-proxy-v2",
    "no-send-proxy-v2-ssl",
    "no-send-proxy-v2-ssl-cn",
    "no-sni-auto",
    "no-ssl",
    "no-ssl-reuse",
    "no-sslv3",
    "no-tfo",
    "no-tls-tickets",
    "no-tlsv10",
    "no-tlsv11",
    "no-tlsv12",
    "no-tlsv13",
    "no-verifyhost",
    "non-stick",
    "renegotiate",
    "send-proxy",
    "send-proxy-v2",
    "send-proxy-v2-ssl",
    "send-proxy-v2-ssl-cn",
    "sni-auto",
    "ssl",
    "ssl-reuse",
    "stick",
    "strict-maxconn",
    "tfo",
    "tls-tickets",
];

/// Returns the number of arguments of a word of HAProxy on a bind or server line.
pub(crate) fn arguments(place: Place, name: &str) -> usize {
    let flags = match place {
        Place::Bind => BIND,
        _ => SERVER,
    };
    usize::from(!flags.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::knows;

    #[test]
    fn flags_are_words_of_haproxy() {
        for (place, flags) in [(Place::Bind, BIND), (Place::Server, SERVER)] {
            assert!(flags.is_sorted());
            assert!(flags.iter().all(|name| knows(place, name)), "{place:?}");
        }
        assert_eq!((arguments(Place::Bind, "crt"), arguments(Place::Server, "check")), (1, 0));
    }
}
