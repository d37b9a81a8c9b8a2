//! What the table of headers (`tests/headers.txt`) does not cover: values, splits, limits, and written headers.

use std::net::SocketAddr;

use proptest::prelude::*;
use proto_core::address::{Address, UnixAddress};

use super::*;
use crate::{Addresses, HEADER_MAX};

fn address(text: &str) -> Address {
    Address::Inet(text.parse().unwrap())
}

fn done(bytes: &[u8]) -> (usize, Header) {
    match parse(bytes, HEADER_MAX) {
        Ok(Progress::Done { length, header }) => (length, header),
        other => panic!("{other:?} of {bytes:x?}"),
    }
}

fn code(bytes: &[u8], limit: usize) -> Option<ErrorCode> {
    parse(bytes, limit).unwrap_err().code
}

/// Reads no more bytes than the reader asks for, each time from the first byte on.
fn in_smallest_reads(bytes: &[u8]) -> (usize, Header) {
    let mut received = 0;
    loop {
        match parse(&bytes[..received], HEADER_MAX).unwrap() {
            Progress::NeedMore { at_least } => received += at_least,
            Progress::Done { length, header } => {
                assert_eq!(length, received, "read too much");
                return (length, header);
            }
        }
    }
}

fn check_every_split(wire: &[u8]) {
    let mut whole = wire.to_vec();
    whole.extend(b"GET / HTTP/1.1\r\n\r\n");
    let (length, header) = done(&whole);
    assert_eq!(length, wire.len());
    for end in 0..wire.len() {
        let progress = parse(&wire[..end], HEADER_MAX);
        let Ok(Progress::NeedMore { at_least }) = progress else { panic!("{progress:?} after {end}") };
        assert!(end + at_least <= wire.len(), "{at_least} more after {end} of {}", wire.len());
        assert!(at_least > 0);
    }
    for end in wire.len()..=whole.len() {
        assert_eq!(done(&whole[..end]), (length, header.clone()));
    }
    assert_eq!(in_smallest_reads(&whole), (length, header));
}

#[test]
fn values_are_found_by_type_and_checksums_are_kept_as_zero() {
    let extras = Extras {
        configured: &[(0xe0, b"one"), (0xe1, b""), (0xe0, b"two")],
        crc32c: true,
        alpn: Some(b"h2"),
        authority: Some(b"a.example"),
        unique_id: Some(b"id"),
        ..Extras::default()
    };
    let (source, destination) = (address("192.0.2.1:1111"), address("192.0.2.2:2222"));
    let wire = write_v2(Some(&source), Some(&destination), &extras, HEADER_MAX).unwrap();
    check_every_split(&wire);
    let (_, header) = done(&wire);
    assert_eq!(header.version(), Version::V2);
    assert_eq!((header.source(), header.destination()), (Some(source), Some(destination)));
    assert_eq!(header.values(0xe0).collect::<Vec<_>>(), [b"one", b"two"]);
    assert_eq!(header.value(0xe0), Some(&b"one"[..]));
    assert_eq!(header.value(0xe1), Some(&b""[..]));
    assert_eq!(header.value(0xe2), None);
    assert_eq!(header.authority(), Some(&b"a.example"[..]));
    assert_eq!(header.unique_id(), Some(&b"id"[..]));
    assert_eq!(header.value(kind::CRC32C), Some(&[0; 4][..]));
    let kinds: Vec<_> = header.tlvs().map(|tlv| tlv.kind).collect();
    assert_eq!(kinds, [0xe0, 0xe1, 0xe0, kind::CRC32C, kind::ALPN, kind::AUTHORITY, kind::UNIQUE_ID]);
}

#[test]
fn each_wrong_bit_of_a_header_with_a_checksum_is_detected() {
    let extras = Extras { crc32c: true, unique_id: Some(b"id"), ..Extras::default() };
    let (source, destination) = (address("192.0.2.1:1111"), address("192.0.2.2:2222"));
    let wire = write_v2(Some(&source), Some(&destination), &extras, HEADER_MAX).unwrap();
    let values = 28;
    for bit in values * 8..wire.len() * 8 {
        let mut wrong = wire.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        // A value whose type is no longer that of a checksum is not checked.
        if bit / 8 != values {
            assert_eq!(code(&wrong, HEADER_MAX), Some(ErrorCode::PrxBadHdr), "bit {bit}");
        }
    }
}

