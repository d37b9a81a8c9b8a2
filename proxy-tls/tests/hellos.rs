//! Any hello is parsed into the values that it was made of, in any number of records.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod common;

use common::{records, vector};
use proptest::collection::vec;
use proptest::prelude::*;
use proxy_tls::{ClientHello, Progress, Version, handshake};

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector(2, body)].concat()
}

prop_compose! {
    fn list()(list in vec(any::<u16>(), 1..20)) -> Vec<u16> { list }
}

proptest! {
    #[test]
    fn all_values_are_parsed(
        random in any::<[u8; 32]>(),
        session in vec(any::<u8>(), 0..=32),
        suites in list(),
        groups in list(),
        algorithms in list(),
        versions in list(),
        name in vec(any::<u8>(), 1..300),
        protocols in vec(vec(any::<u8>(), 1..256), 1..4),
        keys in vec((any::<u16>(), vec(any::<u8>(), 1..2000)), 0..4),
        formats in vec(any::<u8>(), 1..4),
        ticket in vec(any::<u8>(), 0..300),
        unknown in (1000_u16.., vec(any::<u8>(), 0..300)),
        size in prop_oneof![1_usize..40, 40_usize..16_384],
        after in vec(any::<u8>(), 0..20),
    ) {
        let name_entry = [&[0][..], &vector(2, &name)].concat();
        let names: Vec<u8> = protocols.iter().flat_map(|name| vector(1, name)).collect();
        let shares: Vec<u8> =
            keys.iter().flat_map(|(group, key)| [&group.to_be_bytes()[..], &vector(2, key)].concat()).collect();
        let said = [
            (unknown.0, unknown.1.clone()),
            (0, vector(2, &name_entry)),
            (10, vector(2, &numbers(&groups))),
            (13, vector(2, &numbers(&algorithms))),
            (16, vector(2, &names)),
            (43, vector(1, &numbers(&versions))),
            (51, vector(2, &shares)),
            (11, vector(1, &formats)),
            (35, ticket.clone()),
        ];
        let all: Vec<u8> = said.iter().flat_map(|(kind, body)| extension(*kind, body)).collect();
        let body = [
            &[3, 3][..],
            &random,
            &vector(1, &session),
            &vector(2, &numbers(&suites)),
            &vector(1, &[0]),
            &vector(2, &all),
        ]
        .concat();
        let bytes = [&records(1, &body, size)[..], &after].concat();

        let end = bytes.len() - after.len();
        prop_assert!(handshake::read(&bytes[..end - 1]).needs_more());
        let Progress::Done(message) = handshake::read(&bytes) else { panic!("no message") };
        prop_assert_eq!((message.kind, &*message.body), (1, &*body));
        let hello = ClientHello::parse(&message.body).unwrap();
        prop_assert_eq!(hello.version, Version { major: 3, minor: 3 });
        prop_assert_eq!(hello.random, &random);
        prop_assert_eq!(hello.session_id, &*session);
        prop_assert!(hello.cipher_suites.eq(suites));
        prop_assert_eq!(hello.compression_methods, &[0]);
        prop_assert_eq!(hello.server_name(), Some(&*name));
        prop_assert!(hello.supported_groups().unwrap().eq(groups));
        prop_assert!(hello.signature_algorithms().unwrap().eq(algorithms));
        prop_assert!(hello.protocol_names().unwrap().eq(protocols));
        let versions = versions.iter().map(|version| Version::from_bytes(version.to_be_bytes()));
        prop_assert!(hello.supported_versions().unwrap().eq(versions));
        let read = hello.key_shares().unwrap().map(|share| (share.group, share.key.to_vec()));
        prop_assert!(read.eq(keys));
        prop_assert_eq!(hello.point_formats(), Some(&*formats));
        prop_assert_eq!(hello.session_ticket(), Some(&*ticket));
        let extensions = hello.extensions.unwrap();
        prop_assert!(extensions.are_sound());
        prop_assert!(extensions.map(|extension| (extension.kind, extension.body.to_vec())).eq(said));
    }
}
