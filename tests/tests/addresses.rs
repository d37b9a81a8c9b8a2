//! The address language from a user's view: a table of valid and invalid addresses, with everything that is linked.
//!
//! A valid address has the protocol it leads to, its host and its port. An invalid one has the column and the whole
//! message, since a user needs both.

use std::fmt::Write as _;

use proto_core::Registry;
use proto_core::address::{Environment, Host, Parser, Rules};
use proto_core::family::Family;

// A binary links transports like this.
use proto_mptcp as _;
use proto_quic_stub as _;
use proto_tcp as _;

/// The environment of every row.
struct Variables;

impl Environment for Variables {
    fn var(&self, name: &str) -> Option<String> {
        match name {
            "HOST" => Some("192.0.2.1"),
            "PORT" => Some("8080"),
            "FD" => Some("5"),
            "EMPTY" => Some(""),
            "TYPO" => Some("80a"),
            _ => None,
        }
        .map(str::to_owned)
    }
}

/// The place of an address in a configuration.
#[derive(Clone, Copy, Debug)]
enum Place {
    Bind,
    Server,
    Source,
    Datagram,
    Log,
    NameServer,
}
use Place::{Bind, Datagram, Log, NameServer, Server, Source};

impl Place {
    fn rules(self) -> &'static Rules {
        match self {
            Bind => &Rules::BIND,
            Server => &Rules::SERVER,
            Source => &Rules::SOURCE,
            Datagram => &Rules::DATAGRAM,
            Log => &Rules::LOG,
            NameServer => &Rules::NAME_SERVER,
        }
    }
}

/// Place, text, protocols, host, port. A name leads to one protocol of each family it may resolve to, a descriptor to
/// none until it is looked at.
type Good = (Place, &'static str, &'static str, &'static str, &'static str);

/// Place, text, column, message.
type Bad = (Place, &'static str, usize, &'static str);

