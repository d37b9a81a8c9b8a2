//! Registrations that the registry refuses, and the protocols that prefixes select.

use super::stub::{LANGUAGE, LAYERS, OWN_FAMILY, THIRD, VSOCK, layer, registry, stub};
use std::os::fd::AsFd;

use super::*;
use crate::address::{Host, InheritedError, InheritedSocket, OtherAddress, Parser, Rules};
use crate::extension::KeywordError;
use crate::extension::{Access, CounterKind, SampleType, Scope, SectionKeyword, Side, Words};
use crate::protocol::{Descriptor, Kind, Slot, SocketType};
use crate::spec::Settings;

/// Returns the error of two conflicting registrations, which is the same in either link order and names both crates.
fn clash(a: Registration, b: Registration) -> String {
    let error = Registry::build([a, b]).unwrap_err();
    assert_eq!(Registry::build([b, a]).unwrap_err(), error);
    error.to_string()
}

fn bad_prefix(prefix: Prefix) -> String {
    let prefixes = Box::leak(Box::new([prefix]));
    let registration = Registration { prefixes, ..Registration::new("crate-a") };
    Registry::build([LANGUAGE, registration]).unwrap_err().to_string()
}

#[test]
fn one_name_twice_names_both_crates() {
    const TAKEN: &[fn() -> Arc<dyn Protocol>] = &[|| stub("ours", Kind::Stream, &[Family::UNIX], None)];
    let a = Registration { protocols: TAKEN, ..Registration::new("crate-a") };
    let b = Registration { protocols: TAKEN, ..Registration::new("crate-b") };
    assert_eq!(clash(a, b), "protocol 'ours' is registered by crate-a and by crate-b");
}

#[test]
fn one_cell_twice_names_both_crates_and_both_protocols() {
    const PLACE: Option<(SocketType, Slot)> = Some((SocketType::Stream, Slot::Alternate));
    let a = Registration {
        protocols: &[|| stub("one", Kind::Stream, &[Family::INET4, Family::INET6], PLACE)],
        ..Registration::new("crate-a")
    };
    let b = Registration {
        protocols: &[|| stub("two", Kind::Stream, &[Family::INET6], PLACE)],
        ..Registration::new("crate-b")
    };
    assert_eq!(
        clash(a, b),
        "the cell 'ipv6 stream alternate' (protocols 'one' and 'two') is registered by crate-a and by crate-b"
    );
}

#[test]
fn one_prefix_twice_names_both_crates() {
    const TAKEN: &[Prefix] = &[Prefix::family("mine@", &[Family::UNIX], "")];
    let a = Registration { prefixes: TAKEN, ..Registration::new("crate-a") };
    let b = Registration { prefixes: TAKEN, ..Registration::new("crate-b") };
    assert_eq!(clash(a, b), "prefix 'mine@' is registered by crate-a and by crate-b");
    const CORES: &[Prefix] = &[Prefix::family("fd@", &[Family::UNIX], "")];
    let core = Registration { prefixes: CORES, ..Registration::new("crate-a") };
    assert_eq!(
        Registry::build([core]).unwrap_err().to_string(),
        "prefix 'fd@' is registered by proto-core and by crate-a"
    );
}

#[test]
fn one_family_twice_names_both_crates() {
    let a = Registration { families: OWN_FAMILY.families, ..Registration::new("crate-a") };
    assert_eq!(clash(OWN_FAMILY, a), "family 'vsock' is registered by crate-a and by stub-vsock");
}

