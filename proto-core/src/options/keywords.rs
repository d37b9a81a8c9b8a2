//! The keywords of bind and server lines that set socket options.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::{Secret, SocketOption, Source, SourceField, UseSource};
use crate::extension::{Keyword, KeywordError, Scope, Words};
use crate::spec::Settings;
use crate::units::{TimeUnit, parse_time_prefix};

type Result = std::result::Result<(), KeywordError>;

fn set(settings: &mut Settings, option: SocketOption) -> Result {
    settings.options.set(option);
    Ok(())
}

fn number<T: std::str::FromStr + TryFrom<u64> + Copy>(
    text: &str,
    low: u64,
    high: u64,
) -> std::result::Result<T, KeywordError>
where
    u64: From<T>,
{
    let expected = || KeywordError::first(text, format!("a number from {low} to {high}"));
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(expected());
    }
    let value: u64 = text.parse().map_err(|_| expected())?;
    if (low..=high).contains(&value) { T::try_from(value).map_err(|_| expected()) } else { Err(expected()) }
}

/// Reads the time that is the first argument.
fn time(args: &Words<'_>, unit: TimeUnit) -> std::result::Result<Duration, KeywordError> {
    let text = args[0];
    match parse_time_prefix(text, unit) {
        Ok((time, rest)) if time.as_millis() <= i32::MAX as u128 => {
            if !rest.is_empty() {
                args.read_beginning(0, text.len() - rest.len());
            }
            Ok(time)
        }
        Ok(_) => Err(KeywordError::first(text, "a time of at most 24 days")),
        Err(error) => Err(KeywordError::first(text, error.to_string())),
    }
}

fn milliseconds(args: &Words<'_>) -> std::result::Result<Duration, KeywordError> {
    let micros = time(args, TimeUnit::Milliseconds)?.as_micros();
    // A part of a millisecond is a whole one, as in HAProxy: 0 would turn the option off.
    Ok(Duration::from_millis(u64::try_from(micros.div_ceil(1000)).unwrap_or(u64::MAX)))
}

fn seconds(args: &Words<'_>) -> std::result::Result<Duration, KeywordError> {
    // 32767 is the most that the kernel accepts for TCP_KEEPIDLE and TCP_KEEPINTVL (MAX_TCP_KEEPIDLE in net/tcp.h).
    match time(args, TimeUnit::Seconds)? {
        time if time.subsec_nanos() == 0 && (1..=32_767).contains(&time.as_secs()) => Ok(time),
        _ => Err(KeywordError::first(args[0], "a whole number of seconds from 1 to 32767")),
    }
}

fn name(text: &str, max: usize, what: &str) -> std::result::Result<String, KeywordError> {
    if text.is_empty() || text.len() > max || text.contains(['/', '\0']) {
        return Err(KeywordError::first(text, format!("the name of {what}, 1 to {max} bytes without '/'")));
    }
    Ok(text.to_owned())
}

/// How far back a value of a field may be counted from the last one, as in HAProxy.
const FURTHEST_BACK: i32 = -10;

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads the address that connections come from, with a port or a range of them.
fn source(text: &str) -> std::result::Result<Source, KeywordError> {
    let range = text.rsplit_once(':').and_then(|(_, ports)| ports.split_once('-'));
    let Some((first, last)) = range.filter(|(first, _)| !first.is_empty()) else {
        return Ok(source_address(text)?.into());
    };
    let ports = port(first).zip(port(last)).filter(|(first, last)| (1..=*last).contains(first));
    let (first, last_port) = ports
        .ok_or_else(|| KeywordError::first(text, "an IP address with ports from 1 to 65535, in order"))?;
    let mut addr = source_address(text.trim_end_matches(|c| c != ':'))?;
    addr.set_port(first);
    Ok(Source { addr, last_port })
}