#[rustfmt::skip]
const GOOD: &[Good] = &[
    // Without a prefix the place and the syntax decide.
    (Bind, "192.0.2.1:80", "tcpv4", "192.0.2.1", ":80"),
    (Bind, ":80", "tcpv4", "0.0.0.0", ":80"),
    (Bind, "*:80", "tcpv4", "0.0.0.0", ":80"),
    (Bind, "::1:80", "tcpv6", "[::1]", ":80"),
    (Bind, ":::80", "tcpv6", "[::]", ":80"),
    (Bind, "[::]:443", "tcpv6", "[::]", ":443"),
    (Bind, "[2001:db8::1]:443", "tcpv6", "[2001:db8::1]", ":443"),
    (Bind, "::ffff:192.0.2.1:80", "tcpv6", "[::ffff:192.0.2.1]", ":80"),
    (Bind, "localhost:80", "tcpv4 tcpv6", "localhost", ":80"),
    (Server, "192.0.2.1", "tcpv4", "192.0.2.1", ""),
    (Server, "[2001:db8::1]", "tcpv6", "[2001:db8::1]", ""),
    (Server, "2001:db8::1:", "tcpv6", "[2001:db8::1]", ""),
    (Server, "a.example", "tcpv4 tcpv6", "a.example", ""),
    (Server, "a.example:", "tcpv4 tcpv6", "a.example", ""),
    (Server, "a.example.:80", "tcpv4 tcpv6", "a.example.", ":80"),
    (Server, "_http._tcp.a.example", "tcpv4 tcpv6", "_http._tcp.a.example", ""),
    (Datagram, "192.0.2.1:514", "udpv4", "192.0.2.1", ":514"),
    (Datagram, "[2001:db8::1]", "udpv6", "[2001:db8::1]", ""),
    (Datagram, "/dev/log", "unixdg", "/dev/log", ""),
    (NameServer, "192.0.2.1:53", "udpv4", "192.0.2.1", ":53"),
    // Ports.
    (Bind, ":65535", "tcpv4", "0.0.0.0", ":65535"),
    (Bind, ":0080", "tcpv4", "0.0.0.0", ":80"),
    (Bind, ":8000-8010", "tcpv4", "0.0.0.0", ":8000-8010"),
    (Bind, ":8000-8000", "tcpv4", "0.0.0.0", ":8000"),
    (Bind, "[::1]:1-65535", "tcpv6", "[::1]", ":1-65535"),
    (Server, "192.0.2.1:+1000", "tcpv4", "192.0.2.1", ":+1000"),
    (Server, "192.0.2.1:-1000", "tcpv4", "192.0.2.1", ":-1000"),
    (Server, "a.example:+0", "tcpv4 tcpv6", "a.example", ":+0"),
    (Server, "[::1]:+1", "tcpv6", "[::1]", ":+1"),
    (Server, "192.0.2.1:0", "tcpv4", "192.0.2.1", ""),
    (Source, "192.0.2.1:1024-65000", "tcpv4", "192.0.2.1", ":1024-65000"),
    (Source, "192.0.2.1", "tcpv4", "192.0.2.1", ""),
    (Source, "[::1]:0", "tcpv6", "[::1]", ""),
    (Source, "*", "tcpv4", "0.0.0.0", ""),
    // Prefixes of a family.
    (Bind, "ip@192.0.2.1:80", "tcpv4", "192.0.2.1", ":80"),
    (Bind, "ip@[::1]:80", "tcpv6", "[::1]", ":80"),
    (Bind, "ipv4@:80", "tcpv4", "0.0.0.0", ":80"),
    (Bind, "ipv6@:80", "tcpv6", "[::]", ":80"),
    (Bind, "ipv6@*:80", "tcpv6", "[::]", ":80"),
    (Server, "ipv6@a.example:80", "tcpv6", "a.example", ":80"),
    (Datagram, "ipv6@[::1]:514", "udpv6", "[::1]", ":514"),
    // Prefixes of a transport.
    (Bind, "tcp@192.0.2.1:80", "tcpv4", "192.0.2.1", ":80"),
    (Bind, "tcp@[::1]:80", "tcpv6", "[::1]", ":80"),
    (Bind, "tcp4@*:80", "tcpv4", "0.0.0.0", ":80"),
    (Bind, "tcp6@:80", "tcpv6", "[::]", ":80"),
    (Bind, "mptcp@:5000", "mptcpv4", "0.0.0.0", ":5000"),
    (Bind, "mptcp4@:5000", "mptcpv4", "0.0.0.0", ":5000"),
    (Bind, "mptcp6@:5000", "mptcpv6", "[::]", ":5000"),
    (Bind, "mptcp@[::]:5000", "mptcpv6", "[::]", ":5000"),
    (Bind, "mptcp@:::5000", "mptcpv6", "[::]", ":5000"),
    (Bind, "mptcp@:8000-8010", "mptcpv4", "0.0.0.0", ":8000-8010"),
    (Server, "mptcp@a.example:80", "mptcpv4 mptcpv6", "a.example", ":80"),
    (Server, "mptcp6@a.example:+1", "mptcpv6", "a.example", ":+1"),
    (Source, "mptcp@192.0.2.1", "mptcpv4", "192.0.2.1", ""),
    (Bind, "quic4@:443", "quicv4", "0.0.0.0", ":443"),
    (Bind, "quic6@:443", "quicv6", "[::]", ":443"),
    (Server, "quic4@192.0.2.1:443", "quicv4", "192.0.2.1", ":443"),
    (Datagram, "udp@192.0.2.1:514", "udpv4", "192.0.2.1", ":514"),
    (Datagram, "udp4@localhost:514", "udpv4", "localhost", ":514"),
    (Datagram, "udp6@[::1]:514", "udpv6", "[::1]", ":514"),
    (Datagram, "uxdg@/dev/log", "unixdg", "/dev/log", ""),
    (Datagram, "tcp@192.0.2.1:514", "tcpv4", "192.0.2.1", ":514"),
    (Server, "udp@192.0.2.1:514", "udpv4", "192.0.2.1", ":514"),
    (NameServer, "tcp@[::1]:53", "tcpv6", "[::1]", ":53"),
    // Prefixes of a socket type.
    (Bind, "stream+192.0.2.1:80", "tcpv4", "192.0.2.1", ":80"),
    (Bind, "stream+ipv6@:80", "tcpv6", "[::]", ":80"),
    (Bind, "stream+mptcp@:80", "mptcpv4", "0.0.0.0", ":80"),
    (Bind, "quic+ipv4@:443", "quicv4", "0.0.0.0", ":443"),
    (Bind, "quic+[::1]:443", "quicv6", "[::1]", ":443"),
    (Bind, "quic+fd@${FD}", "", "5", ""),
    (Datagram, "stream+192.0.2.1:514", "tcpv4", "192.0.2.1", ":514"),
    (Datagram, "dgram+ip@192.0.2.1:514", "udpv4", "192.0.2.1", ":514"),
    (Server, "dgram+unix@/dev/log", "unixdg", "/dev/log", ""),
    // UNIX sockets and descriptors.
    (Datagram, "unix@rel/a+b@c:1", "unixdg", "rel/a+b@c:1", ""),
    (Datagram, "abns@name", "unixdg", "name", ""),
    (Datagram, "abnsz@name", "unixdg", "name", ""),
    (Bind, "fd@3", "", "3", ""),
    (Bind, "stream+fd@3", "", "3", ""),
    (Log, "fd@2", "", "2", ""),
    // The environment.
    (Bind, "${HOST}:${PORT}", "tcpv4", "192.0.2.1", ":8080"),
    (Bind, "$HOST:$PORT", "tcpv4", "192.0.2.1", ":8080"),
    (Bind, "mptcp@${EMPTY}:$PORT", "mptcpv4", "0.0.0.0", ":8080"),
    (Bind, "fd@${FD}", "", "5", ""),
    (Server, "${HOST}${UNSET}", "tcpv4", "192.0.2.1", ""),
    (Datagram, "unix@/run/$PORT.sock", "unixdg", "/run/8080.sock", ""),
];