#[test]
fn one_keyword_twice_on_one_line_names_both_crates() {
    const fn keyword(scope: Scope) -> Keyword {
        Keyword {
            name: "depth",
            scope,
            of: None,
            arguments: &[],
            optional: None,
            help: "",
            apply: |_, _| Ok(()),
        }
    }
    const BIND: &[Keyword] = &[keyword(Scope::Bind)];
    const SERVER: &[Keyword] = &[keyword(Scope::Server)];
    const BOTH: &[Keyword] = &[keyword(Scope::Both)];
    let with = |origin, keywords| Registration { keywords, ..Registration::new(origin) };
    for (one, other) in [(BIND, BIND), (SERVER, SERVER), (BIND, BOTH), (BOTH, SERVER), (BOTH, BOTH)] {
        let message = clash(with("crate-a", one), with("crate-b", other));
        assert_eq!(message, "keyword 'depth' is registered by crate-a and by crate-b");
    }
    let registry = Registry::build([with("crate-a", BIND), with("crate-b", SERVER)]).unwrap();
    assert_eq!(registry.keyword(Scope::Bind, "depth").unwrap().scope, Scope::Bind);
    assert_eq!(registry.keyword(Scope::Server, "depth").unwrap().scope, Scope::Server);
    assert!(registry.keyword(Scope::Server, "width").is_none());
}

const NOT_ONE_WORD: &str = "its name is not one word";
const BAD_LETTER: &str = "its name is not made of letters, digits, '.', '-' and '_'";
const BAD_NAMES: &[(&str, &str)] = &[
    ("", NOT_ONE_WORD),
    ("very deep", NOT_ONE_WORD),
    ("deep\t", NOT_ONE_WORD),
    ("deep\u{a0}", NOT_ONE_WORD),
    ("deep(er)", BAD_LETTER),
    ("deep,er", BAD_LETTER),
    ("#deep", BAD_LETTER),
    ("tiefä", BAD_LETTER),
];

#[test]
fn a_keyword_that_no_line_can_hold_is_an_error() {
    const GOOD: Keyword = Keyword {
        name: "depth",
        scope: Scope::Bind,
        of: Some(&["lz", "tcpv4"]),
        arguments: &["<first>"],
        optional: None,
        help: "",
        apply: |_, words| {
            let first = words[0];
            first.parse::<u8>().map_err(|_| KeywordError::first(first, "a number"))?;
            Ok(())
        },
    };
    let build = |keyword| {
        let keywords = Box::leak(Box::new([keyword]));
        let registration = Registration { keywords, ..Registration::new("crate-a") };
        Registry::build([LANGUAGE, LAYERS, registration])
    };
    let bad = |keyword| build(keyword).unwrap_err().to_string();
    for (name, why) in BAD_NAMES {
        assert_eq!(bad(Keyword { name, ..GOOD }), format!("keyword '{name}' of crate-a: {why}"));
    }
    assert_eq!(
        bad(Keyword { of: Some(&["tcpv4", "tcpv5"]), ..GOOD }),
        "keyword 'depth' of crate-a: it applies to 'tcpv4', 'tcpv5'; no crate of this binary registers a protocol or \
         layer 'tcpv5'; did you mean 'tcpv4'?"
    );
    assert_eq!(
        bad(Keyword { of: Some(&[]), ..GOOD }),
        "keyword 'depth' of crate-a: it applies to no protocol and no layer"
    );
    let two = |_: &mut Settings, words: &Words<'_>| {
        let first = words[0];
        first.parse::<u8>().map_err(|_| KeywordError::first(first, "a number"))?;
        let _second = words[1];
        Ok(())
    };
    assert_eq!(
        bad(Keyword { apply: two, ..GOOD }),
        "keyword 'depth' of crate-a: its 'apply' reads arguments[1], and its 'arguments' declares one; optional words \
         are read with 'get'"
    );

    let registry = build(GOOD).unwrap();
    let serves = |protocol, layers: &[&str]| {
        registry.serves(Scope::Bind, "depth", &**registry.protocol(protocol).unwrap(), layers)
    };
    assert!(serves("tcpv4", &[]) && serves("mptcpv4", &["rot-13", "lz"]));
    assert!(!serves("mptcpv4", &[]) && !serves("mptcpv4", &["rot-13"]));
    assert!(!registry.serves(Scope::Server, "depth", &**registry.protocol("tcpv4").unwrap(), &[]));
    assert!(registry.serves(Scope::Bind, "backlog", &**registry.protocol("mptcpv4").unwrap(), &[]));
}

