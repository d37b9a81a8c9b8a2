//! Packets, each of which was compared with HAProxy.

use super::*;

fn text(text: &str) -> Vec<u8> {
    [&u16::try_from(text.len()).unwrap().to_be_bytes()[..], text.as_bytes()].concat()
}

fn packet(first: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    [&[first, u8::try_from(body.len()).unwrap()][..], &body].concat()
}

fn is_valid(bytes: &[u8]) -> Option<bool> {
    match Packet::read(bytes) {
        Progress::NeedMore => None,
        Progress::Invalid => Some(false),
        Progress::Done(_) => Some(true),
    }
}

fn value(bytes: &[u8], kind: &str, field: &str) -> Option<String> {
    let kind = PacketType::find(kind).unwrap();
    let field = Field::find(kind, field).unwrap();
    let Progress::Done(packet) = Packet::read(bytes) else { panic!("invalid") };
    assert_eq!(packet.kind, kind);
    Some(match packet.value(field)? {
        Value::Number(number) => number.to_string(),
        Value::Bytes(place) => String::from_utf8(bytes[place].to_vec()).unwrap(),
    })
}

#[test]
fn first_packets_of_clients() {
    let old = packet(
        0x10,
        &[&text("MQTT"), &[4, 0xee, 0, 60], &text("me"), &text("t"), &text("w"), &text("u"), &text("p")],
    );
    assert_eq!(is_valid(&old), Some(true));
    assert!((0..old.len()).all(|end| is_valid(&old[..end]).is_none()));
    for (field, expected) in [
        ("protocol_name", Some("MQTT")),
        ("protocol_version", Some("4")),
        ("flags", Some("238")),
        ("keepalive", Some("60")),
        ("client_identifier", Some("me")),
        ("will_topic", Some("t")),
        ("will_payload", Some("w")),
        ("username", Some("u")),
        ("password", Some("p")),
        ("17", None),
        ("1", None),
    ] {
        assert_eq!(value(&old, "connect", field).as_deref(), expected, "{field}");
    }

    let properties =
        [&[17, 0, 0, 0, 9, 39, 0, 0, 0, 20, 38][..], &text("a"), &text("b"), &[38], &text("a"), &text("b")]
            .concat();
    let will = [&[3][..], &text("text/plain")].concat();
    let new = packet(
        0x10,
        &[
            &text("MQTT"),
            &[5, 4, 0, 60, u8::try_from(properties.len()).unwrap()],
            &properties,
            &text(""),
            &[u8::try_from(will.len()).unwrap()],
            &will,
            &text("t"),
            &text("w"),
        ],
    );
    for (field, expected) in [
        ("17", Some("9")),
        ("39", Some("20")),
        ("33", Some("0")),
        ("3", Some("text/plain")),
        ("24", Some("0")),
        ("8", None),
        ("21", None),
        ("client_identifier", None),
        ("username", None),
    ] {
        assert_eq!(value(&new, "1", field).as_deref(), expected, "{field}");
    }
}

#[test]
fn first_packets_of_servers() {
    let old = packet(0x20, &[&[0, 0]]);
    assert_eq!(value(&old, "connack", "protocol_version").as_deref(), Some("4"));
    let new = packet(0x20, &[&[1, 5, 8, 34, 0, 10, 18], &text("ab")]);
    for (field, expected) in [
        ("flags", Some("1")),
        ("reason_code", Some("5")),
        ("34", Some("10")),
        ("18", Some("ab")),
        ("36", Some("0")),
    ] {
        assert_eq!(value(&new, "CONNACK", field).as_deref(), expected, "{field}");
    }
    assert_eq!(is_valid(&packet(0x20, &[&[0, 0, 0]])), Some(true));
}

#[test]
fn packets_that_others_follow() {
    let ping = [0xc0, 0];
    let followed = |packet: Vec<u8>| is_valid(&[&packet[..], &ping].concat());
    assert_eq!(followed(packet(0x10, &[&text("MQTT"), &[4, 2, 0, 60], &text("me")])), Some(true));
    assert_eq!(followed(packet(0x20, &[&[0, 0, 0]])), Some(true));
    assert_eq!(followed(packet(0x20, &[&[0, 0]])), Some(false), "without properties, as in HAProxy");
}

#[test]
fn what_is_none() {
    let connect =
        |version: u8, flags: u8, rest: &[u8]| packet(0x10, &[&text("MQTT"), &[version, flags, 0, 60], rest]);
    assert_eq!(is_valid(&connect(4, 2, &text("me"))), Some(true));
    for (why, bytes) in [
        ("type 0", packet(0, &[])),
        ("flags of the type", packet(0x11, &[&text("MQTT"), &[4, 0, 0, 60], &text("me")])),
        ("a ping", packet(0xc0, &[])),
        ("length", vec![0x10, 0xff, 0xff, 0xff, 0xff, 1]),
        ("name", packet(0x10, &[&text("MQTX"), &[4, 0, 0, 60], &text("me")])),
        ("version", connect(6, 0, &text("me"))),
        ("reserved flag", connect(4, 1, &text("me"))),
        ("quality of no will", connect(4, 0x18, &text("me"))),
        ("too much", connect(4, 0, &[&text("me")[..], &[0]].concat())),
        ("too little", connect(4, 0, &[0, 3, b'm'])),
        ("no user", connect(4, 0x80, &text("me"))),
        ("property of servers", connect(5, 0, &[&[2, 36, 1][..], &text("me")].concat())),
        ("property twice", connect(5, 0, &[&[6, 34, 0, 1, 34, 0, 1][..], &text("me")].concat())),
        ("property that is 0", connect(5, 0, &[&[3, 33, 0, 0][..], &text("me")].concat())),
        ("property cut short", connect(5, 0, &[&[2, 34, 0][..], &text("me")].concat())),
        ("flag of 2", connect(5, 0, &[&[2, 23, 2][..], &text("me")].concat())),
        ("data without method", connect(5, 0, &[&[4, 22, 0, 1, 7][..], &text("me")].concat())),
        ("flags of CONNACK", packet(0x20, &[&[2, 0]])),
        ("empty name", packet(0x20, &[&[0, 0, 3, 18, 0, 0]])),
    ] {
        assert_eq!(is_valid(&bytes), Some(false), "{why}");
    }
}

#[test]
fn fields_that_packets_do_not_have() {
    for (kind, field) in
        [("connect", "reason_code"), ("connect", "36"), ("connack", "username"), ("pingreq", "38")]
    {
        assert_eq!(Field::find(PacketType::find(kind).unwrap(), field), None, "{kind} {field}");
    }
    for kind in ["", "0", "16", "CONNECTED"] {
        assert_eq!(PacketType::find(kind), None, "{kind}");
    }
    assert_eq!(Field::names(PacketType(12)), Vec::<String>::new());
}