/// A path of 98 bytes, one more than fits with the temporary names that a replaced socket file needs.
const LONG_PATH: &str =
    "/run/a-very-long-path/a-very-long-path/a-very-long-path/a-very-long-path/a-very-long-path/12345678";
/// A name of 108 bytes.
const LONG_NAME: &str = "abns@a-very-long-name/a-very-long-name/a-very-long-name/a-very-long-name/a-very-long-name/\
                         a-very-long-name/123456";

#[rustfmt::skip]
const BAD: &[Bad] = &[
    // No address.
    (Bind, "", 1, "the address is empty"),
    (Bind, "${UNSET}", 1, "the address is empty; the environment variable UNSET is not set"),
    (Bind, "$EMPTY", 1, "the address is empty"),
    // The environment.
    (Bind, "${HOST:80", 1, "'${' is not closed by '}'"),
    (Bind, "192.0.2.1:${PORT", 11, "'${' is not closed by '}'"),
    (Bind, "192.0.2.1:$", 11, "'' is not the name of an environment variable"),
    (Bind, "${A B}:80", 1, "'A B' is not the name of an environment variable"),
    (Bind, "192.0.2.1:${UNSET}", 19, "the port is missing; the environment variable UNSET is not set"),
    (Bind, "192.0.2.1:$TYPO", 11, "'80a' is not a port number"),
    (Bind, "tcp4@${UNSET}x y:80", 14, "'x y' is not an address of the family ipv4: neither an IP address nor a host name: character ' ' is not allowed there; the environment variable UNSET is not set"),
    // Unknown prefixes, and those that are not linked.
    (Bind, "mptpc@:80", 1, "unknown prefix 'mptpc@'; did you mean 'mptcp@'?"),
    (Bind, "TCP@:80", 1, "unknown prefix 'TCP@'; did you mean 'tcp@'?"),
    (Bind, "ipv-4@:80", 1, "unknown prefix 'ipv-4@'; did you mean 'ipv4@'?"),
    (Bind, "zzzzzz@:80", 1, "unknown prefix 'zzzzzz@'"),
    (Bind, "steam+:80", 1, "unknown prefix 'steam+'; did you mean 'stream+'?"),
    (Bind, "stream+tpc@:80", 8, "unknown prefix 'tpc@'; did you mean 'tcp@'?"),
    (Bind, "rhttp@be/s1", 1, "prefix 'rhttp@' is known, but not built into this binary (a reverse-HTTP transport is not linked)"),
    (Bind, "uxst@/run/x", 1, "prefix 'uxst@' is known, but not built into this binary (proto-unix is not linked)"),
    (Server, "sockpair@5", 1, "prefix 'sockpair@' is known, but not built into this binary (proto-unix is not linked)"),
    (Bind, "stream+uxst@/run/x", 8, "prefix 'uxst@' is known, but not built into this binary (proto-unix is not linked)"),
    (Bind, "/run/x", 1, "no stream protocol for the family unix is built into this binary (proto-unix is not linked)"),
    (Server, "unix@/run/x", 6, "no stream protocol for 'unix@' and the family unix is built into this binary (proto-unix is not linked)"),
    (Server, "abns@x", 6, "no stream protocol for 'abns@' and the family abns is built into this binary (proto-unix is not linked)"),
    (Bind, "quic+unix@/run/x", 11, "no datagram protocol for 'quic+unix@' and the family unix is built into this binary"),
    // Types that contradict each other or the place.
    (Bind, "dgram+tcp@:80", 1, "'dgram+' and 'tcp@' contradict each other"),
    (Bind, "stream+quic4@:80", 1, "'stream+' and 'quic4@' contradict each other"),
    (Bind, "quic+mptcp@:80", 1, "'quic+' and 'mptcp@' contradict each other"),
    (Datagram, "quic+udp4@:80", 1, "'quic+' and 'udp4@' contradict each other"),
    (Bind, "udp@:53", 1, "a datagram address is not allowed here"),
    (Bind, "dgram+:53", 1, "a datagram address is not allowed here"),
    (Bind, "dgram+fd@3", 1, "a datagram address is not allowed here"),
    (Source, "udp4@192.0.2.1", 1, "a datagram address is not allowed here"),
    (Source, "dgram+192.0.2.1", 1, "a datagram address is not allowed here"),
    // Ports.
    (Bind, "192.0.2.1", 10, "the port is missing"),
    (Bind, "192.0.2.1:", 11, "the port is missing"),
    (Bind, "localhost", 10, "the port is missing"),
    (Bind, "[::1]", 6, "the port is missing"),
    (Bind, "mptcp@", 7, "the port is missing"),
    (Bind, ":80-", 5, "the port is missing"),
    (Server, "192.0.2.1:+", 12, "the port is missing"),
    (NameServer, "192.0.2.1", 10, "the port is missing"),
    (Bind, ":http", 2, "'http' is not a port number"),
    (Bind, ":80a", 2, "'80a' is not a port number"),
    (Bind, ": 80", 2, "' 80' is not a port number"),
    (Bind, ":80-9x", 5, "'9x' is not a port number"),
    (Bind, ":80-90-95", 5, "'90-95' is not a port number"),
    (Bind, "[::1]:80:90", 7, "'80:90' is not a port number"),
    (Server, "a.example:my-port", 11, "'my-port' is not a port number"),
    (Server, "a.example:+5x", 12, "'5x' is not a port number"),
    (Bind, ":65536", 2, "port 65536 is over 65535"),
    (Bind, ":80-65536", 5, "port 65536 is over 65535"),
    (Bind, ":99999999999999999999", 2, "port 99999999999999999999 is over 65535"),
    (Server, "192.0.2.1:+65536", 12, "port 65536 is over 65535"),
    (Bind, ":0", 2, "port 0 is not allowed here"),
    (Bind, ":0-80", 2, "port 0 is not allowed here"),
    (Source, "*:0-80", 3, "port 0 is not allowed here"),
    (Bind, ":90-80", 2, "the range begins at 90 and ends at 80, which is lower"),
    (Server, "192.0.2.1:80-90", 13, "a range of ports is not allowed here"),
    (Datagram, "192.0.2.1:80-90", 13, "a range of ports is not allowed here"),
    (Bind, ":+80", 2, "a port offset is not allowed here"),
    (Source, "*:-80", 3, "a port offset is not allowed here"),
    // Hosts.
    (Bind, "tcp4@[::1]:80", 6, "'[::1]' is not an address of the family ipv4: it is an IPv6 address"),
    (Bind, "ipv4@::1:80", 6, "'::1' is not an address of the family ipv4: it is an IPv6 address"),
    (Bind, "mptcp6@192.0.2.1:80", 8, "'192.0.2.1' is not an address of the family ipv6: it is an IPv4 address"),
    (Bind, "[192.0.2.1]:80", 1, "'[192.0.2.1]' is not an address of the family ipv6: it is an IPv4 address"),
    (Bind, "192.0.2.256:80", 1, "'192.0.2.256' is not an address of the family ipv4: neither an IP address nor a host name: four numbers from 0 to 255 without leading zeros are an IPv4 address"),
    (Bind, "192.0.02.1:80", 1, "'192.0.02.1' is not an address of the family ipv4: neither an IP address nor a host name: four numbers from 0 to 255 without leading zeros are an IPv4 address"),
    (Server, "a..example:80", 1, "'a..example' is not an address of the family ipv4: neither an IP address nor a host name: each part between dots has 1 to 63 characters"),
    (Server, "-a.example:80", 1, "'-a.example' is not an address of the family ipv4: neither an IP address nor a host name: no part may begin or end with a hyphen"),
    (Server, "tcp@tcp@192.0.2.1", 5, "'tcp@192.0.2.1' is not an address of the family ipv4: neither an IP address nor a host name: character '@' is not allowed there"),
    (Bind, "[fe80::1%eth0]:80", 1, "'[fe80::1%eth0]' is not an address of the family ipv6: a zone index is not supported; use the interface option"),
    (Bind, "fe80::1%eth0:80", 1, "'fe80::1%eth0' is not an address of the family ipv6: a zone index is not supported; use the interface option"),
    (Bind, "[::1:80", 1, "'[' is not closed by ']'"),
    (Bind, "tcp@[::1", 5, "'[' is not closed by ']'"),
    (Bind, "[::1]80", 6, "only ':' and a port can follow ']'"),
    (Bind, "[::g]:80", 1, "'[::g]' is not an address of the family ipv6: it is not written as IPv6 addresses are"),
    (Bind, "[]:80", 1, "'[]' is not an address of the family ipv6: it is not written as IPv6 addresses are"),
    (Bind, "[*]:80", 1, "'[*]' is not an address of the family ipv6: it is not written as IPv6 addresses are"),
    (Bind, "1:2:3:80", 1, "'1:2:3' is not an address of the family ipv6: it is not written as IPv6 addresses are"),
    (Bind, "2001:db8::1", 12, "an IPv6 address without brackets needs ':' and the port after it"),
    (Server, "::", 3, "an IPv6 address without brackets needs ':' and the port after it"),
    (Source, "localhost", 1, "'localhost' is a name; only an address is allowed here"),
    (Source, "tcp6@localhost:80", 6, "'localhost' is a name; only an address is allowed here"),
    // UNIX sockets and descriptors.
    (Datagram, "unix@", 6, "'' is not an address of the family unix: a path is missing"),
    (Datagram, "abns@", 6, "'' is not an address of the family abns: a name is missing"),
    (Datagram, LONG_PATH, 1, "'/run/a-very-long-path/a-very-long-path/a-very-long-path/a-very-long-path/a-very-long-path/12345678' is not an address of the family unix: it has 98 bytes, but a socket address holds at most 97"),
    (Datagram, LONG_NAME, 6, "'a-very-long-name/a-very-long-name/a-very-long-name/a-very-long-name/a-very-long-name/a-very-long-name/123456' is not an address of the family abns: it has 108 bytes, but a socket address holds at most 107"),
    (Bind, "fd@", 4, "'' is not an address of the family fd: a file descriptor is a number that is not negative"),
    (Bind, "fd@-1", 4, "'-1' is not an address of the family fd: a file descriptor is a number that is not negative"),
    (Bind, "fd@3x", 4, "'3x' is not an address of the family fd: a file descriptor is a number that is not negative"),
    (Bind, "fd@99999999999", 4, "'99999999999' is not an address of the family fd: a file descriptor is a number that is not negative"),
    (Server, "fd@3", 4, "a file descriptor is not allowed here"),
    (Datagram, "fd@3", 4, "a file descriptor is not allowed here"),
];