/// Reads the address that a connection comes from, which may be one of another host.
fn source_address(text: &str) -> std::result::Result<SocketAddr, KeywordError> {
    let (version, bare) = match text.split_once('@') {
        Some(("ipv4", rest)) => (Some(4), rest),
        Some(("ipv6", rest)) => (Some(6), rest),
        _ => (None, text),
    };
    let with_port = || {
        // The last colon of an IPv6 address without brackets is that of the port; a missing port is any.
        let (ip, number) = bare.rsplit_once(':')?;
        let port = if number.is_empty() { 0 } else { port(number)? };
        let any =
            if version == Some(6) { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let in_brackets = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']'));
        let ip = match ip {
            "" | "*" => any,
            _ => in_brackets.unwrap_or(ip).parse::<IpAddr>().ok()?,
        };
        Some(SocketAddr::new(ip, port))
    };
    let alone = || {
        let in_brackets = bare.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let ip = match in_brackets {
            Some(inner) => inner.parse::<Ipv6Addr>().ok()?.into(),
            None if bare == "*" && version != Some(6) => Ipv4Addr::UNSPECIFIED.into(),
            None => bare.parse::<Ipv4Addr>().ok()?.into(),
        };
        Some(SocketAddr::new(ip, 0))
    };
    let fits = |addr: &SocketAddr| version.is_none_or(|version| addr.is_ipv4() == (version == 4));
    bare.parse().ok().or_else(with_port).or_else(alone).filter(fits).ok_or_else(|| {
        let expected = if bare.parse::<Ipv6Addr>().is_ok() {
            "an IP address, or one with a port: an IPv6 address alone needs brackets"
        } else {
            "an IP address, or one with a port"
        };
        KeywordError::first(text, expected)
    })
}

/// Reads `hdr_ip(<name>[,<occurrence>])`. The last value counts if none is named.
fn source_field(text: &str) -> std::result::Result<SourceField, KeywordError> {
    let read = || {
        let inner = text.strip_prefix("hdr_ip(")?.strip_suffix(')')?;
        let (name, occurrence) = inner.split_once(',').unwrap_or((inner, "-1"));
        let occurrence = occurrence.parse().ok().filter(|number| *number != 0 && *number >= FURTHEST_BACK)?;
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !b"(),:".contains(&byte));
        is_name.then(|| SourceField { name: name.to_ascii_lowercase().into(), occurrence })
    };
    let expected =
        "'hdr_ip(<name>[,<occurrence>])': the first value of the field is 1, the last -1, the furthest -10";
    read().ok_or_else(|| KeywordError::first(text, expected))
}

