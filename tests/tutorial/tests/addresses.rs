//! The addresses of both transports, valid and invalid: protocol, canonical spelling, column and message.

use proto_core::Registry;
use proto_core::address::{AddressSpec, NoEnvironment, Parser, Rules};
use proto_core::family::Family;

use proto_tutorial as _;

fn parse(text: &str, rules: &Rules) -> Result<AddressSpec, String> {
    let registry = Registry::linked().expect("no registrations conflict");
    let parsed = Parser::new(&registry, rules).parse(text, &NoEnvironment);
    parsed.map_err(|error| format!("{}: {}", error.column(), error.kind))
}

/// Returns the protocol that an address selects, with its family.
fn selected(spec: &AddressSpec) -> (&'static str, Family) {
    let registry = Registry::linked().expect("no registrations conflict");
    let address = spec.addresses().expect("it is resolved").remove(0);
    let protocol = registry.select(&spec.selector, address.family()).expect("it has a protocol");
    (protocol.descriptor().name, address.family())
}

#[test]
fn one_prefix_selects_the_protocol_of_the_family() {
    for (text, protocol, family) in [
        ("scr@192.0.2.1:5000", "scr4", Family::INET4),
        ("scr@:5000", "scr4", Family::INET4),
        ("scr@[2001:db8::1]:5000", "scr6", Family::INET6),
        ("scr@:::5000", "scr6", Family::INET6),
        ("stream+scr@192.0.2.1:5000", "scr4", Family::INET4),
        ("room@lobby/7", "room", proto_tutorial::ROOM),
    ] {
        let spec = parse(text, &Rules::BIND).expect(text);
        assert_eq!(selected(&spec), (protocol, family), "{text}");
    }
    parse("scr@backend.example:5000", &Rules::SERVER).expect("a name is resolved later");
}

#[test]
fn rooms_have_one_spelling_which_is_read_again() {
    for (text, canonical) in [
        ("room@lobby/7", "room@lobby/7"),
        ("room@Lobby/007", "room@lobby/7"),
        ("room@back_room-2/0", "room@back_room-2/0"),
        ("room@x/65535", "room@x/65535"),
    ] {
        let spec = parse(text, &Rules::BIND).expect(text);
        assert_eq!(spec.to_string(), canonical);
        assert_eq!(parse(canonical, &Rules::BIND).as_ref(), Ok(&spec));
        let address = spec.addresses().expect("there is nothing to look up").remove(0);
        assert_eq!(address.to_string(), canonical, "a log shows what a person can write");
    }
}

#[test]
fn a_range_of_doors_is_each_of_them() {
    let spec = parse("room@Lobby/07-9", &Rules::BIND).expect("a range");
    assert_eq!(spec.to_string(), "room@lobby/7-9");
    assert_eq!(parse("room@lobby/7-9", &Rules::BIND).as_ref(), Ok(&spec));
    let doors: Vec<String> =
        spec.addresses().expect("they are resolved").iter().map(ToString::to_string).collect();
    assert_eq!(doors, ["room@lobby/7", "room@lobby/8", "room@lobby/9"]);
    assert_eq!(selected(&spec), ("room", proto_tutorial::ROOM));

    let one = parse("room@lobby/7-7", &Rules::BIND).expect("a range of one");
    assert_eq!(one.to_string(), "room@lobby/7");
    let all = parse("room@lobby/1-65535", &Rules::BIND).expect("all doors");
    assert_eq!(all.addresses().map(|doors| doors.len()), Ok(65535));

    // A server has only one door.
    let refused = parse("room@lobby/7-9", &Rules::SERVER);
    assert_eq!(refused, Err("6: a range of addresses is not allowed here".to_owned()));
    assert!(parse("room@lobby/7-7", &Rules::SERVER).is_ok());
}

#[test]
fn rules_and_logs_use_a_loopback_address_for_a_door() {
    let spec = parse("room@lobby/7", &Rules::BIND).expect("a door");
    let address = spec.addresses().expect("it is resolved").remove(0);
    assert_eq!(address.known_as(), "127.0.0.1:7".parse().ok());
    assert_eq!(address.inet(), None, "no transport of the Internet would listen on it");
}

#[test]
fn mistakes_are_reported_with_their_place() {
    let long = format!("room@{}/1", "x".repeat(65));
    for (text, expected) in [
        (
            "room@lobby",
            "6: 'lobby' is not an address of the family room: a room is a name, '/' and the number of a \
                        door, such as 'lobby/7'",
        ),
        ("room@", "6: '' is not an address of the family room: a room is a name"),
        ("room@/7", "the name of a room is missing"),
        ("room@the lobby/7", "character ' ' is not allowed in the name of a room"),
        ("room@lobby/", "'' is not a door"),
        ("room@lobby/+7", "'+7' is not a door"),
        ("room@lobby/65536", "'65536' is not a door, which is a number from 0 to 65535"),
        ("room@lobby/7:80", "'7:80' is not a door"),
        ("room@lobby/9-7", "a range of doors begins at 1 or more"),
        ("room@lobby/0-7", "a range of doors begins at 1 or more"),
        ("room@lobby/7-", "'' is not a door"),
        ("room@lobby/-7", "'' is not a door"),
        ("room@lobby/7-8-9", "'8-9' is not a door"),
        (&*long, "the name of a room has at most 64 bytes, this one has 65"),
        ("rooms@lobby/7", "1: unknown prefix 'rooms@'; did you mean 'room@'?"),
        ("dgram+scr@192.0.2.1:1", "1: 'dgram+' and 'scr@' contradict each other"),
        ("scr@192.0.2.1", "14: the port is missing"),
        ("scr@/run/x.sock:1", "5: '/run/x.sock' is not an address of the family ipv4"),
    ] {
        let error = parse(text, &Rules::BIND).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}