#[test]
fn one_sample_twice_names_both_crates() {
    const TAKEN: &[SampleFetch] = &[SampleFetch {
        name: "rtt",
        side: Side::Client,
        gives: SampleType::Integer,
        help: "",
        fetch: |_| None,
    }];
    let a = Registration { samples: TAKEN, ..Registration::new("crate-a") };
    let b = Registration { samples: TAKEN, ..Registration::new("crate-b") };
    assert_eq!(clash(a, b), "sample 'rtt' is registered by crate-a and by crate-b");
    assert_eq!(Registry::build([a]).unwrap().samples().count(), 1);
}

#[test]
fn a_sample_that_no_expression_can_name_is_an_error() {
    for (name, why) in BAD_NAMES {
        let (side, gives) = (Side::Client, SampleType::Integer);
        let samples = vec![SampleFetch { name, side, gives, help: "", fetch: |_| None }].leak();
        let registration = Registration { samples, ..Registration::new("crate-a") };
        let error = Registry::build([registration]).unwrap_err();
        assert_eq!(error.to_string(), format!("sample '{name}' of crate-a: {why}"));
    }
}

#[test]
fn a_layer_has_the_name_of_nothing_else() {
    let a = Registration { layers: LAYERS.layers, ..Registration::new("crate-a") };
    assert_eq!(clash(LAYERS, a), "layer 'lz' is registered by crate-a and by stub-layers");
    let bad = |name| {
        let layers = Box::leak(Box::new([layer(name)]));
        let registration = Registration { layers, ..Registration::new("crate-a") };
        Registry::build([LANGUAGE, registration]).unwrap_err().to_string()
    };
    let taken = "has registered the prefix";
    assert_eq!(bad("mptcp"), format!("layer 'mptcp' of crate-a: stub-language {taken} 'mptcp@'"));
    assert_eq!(bad("dgram"), format!("layer 'dgram' of crate-a: proto-core {taken} 'dgram+'"));
    assert_eq!(bad("rhttp"), "layer 'rhttp' of crate-a: 'rhttp@' is a prefix of a reverse-HTTP transport");
    for name in ["", "a b", "lz+", "ä"] {
        let why = "its name is not made of letters, digits, '-' and '_'";
        assert_eq!(bad(name), format!("layer '{name}' of crate-a: {why}"));
    }
    let registry = Registry::build([LAYERS]).unwrap();
    let names: Vec<_> = registry.layers().map(|layer| layer.name).collect();
    assert_eq!(names, ["lz", "rot-13"]);
    assert!(registry.to_string().contains("lz+                     stub-layers      a stub"), "{registry}");
}

#[test]
fn a_prefix_that_selects_nothing_is_an_error() {
    const STREAM: SocketType = SocketType::Stream;
    let cases: &[(Prefix, &str)] = &[
        (
            Prefix::family("x@", &[VSOCK], ""),
            "it selects the family 'vsock', which no crate of this binary registers",
        ),
        (
            Prefix::protocols("x@", Family::INTERNET, STREAM, &["tcpv4", "absent"], ""),
            "it selects 'tcpv4', 'absent'; no crate of this binary registers a protocol 'absent'",
        ),
        (
            Prefix::protocols("x@", &[Family::INET4], STREAM, &["tpcv4"], ""),
            "it selects 'tpcv4'; no crate of this binary registers a protocol 'tpcv4'; did you mean 'tcpv4'?",
        ),
        (Prefix::protocols("x@", &[Family::INET4], STREAM, &[], ""), "it selects no protocol"),
        (
            Prefix::protocols("x@", Family::INTERNET, STREAM, &["tcpv4"], ""),
            "it admits the family 'ipv6', which 'tcpv4' does not serve",
        ),
        (
            Prefix::slot("x@", &[Family::UNIX], STREAM, Slot::Alternate, ""),
            "it selects the cell 'unix stream alternate', which no protocol has",
        ),
        (
            Prefix::family("x@", &[], ""),
            "one with '@' admits at least one family, one with '+' leaves that to what follows",
        ),
        (
            Prefix::family("x+", &[Family::INET4], ""),
            "one with '@' admits at least one family, one with '+' leaves that to what follows",
        ),
    ];
    for (prefix, why) in cases {
        assert_eq!(bad_prefix(*prefix), format!("prefix '{}' of crate-a: {why}", prefix.text));
    }
}