const fn flag(
    name: &'static str,
    scope: Scope,
    help: &'static str,
    apply: fn(&mut Settings, &Words<'_>) -> Result,
) -> Keyword {
    valued(name, scope, &[], help, apply)
}

const fn valued(
    name: &'static str,
    scope: Scope,
    arguments: &'static [&'static str],
    help: &'static str,
    apply: fn(&mut Settings, &Words<'_>) -> Result,
) -> Keyword {
    Keyword { name, scope, of: None, arguments, optional: None, help, apply }
}

/// All keywords, by name.
pub(crate) const KEYWORDS: &[Keyword] = &[
    valued("backlog", Scope::Bind, &["<conns>"], "connections that may wait to be accepted", |to, args| {
        set(to, SocketOption::Backlog(number(args[0], 1, i32::MAX as u64)?))
    }),
    valued("cc", Scope::Both, &["<algorithm>"], "congestion control algorithm", |to, args| {
        // 15: TCP_CA_NAME_MAX of the kernel without its closing zero.
        set(to, SocketOption::CongestionControl(name(args[0], 15, "a congestion control algorithm")?))
    }),
    flag("defer-accept", Scope::Bind, "accept a connection when its first byte is there", |to, _| {
        set(to, SocketOption::DeferAccept)
    }),
    valued("interface", Scope::Both, &["<name>"], "use only this network interface", |to, args| {
        // 15: IFNAMSIZ of the kernel without its closing zero.
        set(to, SocketOption::Interface(name(args[0], 15, "a network interface")?))
    }),
    flag("keepalive", Scope::Both, "probe idle connections", |to, _| set(to, SocketOption::KeepAlive)),
    valued(
        "keepalive-count",
        Scope::Both,
        &["<probes>"],
        "unanswered probes that end a connection",
        |to, args| set(to, SocketOption::KeepAliveCount(number(args[0], 1, 127)?)),
    ),
    valued("keepalive-idle", Scope::Both, &["<time>"], "idle time before the first probe", |to, args| {
        set(to, SocketOption::KeepAliveIdle(seconds(args)?))
    }),
    valued("keepalive-interval", Scope::Both, &["<time>"], "time between probes", |to, args| {
        set(to, SocketOption::KeepAliveInterval(seconds(args)?))
    }),
    valued("mark", Scope::Both, &["<number>"], "packet mark, for routing and filters", |to, args| {
        set(to, SocketOption::Mark(number(args[0], 0, u32::MAX.into())?))
    }),
    valued("mss", Scope::Both, &["<bytes>"], "maximum segment size", |to, args| {
        // 88 is the least that the kernel accepts (TCP_MIN_MSS), 32767 the most (MAX_TCP_WINDOW); see tcp(7).
        set(to, SocketOption::Mss(number(args[0], 88, 32_767)?))
    }),
    valued("namespace", Scope::Both, &["<name>"], "network namespace of the socket", |to, args| {
        set(to, SocketOption::Namespace(name(args[0], 255, "a network namespace")?))
    }),
    flag("nolinger", Scope::Both, "closing resets the connection", |to, _| set(to, SocketOption::NoLinger)),
    valued("notsent-lowat", Scope::Both, &["<bytes>"], "unsent bytes that the kernel buffers", |to, args| {
        set(to, SocketOption::NotSentLowat(number(args[0], 1, i32::MAX as u64)?))
    }),
    valued("rcvbuf", Scope::Both, &["<bytes>"], "receive buffer of the kernel", |to, args| {
        set(to, SocketOption::ReceiveBuffer(number(args[0], 1, i32::MAX as u64)?))
    }),
    valued("sndbuf", Scope::Both, &["<bytes>"], "send buffer of the kernel", |to, args| {
        set(to, SocketOption::SendBuffer(number(args[0], 1, i32::MAX as u64)?))
    }),
    valued(
        "source",
        Scope::Server,
        &["<addr>[:<port>[-<port>]]"],
        "address that connections come from",
        |to, args| set(to, SocketOption::Source(source(args[0])?)),
    ),
    valued("tcp-md5sig", Scope::Both, &["<password>"], "TCP MD5 signatures", |to, args| {
        let expected = || {
            let found = format!("{} bytes", args[0].len());
            KeywordError::first(&found, format!("a key of 1 to {} bytes", Secret::MAX))
        };
        set(to, SocketOption::Md5Signature(Secret::new(args[0]).ok_or_else(expected)?))
    }),
    valued(
        "tcp-ss",
        Scope::Bind,
        &["<mode>"],
        "keep the SYN: 0 no, 1 its headers, 2 also the link's",
        |to, args| set(to, SocketOption::SaveSyn(number(args[0], 0, 2)?)),
    ),
    valued(
        "tcp-ut",
        Scope::Both,
        &["<time>"],
        "longest time sent data may stay unacknowledged",
        |to, args| set(to, SocketOption::UserTimeout(milliseconds(args)?)),
    ),
    flag("tfo", Scope::Both, "TCP Fast Open", |to, _| set(to, SocketOption::FastOpen)),
    valued("tos", Scope::Both, &["<number>"], "type of service, traffic class on IPv6", |to, args| {
        set(to, SocketOption::Tos(number(args[0], 0, 255)?))
    }),
    flag("transparent", Scope::Bind, "bind to an address that is not of this host", |to, _| {
        set(to, SocketOption::Transparent)
    }),
    valued(
        "usesrc",
        Scope::Server,
        &["client|clientip|hdr_ip(<name>[,<occurrence>])|<addr>"],
        "foreign source address",
        |to, args| {
            let from = match args[0] {
                "client" => UseSource::Client,
                "clientip" => UseSource::ClientIp,
                other if other.starts_with("hdr_ip") => UseSource::Field(source_field(other)?),
                other => UseSource::Address(source_address(other).map_err(|error| KeywordError {
                    expected: format!("'client', 'clientip', 'hdr_ip(..)', {}", error.expected),
                    ..error
                })?),
            };
            set(to, SocketOption::UseSource(from))
        },
    ),
    flag("v4v6", Scope::Bind, "an IPv6 address takes IPv4 too", |to, _| set(to, SocketOption::V4V6)),
    flag("v6only", Scope::Bind, "an IPv6 address takes IPv6 only", |to, _| set(to, SocketOption::V6Only)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the options that a keyword stores in the settings, as text, or its error.
    fn apply(name: &str, args: &[&str]) -> String {
        let keyword = KEYWORDS.iter().find(|keyword| keyword.name == name).unwrap();
        assert_eq!(keyword.arguments.len(), args.len(), "{name}");
        let mut settings = Settings::default();
        match (keyword.apply)(&mut settings, &Words::new(args)) {
            Ok(()) => settings.options.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_keyword_sets_the_option_of_its_name() {
        for keyword in KEYWORDS {
            let fitting = ["1", "100", "1s", "eth0", "192.0.2.1"];
            let set = fitting.iter().map(|arg| apply(keyword.name, &vec![*arg; keyword.arguments.len()]));
            let named = |text: String| text.split(' ').next() == Some(keyword.name);
            assert!(set.into_iter().any(named), "{keyword:?}");
            assert!(!keyword.help.is_empty(), "{keyword:?}");
        }
        assert!(KEYWORDS.is_sorted_by_key(|keyword| keyword.name));
    }

    #[test]
    fn the_error_of_a_value_out_of_range_has_the_range() {
        for (name, arg, expected) in [
            ("mss", "87", "'87' is not a number from 88 to 32767"),
            ("mss", "+100", "'+100' is not a number from 88 to 32767"),
            ("mss", "", "'' is not a number from 88 to 32767"),
            ("tos", "256", "'256' is not a number from 0 to 255"),
            ("mark", "4294967296", "'4294967296' is not a number from 0 to 4294967295"),
            ("keepalive-count", "128", "'128' is not a number from 1 to 127"),
            ("keepalive-idle", "500ms", "'500ms' is not a whole number of seconds from 1 to 32767"),
            ("keepalive-idle", "0", "'0' is not a whole number of seconds from 1 to 32767"),
            ("keepalive-idle", "1500ms", "'1500ms' is not a whole number of seconds from 1 to 32767"),
            ("tcp-ut", "5x", "'5x' is not a time: a number and one of us, ms, s, m, h, d"),
            ("tcp-ut", "25d", "'25d' is not a time of at most 24 days"),
            (
                "cc",
                "0123456789abcdef",
                "'0123456789abcdef' is not the name of a congestion control algorithm, 1 to 15 bytes without '/'",
            ),
            ("interface", "a/b", "'a/b' is not the name of a network interface, 1 to 15 bytes without '/'"),
            ("source", "localhost", "'localhost' is not an IP address, or one with a port"),
            ("source", "127.0.0.1:+10", "'127.0.0.1:+10' is not an IP address, or one with a port"),
            ("source", "ipv6@127.0.0.1", "'ipv6@127.0.0.1' is not an IP address, or one with a port"),
            ("source", "a:0-20", "'a:0-20' is not an IP address with ports from 1 to 65535, in order"),
            ("source", ":20-10", "':20-10' is not an IP address with ports from 1 to 65535, in order"),
            ("source", ":10-70000", "':10-70000' is not an IP address with ports from 1 to 65535, in order"),
            (
                "usesrc",
                ":10-20",
                "':10-20' is not 'client', 'clientip', 'hdr_ip(..)', an IP address, or one with a port",
            ),
            (
                "source",
                "fd00::1",
                "'fd00::1' is not an IP address, or one with a port: an IPv6 address alone needs brackets",
            ),
            ("source", "[::1", "'[::1' is not an IP address, or one with a port"),
            (
                "usesrc",
                "server",
                "'server' is not 'client', 'clientip', 'hdr_ip(..)', an IP address, or one with a port",
            ),
            (
                "usesrc",
                "hdr_ip(x,0)",
                "'hdr_ip(x,0)' is not 'hdr_ip(<name>[,<occurrence>])': the first value of the field is 1, the last -1, \
                 the furthest -10",
            ),
        ] {
            assert_eq!(apply(name, &[arg]), expected);
        }
    }

    #[test]
    fn no_key_is_shown_whether_it_is_valid_or_not() {
        assert_eq!(apply("tcp-md5sig", &["secret"]), "tcp-md5sig ...");
        let long = apply("tcp-md5sig", &[&"secret".repeat(20)]);
        assert_eq!(long, "'120 bytes' is not a key of 1 to 80 bytes");
    }
}