#[test]
fn a_refused_value_comes_after_addresses_which_the_log_shows() {
    let addresses = Addresses::new(
        "192.0.2.1:1111".parse::<SocketAddr>().unwrap(),
        "192.0.2.2:2222".parse::<SocketAddr>().unwrap(),
    );
    let mut wire =
        write_v2(Some(&addresses.source()), Some(&addresses.destination()), &Extras::default(), HEADER_MAX)
            .unwrap();
    wire[15] += 1;
    wire.push(0);
    let refused = parse(&wire, HEADER_MAX).unwrap_err();
    assert_eq!(refused, Refused { code: Some(ErrorCode::PrxBadHdr), addresses: Some(addresses) });
}

#[test]
fn a_header_has_to_end_within_the_limit() {
    let line = b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n";
    assert!(matches!(parse(line, line.len()), Ok(Progress::Done { .. })));
    for limit in 0..line.len() {
        assert_eq!(code(line, limit), Some(ErrorCode::PrxTruncated), "{limit}");
    }
    let mut wire = SIGNATURE_AND_LOCAL.to_vec();
    wire.extend([0x3f, 0xf1]);
    assert_eq!(code(&wire, HEADER_MAX), Some(ErrorCode::PrxTruncated));
    wire[15] = 0xf0;
    let missing = HEADER_MAX - wire.len();
    assert_eq!(parse(&wire, HEADER_MAX), Ok(Progress::NeedMore { at_least: missing }));
    assert_eq!(
        code(&[b"PROXY TCP6 ".as_slice(), &[b'1'; 20_000]].concat(), HEADER_MAX),
        Some(ErrorCode::PrxTruncated)
    );
}

const SIGNATURE_AND_LOCAL: [u8; 14] = *b"\r\n\r\n\0\r\nQUIT\n\x20\0";

#[test]
fn what_ends_early_is_empty_or_truncated() {
    let code = |received: &[u8]| ended(received).code.unwrap();
    assert_eq!(code(b""), ErrorCode::PrxEmpty);
    for received in ["P", "PROXY TC", "PROXY TCP4 ", "PROXY TCP6 ::", "\r\n\r\n"] {
        assert_eq!(code(received.as_bytes()), ErrorCode::PrxTruncated, "{received}");
    }
    for received in ["PROXY TCP", "PROXY TCP6", "PROXY UNK", "PROXY UNKNOWN\r"] {
        assert_eq!(code(received.as_bytes()), ErrorCode::PrxBadProto, "{received}");
    }
}