fn answer(registry: &Registry, place: Place, text: &str) -> String {
    match Parser::new(registry, place.rules()).parse(text, &Variables) {
        Err(error) => {
            let unset: String = error.unset.iter().fold(String::new(), |mut all, name| {
                let _ = write!(all, "; the environment variable {name} is not set");
                all
            });
            let message = format!("{}{unset}", error.kind);
            assert_eq!(
                error.to_string(),
                format!("in '{}', column {}: {message}", text.escape_debug(), error.column())
            );
            format!("column {}: {message}", error.column())
        }
        Ok(spec) => {
            let families = match spec.host.family() {
                Some(family) => vec![family],
                None => Family::INTERNET.to_vec(),
            };
            let protocols: Vec<&str> = families
                .iter()
                .filter_map(|family| registry.select(&spec.selector, *family))
                .map(|protocol| protocol.descriptor().name)
                .collect();
            assert_eq!(matches!(spec.host, Host::Fd(_)), protocols.is_empty(), "{spec:?}");
            format!("{} host {} port {}", protocols.join(" "), spec.host, spec.port)
        }
    }
}

#[test]
fn good_addresses_lead_to_their_protocol() {
    let registry = Registry::linked().expect("what is linked fits together");
    let wrong: Vec<String> = GOOD
        .iter()
        .map(|(place, text, protocols, host, port)| {
            (place, text, format!("{protocols} host {host} port {port}"), answer(&registry, *place, text))
        })
        .filter(|(_, _, expected, found)| expected != found)
        .map(|(place, text, expected, found)| {
            format!("{place:?} {text:?}\n  expected {expected}\n  found    {found}\n")
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.concat());
}

#[test]
fn bad_addresses_say_what_is_wrong_and_where() {
    let registry = Registry::linked().expect("what is linked fits together");
    let wrong: Vec<String> = BAD
        .iter()
        .map(|(place, text, column, message)| {
            (place, text, format!("column {column}: {message}"), answer(&registry, *place, text))
        })
        .filter(|(_, _, expected, found)| expected != found)
        .map(|(place, text, expected, found)| {
            format!("{place:?} {text:?}\n  expected {expected}\n  found    {found}\n")
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.concat());
}
