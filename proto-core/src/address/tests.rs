//! Properties of the address language: what is printed can be read back, and no text causes a panic or an error with a
//! place outside it.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::layer::MOST_LAYERS;
use crate::prefix::{Prefix, Target};
use crate::protocol::{Kind, Slot, SocketType};
use crate::registry::Registry;
use crate::registry::stub::{VSOCK, registry};

const PLACES: &[Rules] = &[
    Rules::BIND,
    Rules::BIND.with_any_port(),
    Rules::SERVER,
    Rules::SOURCE,
    Rules::DATAGRAM,
    Rules::LOG,
    Rules::NAME_SERVER,
    Rules { port: PortRule::Forbidden, ..Rules::SERVER },
];

/// An environment of some variables, one of them with characters that are special to the parser.
struct Variables;

impl Environment for Variables {
    fn var(&self, name: &str) -> Option<String> {
        match name {
            "HOST" => Some("192.0.2.7".to_owned()),
            "ODD" => Some("ä@[:$".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }
}

/// The parts of an address. Which protocol it selects depends on the place.
#[derive(Clone, Debug)]
struct Parts {
    layers: Vec<&'static str>,
    modifier: Option<Prefix>,
    prefix: Option<Prefix>,
    host: Host,
    port: Port,
}

impl Parts {
    /// Returns the value that these parts have in a place, or `None` if they are not allowed there. This is a second
    /// implementation of the parser's rules.
    fn admitted(&self, registry: &Registry, rules: &Rules) -> Option<AddressSpec> {
        let written = [self.prefix, self.modifier];
        let types: Vec<SocketType> = written.iter().flatten().filter_map(|p| p.socket_type).collect();
        let targets: Vec<Target> = written.iter().flatten().filter_map(|p| p.target).collect();
        let same_type = types.windows(2).all(|pair| pair[0] == pair[1]);
        let same_target = targets.windows(2).all(|pair| pair[0] == pair[1]);
        let socket_type = types.first().copied().unwrap_or(rules.types[0]);
        let target = targets.first().copied().unwrap_or(Selector::plain(socket_type).target);
        let selector = Selector { socket_type, target, families: self.prefix.and_then(|p| p.families) };

        let name = matches!(self.host, Host::Name(_));
        let families = self.host.family().map_or(Family::INTERNET.to_vec(), |family| vec![family]);
        let protocols: Vec<_> = families.iter().filter_map(|f| registry.select(&selector, *f)).collect();
        let datagrams = match &self.host {
            Host::Fd(_) => (socket_type, target) == (SocketType::Datagram, Target::Slot(Slot::Alternate)),
            _ => protocols.iter().any(|found| found.descriptor().kind == Kind::Datagram),
        };
        let port = match self.port {
            Port::None => rules.port != PortRule::Mandatory || !families.iter().any(|f| f.is_internet()),
            _ if rules.port == PortRule::Forbidden => false,
            Port::One(port) => port != 0 || rules.any_port,
            Port::Range(low, _) => rules.range && low != 0,
            Port::Offset(_) => rules.offset,
        };
        let fits = match &self.host {
            Host::Unix(UnixAddress::Path(path)) => {
                path.as_os_str().len() + rules.path_reserve <= UNIX_PATH_MAX
            }
            _ => true,
        };
        let is_stream = protocols.iter().all(|found| found.descriptor().kind == Kind::Stream);
        let layers = match self.layers.len() {
            0 => true,
            n => n <= MOST_LAYERS && rules.layers && is_stream,
        };
        let admitted = same_type
            && layers
            && same_target
            && rules.types.contains(&socket_type)
            && (rules.datagrams || !datagrams)
            && port
            && fits
            && (rules.names || !name)
            && (rules.inherited || !matches!(self.host, Host::Fd(_)))
            && (matches!(self.host, Host::Fd(_)) || !protocols.is_empty());
        admitted.then(|| self.spec(selector))
    }

    fn spec(&self, selector: Selector) -> AddressSpec {
        let Parts { layers, modifier, prefix, host, port } = self.clone();
        AddressSpec { layers, modifier, prefix, selector, host, port }
    }
}

fn hosts() -> impl Strategy<Value = Host> {
    let name = "[a-z][a-z0-9_]{0,8}(-[a-z0-9]{1,4})?(\\.[a-z]{1,5}){0,2}\\.?";
    let path = "[^\0]{1,120}".prop_filter("fits", |path| path.len() <= UNIX_PATH_MAX);
    let abstract_name = path.clone();
    prop_oneof![
        3 => any::<u32>().prop_map(|bits| Host::Ip(std::net::Ipv4Addr::from(bits).into())),
        3 => any::<u128>().prop_map(|bits| Host::Ip(std::net::Ipv6Addr::from(bits).into())),
        1 => any::<u32>().prop_map(|bits| {
            Host::Ip(std::net::Ipv4Addr::from(bits).to_ipv6_mapped().into())
        }),
        1 => Just(Host::Ip(std::net::Ipv6Addr::UNSPECIFIED.into())),
        2 => name.prop_map(|name| Host::Name(HostName::parse(&name).unwrap())),
        2 => (any::<bool>(), path).prop_map(|(absolute, path)| {
            let path = if absolute { format!("/{}", path.strip_prefix('/').unwrap_or(&path)) } else { path };
            Host::Unix(UnixAddress::Path(PathBuf::from(path.chars().take(100).collect::<String>())))
        }),
        2 => (any::<bool>(), abstract_name)
            .prop_map(|(padded, name)| Host::Unix(UnixAddress::Abstract { name, padded })),
        1 => (0..=i32::MAX).prop_map(Host::Fd),
        1 => (any::<u32>(), any::<u32>()).prop_map(|(cid, port)| {
            Host::Other(OtherAddress::new(VSOCK, format!("{cid}:{port}")))
        }),
    ]
}

fn ports() -> impl Strategy<Value = Port> {
    prop_oneof![
        3 => (1..=u16::MAX).prop_map(Port::One),
        1 => Just(Port::None),
        1 => (0..u16::MAX, 1..=u16::MAX)
            .prop_filter_map("runs upwards", |(low, high)| (low < high).then_some(Port::Range(low, high))),
        1 => (-65_535..=65_535).prop_map(Port::Offset),
    ]
}

/// Parts that can be written down: a host after a prefix that admits its family.
fn parts() -> impl Strategy<Value = Parts> {
    let registry = registry();
    let (modifiers, prefixes): (Vec<_>, Vec<_>) = registry.prefixes().partition(Prefix::is_modifier);
    let modifier = proptest::option::weighted(0.3, proptest::sample::select(modifiers));
    let layer = proptest::sample::select(vec!["lz", "rot-13"]);
    let layers = prop_oneof![3 => Just(Vec::new()), 1 => proptest::collection::vec(layer, 0..6)];
    (hosts(), ports(), modifier, layers, any::<usize>()).prop_map(
        move |(host, port, modifier, layers, pick)| {
            let family = host.family();
            let leads = |prefix: &Prefix| {
                let families = prefix.families.unwrap_or_default();
                match family {
                    Some(family) => families.contains(&family),
                    None => families.iter().any(|family| family.is_internet()),
                }
            };
            let mut choices: Vec<Option<Prefix>> =
                prefixes.iter().filter(|prefix| leads(prefix)).map(|prefix| Some(*prefix)).collect();
            let internet = family.is_none_or(Family::is_internet);
            if internet || host.to_string().starts_with('/') && family == Some(Family::UNIX) {
                choices.push(None);
            }
            let prefix = choices[pick % choices.len()];
            Parts { layers, modifier, prefix, host, port: if internet { port } else { Port::None } }
        },
    )
}

/// Text similar to the language: its own words in any order, with anything between.
fn near_text() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "tcp@",
        "mptcp6@",
        "ipv4@",
        "unix@",
        "abns@",
        "fd@",
        "vsock@",
        "rhttp@",
        "tpc@",
        "lz+",
        "rot-13+",
        "stream+",
        "dgram+",
        "quic+",
        "+",
        "@",
        "[",
        "]",
        "::",
        ":",
        "::1",
        "*",
        "192.0.2.1",
        "localhost",
        "80",
        "65536",
        "-",
        "/run/x",
        "$",
        "${",
        "}",
        "${HOST}",
        "$ODD",
        "${EMPTY}",
        "${UNSET}",
        "%eth0",
        "ä",
        "\0",
        " ",
    ])
    .prop_map(str::to_owned);
    let piece = prop_oneof![8 => word, 1 => any::<String>(), 1 => "\\PC{0,3}"];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn has_a_valid_place(error: &AddressError, text: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(&error.text, text);
    prop_assert!(error.offset <= text.len(), "{:?}", error);
    prop_assert!(text.is_char_boundary(error.offset), "{:?}", error);
    prop_assert!((1..=text.chars().count() + 1).contains(&error.column()), "{:?}", error);
    // The text is printed on a terminal, which nothing in it may control.
    prop_assert!(!error.to_string().contains(char::is_control), "{:?}", error);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_printed_address_reads_back_where_it_is_allowed(parts in parts()) {
        let registry = registry();
        for rules in PLACES {
            let read = |text: &str| Parser::new(&registry, rules).parse_expanded(text);
            match parts.admitted(&registry, rules) {
                Some(spec) => {
                    let text = spec.to_string();
                    let again = read(&text);
                    prop_assert_eq!(again.as_ref(), Ok(&spec), "{}", text);
                }
                None => {
                    let text = parts.spec(Selector::plain(SocketType::Stream)).to_string();
                    // Port 0 is no port where none is needed; everything else is refused.
                    let nothing = parts.port == Port::One(0) && rules.port == PortRule::Optional;
                    prop_assert!(nothing || read(&text).is_err(), "{} in {:?}", text, rules);
                }
            }
        }
    }

    #[test]
    fn every_error_has_a_place_in_the_text(text in near_text()) {
        let registry = registry();
        for rules in PLACES {
            let parser = Parser::new(&registry, rules);
            match parser.parse(&text, &Variables) {
                Ok(spec) => prop_assert!(spec.addresses().is_ok() || spec.host.family().is_none()
                    || matches!(spec.host, Host::Fd(_)) || matches!(spec.port, Port::Offset(_))),
                Err(error) => has_a_valid_place(&error, &text)?,
            }
            match parser.parse_expanded(&text) {
                // What can be read can be printed, and reads the same.
                Ok(spec) => {
                    let again = parser.parse_expanded(&spec.to_string());
                    prop_assert_eq!(again.as_ref(), Ok(&spec));
                }
                Err(error) => has_a_valid_place(&error, &text)?,
            }
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let registry = registry();
        for rules in PLACES {
            let parser = Parser::new(&registry, rules).with_path_prefix("/run");
            for result in [parser.parse(&text, &Variables), parser.parse_expanded(&text)] {
                if let Err(error) = result {
                    has_a_valid_place(&error, &text)?;
                }
            }
        }
    }
}

#[test]
fn a_mistake_in_the_value_of_a_variable_is_shown_at_the_variable() {
    let registry = registry();
    let parser = Parser::new(&registry, &Rules::BIND);
    let error = parser.parse("tcp@${ODD}:80", &Variables).unwrap_err();
    assert_eq!((error.offset, error.column()), (4, 5));
    let error = parser.parse("${HOST}:${UNSET}8x", &Variables).unwrap_err();
    assert_eq!(error.offset, "${HOST}:${UNSET}".len());
    assert_eq!(
        error.to_string(),
        "in '${HOST}:${UNSET}8x', column 17: '8x' is not a port number; the environment variable UNSET is not set"
    );
}

#[test]
fn a_path_has_room_for_the_temporary_names_and_the_common_prefix() {
    let registry = registry();
    let parser = Parser::new(&registry, &Rules::BIND);
    let longest = format!("/{}", "x".repeat(UNIX_PATH_MAX - Rules::BIND.path_reserve - 1));
    assert!(parser.parse_expanded(&longest).is_ok());
    let error = parser.parse_expanded(&format!("{longest}x")).unwrap_err();
    assert!(error.to_string().ends_with("it has 98 bytes, but a socket address holds at most 97"), "{error}");
    let error = parser.with_path_prefix("/run").parse_expanded(&longest).unwrap_err();
    assert!(
        error.to_string().ends_with("it has 101 bytes, but a socket address holds at most 97"),
        "{error}"
    );
    let spec = parser.with_path_prefix("/run").parse_expanded("unix@/a").unwrap();
    assert_eq!(spec.host, Host::Unix(UnixAddress::Path(PathBuf::from("/run/a"))));
}

#[test]
fn a_range_is_one_address_for_each_port() {
    let registry = registry();
    let parser = Parser::new(&registry, &Rules::BIND);
    let ports = |text: &str| -> Vec<u16> {
        let addresses = parser.parse_expanded(text).unwrap().addresses().unwrap();
        addresses.iter().map(|address| address.inet().unwrap().port()).collect()
    };
    assert_eq!(ports(":8000-8003"), [8000, 8001, 8002, 8003]);
    assert_eq!(ports(":65534-65535"), [65534, 65535]);
    assert_eq!(ports(":80-80"), [80]);
}

#[test]
fn what_has_to_be_looked_up_first_is_an_error() {
    let registry = registry();
    let unresolved = |rules: &Rules, text: &str| {
        let spec = Parser::new(&registry, rules).parse_expanded(text).unwrap();
        spec.addresses().unwrap_err().to_string()
    };
    assert_eq!(
        unresolved(&Rules::SERVER, "a.example:80"),
        "'a.example' is a name that has not been resolved"
    );
    assert_eq!(unresolved(&Rules::BIND, "fd@7"), "file descriptor 7 has not been inspected");
    assert_eq!(
        unresolved(&Rules::SERVER, "192.0.2.1:-8000"),
        "the port is relative to that of the incoming connection"
    );
    let spec = Parser::new(&registry, &Rules::SERVER).parse_expanded("mptcp6@a.example:80").unwrap();
    assert!(!spec.admits([192, 0, 2, 1].into()));
    assert!(spec.admits(std::net::Ipv6Addr::LOCALHOST.into()));
    assert_eq!(spec.with_ip(std::net::Ipv6Addr::LOCALHOST.into()).to_string(), "mptcp6@[::1]:80");
}

#[test]
fn a_list_is_read_whole_and_every_mistake_in_it_is_reported() {
    let registry = registry();
    let parser = Parser::new(&registry, &Rules::BIND);
    let texts = |list: &str| -> Vec<String> {
        parser.parse_list(list, &Variables).unwrap().iter().map(AddressSpec::to_string).collect()
    };
    assert_eq!(texts("${HOST}:80,mptcp6@:443,/run/x"), ["192.0.2.7:80", "mptcp6@[::]:443", "/run/x"]);
    assert_eq!(texts(":80,"), ["0.0.0.0:80"]);
    let errors = parser.parse_list("tpc@:80,:80,,${HOST}:x", &Variables).unwrap_err();
    let messages: Vec<String> =
        errors.iter().map(|error| format!("{} {}", error.column(), error.kind)).collect();
    assert_eq!(
        messages,
        [
            "1 unknown prefix 'tpc@'; did you mean 'tcp@'?",
            "13 the address is empty",
            "22 'x' is not a port number"
        ]
    );
    for nothing in ["", ","] {
        assert!(parser.parse_list(nothing, &Variables).is_err());
    }
}

#[test]
fn layers_come_first_and_wrap_what_follows() {
    let registry = registry();
    let read = |rules, text: &str| Parser::new(&registry, rules).parse_expanded(text);
    let layers = |rules, text: &str| read(rules, text).unwrap().layers;
    assert_eq!(layers(&Rules::BIND, "lz+mptcp@:80"), ["lz"]);
    assert_eq!(layers(&Rules::BIND, "lz+rot-13+stream+unix@/x+y"), ["lz", "rot-13"]);
    assert_eq!(layers(&Rules::SERVER, "lz+lz+a.example:80"), ["lz", "lz"]);
    assert_eq!(layers(&Rules::BIND, "lz+fd@3"), ["lz"]);
    let wrong = |rules, text: &str| {
        let error = read(rules, text).unwrap_err();
        format!("{} {}", error.column(), error.kind)
    };
    assert_eq!(wrong(&Rules::BIND, "lzz+tcp@:80"), "1 unknown prefix 'lzz+'; did you mean 'lz+'?");
    assert_eq!(wrong(&Rules::BIND, "stream+lz+tcp@:80"), "8 the layer 'lz+' must come before 'stream+'");
    assert_eq!(wrong(&Rules::BIND, "lz+lz+lz+lz+lz+:80"), "13 more than 4 layers around one address");
    assert_eq!(
        wrong(&Rules::BIND, "lz+quic4@:80"),
        "4 the layer 'lz+' is for streams; quicv4 is a multiplexed protocol"
    );
    assert_eq!(
        wrong(&Rules::SERVER, "lz+udp@127.0.0.1:514"),
        "4 the layer 'lz+' is for streams; udpv4 is a datagram protocol"
    );
    assert_eq!(wrong(&Rules::SOURCE, "lz+127.0.0.1"), "1 a layer is not allowed here");
    assert_eq!(wrong(&Rules::LOG, "lz+127.0.0.1"), "1 a layer is not allowed here");
}