#[test]
fn a_prefix_that_no_address_can_begin_with_is_an_error() {
    for prefix in [
        Prefix::family("plain", &[Family::INET4], ""),
        Prefix::family("@", &[Family::INET4], ""),
        Prefix::family("", &[Family::INET4], ""),
        Prefix::family("a:b@", &[Family::INET4], ""),
        Prefix::family("a@b@", &[Family::INET4], ""),
    ] {
        let message = bad_prefix(prefix);
        assert!(message.ends_with("a prefix is letters and digits, then '@' or '+'"), "{message}");
    }
}

/// A protocol whose type of socket this crate does not know: ordered packets, bound to any name.
#[derive(Debug)]
struct Packets(Descriptor);

impl Protocol for Packets {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }

    fn owns(&self, socket: &SocketFacts, fd: BorrowedFd<'_>) -> Option<Address> {
        // As with a family whose addresses only its own crate can read.
        let name = socket2::SockRef::from(&fd).local_addr().ok()?;
        let name = name.as_abstract_namespace()?;
        let host = String::from_utf8_lossy(name);
        let is_ours = socket.raw_type == socket2::Type::SEQPACKET;
        is_ours.then(|| Address::Other(OtherAddress::new(VSOCK, host)))
    }
}

#[test]
fn a_socket_of_a_kind_that_only_its_protocol_knows_is_claimed_by_that() {
    const FAMILIES: &[Family] = &[VSOCK];
    let descriptor =
        Descriptor { name: "packets", kind: Kind::Stream, families: FAMILIES, place: None, help: "" };
    let registry = Registry::from_protocols([Arc::new(Packets(descriptor)) as Arc<dyn Protocol>]).unwrap();
    let bound = |kind| {
        let socket = socket2::Socket::new(socket2::Domain::UNIX, kind, None).unwrap();
        let name = format!("\0braid-registry-{}-{kind:?}", std::process::id());
        socket.bind(&socket2::SockAddr::unix(&name).unwrap()).unwrap();
        (socket, name)
    };
    let (socket, name) = bound(socket2::Type::SEQPACKET);
    let number = std::os::fd::AsRawFd::as_raw_fd(&socket);
    let taken = InheritedSocket::take(number, SocketType::Stream).unwrap();
    assert_eq!((taken.facts.socket_type(), taken.facts.listening), (None, false));
    let (owner, address) = registry.owner_of(&taken.facts, socket.as_fd()).unwrap();
    assert_eq!(owner.descriptor().name, "packets");
    assert_eq!(address.to_string(), format!("vsock@{}", &name[1..]));

    let (other, name) = bound(socket2::Type::STREAM);
    let facts = InheritedSocket::facts_of(other.as_fd()).unwrap();
    assert!(registry.owner_of(&facts, other.as_fd()).is_none());
    assert_eq!(
        InheritedError::NotOwned { fd: 5, facts: Box::new(facts) }.to_string(),
        format!(
            "file descriptor 5 is a socket of family AF_UNIX (1), type SOCK_STREAM (1), protocol 0, bound to \
             abnsz@{}, and no protocol of this binary knows such a socket",
            &name[1..]
        )
    );
}

fn chosen(registry: &Registry, rules: &Rules, text: &str) -> &'static str {
    let spec = Parser::new(registry, rules).parse_expanded(text).unwrap();
    let family = spec.host.family().unwrap();
    registry.select(&spec.selector, family).unwrap().descriptor().name
}