#[test]
fn lines_are_written_for_each_pair_of_families() {
    let (four, six) = (address("192.0.2.1:1"), address("[2001:db8::1]:2"));
    let unix = Address::Unix(UnixAddress::Unnamed);
    let line = |source, destination| String::from_utf8(write_v1(source, destination)).unwrap();
    assert_eq!(line(Some(&four), Some(&four)), "PROXY TCP4 192.0.2.1 192.0.2.1 1 1\r\n");
    assert_eq!(line(Some(&six), Some(&six)), "PROXY TCP6 2001:db8::1 2001:db8::1 2 2\r\n");
    assert_eq!(line(Some(&four), Some(&six)), "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n");
    assert_eq!(line(Some(&six), Some(&four)), "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 2 1\r\n");
    for (source, destination) in [(None, Some(&four)), (Some(&six), None), (Some(&unix), Some(&four))] {
        assert_eq!(line(source, destination), "PROXY UNKNOWN\r\n");
    }
    let longest = address("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    assert_eq!(line(Some(&longest), Some(&longest)).len(), 104);
    let compatible = address("[::192.0.2.1]:1");
    assert_eq!(line(Some(&compatible), Some(&address("[::1]:2"))), "PROXY TCP6 ::192.0.2.1 ::1 1 2\r\n");
}

#[test]
fn a_header_of_two_families_is_ipv6_and_one_of_others_is_local() {
    let (four, six) = (address("192.0.2.1:1"), address("[2001:db8::1]:2"));
    let wire = write_v2(Some(&four), Some(&six), &Extras::default(), HEADER_MAX).unwrap();
    assert_eq!(wire[12..16], [0x21, 0x21, 0, 36]);
    assert_eq!(done(&wire).1.source(), Some(address("[::ffff:192.0.2.1]:1")));
    let extras = Extras { unique_id: Some(b""), ..Extras::default() };
    let wire = write_v2(Some(&four), None, &extras, HEADER_MAX).unwrap();
    assert_eq!(wire[12..], [0x20, 0, 0, 3, kind::UNIQUE_ID, 0, 0]);
}

/// The bytes that HAProxy 3.5 sent for these options.
#[test]
fn what_is_written_is_what_haproxy_writes() {
    let four = [address("192.0.2.1:1111"), address("192.0.2.2:2222")];
    let six = [address("[2001:db8::1]:1111"), address("[::ffff:192.0.2.2]:2222")];
    let written = |[source, destination]: &[Address; 2], extras| {
        let bytes = write_v2(Some(source), Some(destination), &extras, HEADER_MAX).unwrap();
        bytes[16..].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    // crc32c,unique-id,authority,ssl; the client has no TLS.
    let extras = Extras { crc32c: true, tls: Some(Tls::default()), ..Extras::default() };
    assert_eq!(
        written(&four, Extras { unique_id: Some(b"UID-192.0.2.1"), ..extras }),
        "c0000201c0000202045708ae0300040ab1a9ac05000d5549442d3139322e302e322e312000050000000000"
    );
    assert_eq!(
        written(&six, Extras { unique_id: Some(b"UID-2001:db8::1"), ..extras }),
        "20010db800000000000000000000000100000000000000000000ffffc0000202045708ae0300047594975805000f55\
         49442d323030313a6462383a3a312000050000000000"
    );
    // crc32c,authority,unique-id, and three values of the configuration; the frontend has no format of a unique ID.
    let extras = Extras {
        configured: &[(0xe0, b"192.0.2.1"), (0xe1, b""), (kind::AUTHORITY, b"foo")],
        crc32c: true,
        authority: Some(b"name"),
        unique_id: Some(b""),
        ..Extras::default()
    };
    assert_eq!(
        written(&four, extras),
        "c0000201c0000202045708aee000093139322e302e322e31e10000020003666f6f03000418d7e11c0200046e616d65050000"
    );
    // A health check, with crc32c,unique-id,ssl,authority.
    let extras = Extras { crc32c: true, tls: Some(Tls::default()), ..Extras::default() };
    let local = write_v2(None, None, &extras, HEADER_MAX).unwrap();
    assert_eq!(local[12..], *b"\x20\0\0\x0f\x03\0\x04\x88\x9d\xa1\xdf\x20\0\x05\0\0\0\0\0");
}

#[test]
fn tls_facts_are_a_value_of_values() {
    let written = |tls| {
        let extras = Extras { tls: Some(tls), ..Extras::default() };
        write_v2(None, None, &extras, HEADER_MAX).unwrap()[16..].to_vec()
    };
    let tls = Tls {
        used: false,
        certificate_in_connection: true,
        certificate_in_session: true,
        verify: 0x0102,
        version: Some(b"TLSv1.3"),
        common_name: Some(b"cn"),
        key_algorithm: Some(b"RSA2048"),
        signature_algorithm: Some(b"sig"),
        cipher: Some(b"ciph"),
    };
    assert_eq!(written(tls), b"\x20\0\x05\0\0\0\0\0");
    let all = written(Tls { used: true, ..tls });
    assert_eq!(
        all,
        b"\x20\0\x2b\x07\0\0\x01\x02\x21\0\x07TLSv1.3\x22\0\x02cn\x25\0\x07RSA2048\x24\0\x03sig\x23\0\x04ciph"
    );
    assert_eq!(Tlvs::new(&all[8..]).map(|tlv| tlv.kind).collect::<Vec<_>>(), [0x21, 0x22, 0x25, 0x24, 0x23]);
    let no_certificate = Tls { used: true, version: None, certificate_in_session: false, ..tls };
    assert_eq!(written(no_certificate)[..8], *b"\x20\0\x21\x01\0\0\0\0");
}

#[test]
fn values_that_do_not_fit_are_left_out_until_none_would() {
    let limit = 16 + 7 + 10;
    let written = |value: &[u8]| {
        let extras = Extras { configured: &[(0xe0, value)], crc32c: true, ..Extras::default() };
        write_v2(None, None, &extras, limit)
    };
    assert_eq!(written(&[1; 7]).unwrap().len(), limit);
    let (_, header) = done(&written(&[1; 15]).unwrap());
    assert_eq!(header.tlvs().map(|tlv| tlv.kind).collect::<Vec<_>>(), [kind::CRC32C]);
    assert_eq!(written(&[1; 8]).unwrap_err().to_string(), "the PROXY header is longer than 33 bytes");
    assert!(write_v2(None, None, &Extras::default(), 15).is_err());
}

fn any_address() -> impl Strategy<Value = Option<Address>> {
    prop_oneof![
        8 => any::<SocketAddr>().prop_map(|addr| {
            // Neither version has room for a scope or a flow.
            Some(Address::Inet(SocketAddr::new(addr.ip(), addr.port())))
        }),
        1 => Just(None),
    ]
}

fn told(source: &Option<Address>, destination: &Option<Address>) -> Option<(SocketAddr, SocketAddr)> {
    let (source, destination) = (source.as_ref()?.inet()?, destination.as_ref()?.inet()?);
    let as_told = |addr: SocketAddr| {
        let ip = if source.is_ipv4() && destination.is_ipv4() {
            addr.ip()
        } else {
            write_v1::as_ipv6(addr.ip()).into()
        };
        SocketAddr::new(ip, addr.port())
    };
    Some((as_told(source), as_told(destination)))
}

proptest! {
    #[test]
    fn what_is_written_is_read_however_it_is_split(
        source in any_address(),
        destination in any_address(),
        configured in prop::collection::vec((0x40..=0xff_u8, prop::collection::vec(any::<u8>(), 0..40)), 0..4),
        (crc32c, alpn, unique_id) in any::<(bool, Option<[u8; 3]>, Option<[u8; 16]>)>(),
    ) {
        let expected = told(&source, &destination);
        let configured: Vec<_> = configured.iter().map(|(kind, value)| (*kind, value.as_slice())).collect();
        let extras = Extras {
            configured: &configured,
            crc32c,
            alpn: alpn.as_ref().map(|value| value.as_slice()),
            unique_id: unique_id.as_ref().map(|value| value.as_slice()),
            ..Extras::default()
        };
        let line = write_v1(source.as_ref(), destination.as_ref());
        prop_assert!(line.len() <= 107);
        let binary = write_v2(source.as_ref(), destination.as_ref(), &extras, HEADER_MAX).unwrap();
        for wire in [&line, &binary] {
            check_every_split(wire);
            let (_, header) = done(wire);
            prop_assert_eq!(header.addresses().map(|both| (both.source, both.destination)), expected);
        }
        let (_, header) = done(&binary);
        let values: Vec<_> = header.tlvs().take(configured.len()).map(|tlv| (tlv.kind, tlv.value)).collect();
        prop_assert_eq!(values, configured);
    }

    #[test]
    fn bytes_after_a_verdict_do_not_change_it(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        command in 0x1f..0x23_u8,
        family in prop_oneof![Just(0x11_u8), Just(0x21), any::<u8>()],
        length in 0..50_u16,
    ) {
        let mut wire = SIGNATURE_AND_LOCAL.to_vec();
        (wire[12], wire[13]) = (command, family);
        wire.extend(length.to_be_bytes());
        wire.extend(bytes);
        let whole = parse(&wire, HEADER_MAX);
        for end in 16..wire.len() {
            match parse(&wire[..end], HEADER_MAX) {
                Ok(Progress::NeedMore { .. }) => {}
                verdict => prop_assert_eq!(&verdict, &whole),
            }
        }
    }
}

#[test]
fn types_are_written_as_in_c() {
    let number = kind::number;
    assert_eq!(["0", "255", "0xE1", "0Xff", "010", "007"].map(number), [0, 255, 0xe1, 255, 8, 7].map(Some));
    for none in ["", "256", "0x100", "0x", "-1", "+1", "0x+1", "0+7", "08", "e1", " 1", "1 ", "é", "0é"] {
        assert_eq!(number(none), None, "{none}");
    }
}