#[test]
fn slot_and_row_select_the_protocol() {
    let registry = registry();
    for (text, name) in [
        ("192.0.2.1:80", "tcpv4"),
        ("[2001:db8::1]:80", "tcpv6"),
        ("tcp@192.0.2.1:80", "tcpv4"),
        ("stream+[::1]:80", "tcpv6"),
        ("mptcp@192.0.2.1:80", "mptcpv4"),
        ("mptcp@[::1]:80", "mptcpv6"),
        ("stream+mptcp6@:80", "mptcpv6"),
        ("quic4@:443", "quicv4"),
        ("quic+ipv6@:443", "quicv6"),
        ("dgram+quic6@:443", "quicv6"),
        ("/run/x", "unix"),
        ("abnsz@x", "unix"),
    ] {
        assert_eq!(chosen(&registry, &Rules::BIND, text), name, "{text}");
    }
    for (text, name) in [
        ("192.0.2.1:53", "udpv4"),
        ("dgram+ipv6@:53", "udpv6"),
        ("tcp@[::1]:53", "tcpv6"),
        ("quic+192.0.2.1:53", "quicv4"),
        ("/dev/log", "unixdg"),
        ("stream+/dev/log", "unix"),
    ] {
        assert_eq!(chosen(&registry, &Rules::DATAGRAM, text), name, "{text}");
    }
}

#[test]
fn a_third_stream_protocol_is_reached_by_its_own_prefix() {
    let registry = registry();
    assert_eq!(chosen(&registry, &Rules::BIND, "sctp@192.0.2.1:80"), "sctpv4");
    assert_eq!(chosen(&registry, &Rules::SERVER, "sctp@[::1]:80"), "sctpv6");
    assert_eq!(chosen(&registry, &Rules::SERVER, "192.0.2.1:80"), "tcpv4");
    let error = Parser::new(&registry, &Rules::BIND).parse_expanded("dgram+sctp@:80").unwrap_err();
    assert_eq!(error.kind.to_string(), "'dgram+' and 'sctp@' contradict each other");
}

#[test]
fn a_family_of_another_crate_is_read_by_its_own_parser() {
    let registry = registry();
    let spec = Parser::new(&registry, &Rules::BIND).parse_expanded("vsock@02:0080").unwrap();
    assert_eq!(spec.host.family(), Some(VSOCK));
    assert_eq!(spec.to_string(), "vsock@2:80");
    assert_eq!(chosen(&registry, &Rules::BIND, "vsock@2:80"), "vsock");
    let Host::Other(other) = spec.host else { panic!("{spec:?}") };
    assert_eq!(other.host(), "2:80");
    let error = Parser::new(&registry, &Rules::BIND).parse_expanded("vsock@two:80").unwrap_err();
    assert_eq!(
        error.to_string(),
        "in 'vsock@two:80', column 7: 'two:80' is not an address of the family vsock: cid:port, two numbers"
    );
    assert_eq!(registry.family(VSOCK).unwrap().family, VSOCK);
}

#[test]
fn a_registry_of_given_protocols_has_their_cells_and_the_plain_language() {
    let place = Some((SocketType::Stream, Slot::Default));
    let mine = || stub("mine", Kind::Stream, &[Family::INET4], place);
    let registry = Registry::from_protocols([mine()]).unwrap();
    assert_eq!(chosen(&registry, &Rules::BIND, "ipv4@:80"), "mine");
    assert!(registry.prefix("tcp@").is_none());
    let error = Parser::new(&registry, &Rules::BIND).parse_expanded("[::1]:80").unwrap_err();
    assert_eq!(
        error.kind.to_string(),
        "no stream protocol for the family ipv6 is built into this binary (proto-tcp is not linked)"
    );
    assert_eq!(
        Registry::from_protocols([mine(), mine()]).unwrap_err().to_string(),
        "protocol 'mine' is registered by the caller and by the caller"
    );
    assert_eq!(
        Registry::from_protocols([mine(), stub("other", Kind::Stream, &[Family::INET4], place)])
            .unwrap_err()
            .to_string(),
        "the cell 'ipv4 stream default' (protocols 'mine' and 'other') is registered by the caller and by the \
         caller"
    );
}

#[test]
fn the_listing_contains_every_protocol_cell_and_prefix() {
    let registry = registry();
    let listing = registry.to_string();
    for protocol in registry.protocols() {
        let descriptor = protocol.descriptor();
        assert!(listing.lines().any(|line| line.starts_with(&format!("  {} ", descriptor.name))));
        for cell in descriptor.cells() {
            let words = [cell.family.name(), &cell.socket_type.to_string(), &cell.slot.to_string()]
                .map(str::to_owned)
                .into_iter()
                .chain([descriptor.name.to_owned()]);
            let words: Vec<String> = words.collect();
            assert!(listing.lines().any(|line| line.split_whitespace().eq(words.iter())), "{words:?}");
        }
    }
    for prefix in registry.prefixes() {
        assert!(listing.lines().any(|line| line.starts_with(&format!("  {} ", prefix.text))), "{prefix:?}");
    }
    for origin in ["proto-core", LANGUAGE.origin, THIRD.origin, OWN_FAMILY.origin] {
        assert!(listing.contains(origin), "{origin}");
    }
}

#[test]
fn link_order_does_not_show() {
    let one = Registry::build([LANGUAGE, THIRD, OWN_FAMILY]).unwrap();
    let other = Registry::build([OWN_FAMILY, LANGUAGE, THIRD]).unwrap();
    assert_eq!(one.to_string(), other.to_string());
}

#[test]
fn sections_commands_and_counters_are_checked_when_they_are_registered() {
    const fn keyword(name: &'static str) -> SectionKeyword {
        SectionKeyword { name, arguments: &[], optional: None, help: "", apply: |_, _| Ok(()) }
    }
    const fn section(name: &'static str, keywords: &'static [SectionKeyword]) -> SectionEntry {
        SectionEntry { name, title: None, keywords, help: "" }
    }
    const fn counter(name: &'static str, kind: CounterKind) -> CounterEntry {
        CounterEntry { name, kind, help: "", read: || Some(0) }
    }
    const fn command(words: &'static [&'static str]) -> CommandEntry {
        CommandEntry { words, arguments: "", access: Access::User, help: "", run: |_| Ok(String::new()) }
    }
    let greedy = SectionKeyword {
        apply: |_, words| match words[0] {
            "" => Ok(()),
            word => Err(KeywordError::first(word, "")),
        },
        ..keyword("greedy")
    };
    let sections = |entry| Registration { sections: leak(entry), ..Registration::new("crate-a") };
    let commands = |entry| Registration { commands: leak(entry), ..Registration::new("crate-a") };
    let counters = |entry| Registration { counters: leak(entry), ..Registration::new("crate-a") };
    for (registration, expected) in [
        (sections(section("a b", &[])), "section 'a b' of crate-a: its name is not made of letters"),
        (
            sections(section("link", leak(keyword("")))),
            "section 'link' of crate-a: its keyword '' is not made of",
        ),
        (
            sections(section("link", Box::leak(Box::new([keyword("up"), keyword("up")])))),
            "section 'link' of crate-a: its keyword 'up' is registered twice",
        ),
        (
            sections(section("link", leak(greedy))),
            "section 'link' of crate-a: the 'apply' of its keyword 'greedy' reads arguments[0], and its 'arguments' \
             declares none; optional words are read with 'get'",
        ),
        (commands(command(&[])), "command '' of crate-a: it needs at least one word"),
        (commands(command(&["show", "a b"])), "command 'show a b' of crate-a: it needs at least one word"),
        (counters(counter("Links", CounterKind::Gauge)), "counter 'Links' of crate-a: its name is not made"),
        (
            counters(counter("links", CounterKind::Total)),
            "counter 'links' of crate-a: the name of a total ends",
        ),
        (
            counters(counter("links_total", CounterKind::Gauge)),
            "counter 'links_total' of crate-a: the name of",
        ),
    ] {
        let error = Registry::build([registration]).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    for (kind, registration) in [
        ("section 'link'", sections(section("link", &[]))),
        ("command 'show link'", commands(command(&["show", "link"]))),
        ("counter 'links'", counters(counter("links", CounterKind::Gauge))),
    ] {
        let b = Registration { origin: "crate-b", ..registration };
        assert_eq!(clash(registration, b), format!("{kind} is registered by crate-a and by crate-b"));
    }
}

fn leak<T>(entry: T) -> &'static [T] {
    Box::leak(Box::new([entry]))
}
