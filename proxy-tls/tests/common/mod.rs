//! Builders and checks of hellos.

use std::fmt::Debug;

use proxy_tls::client_hello::MESSAGE_TYPE;
use proxy_tls::handshake::Message;
use proxy_tls::{ClientHello, Progress, handshake, sslv2};

/// Returns the bytes with their length in `size` bytes before them.
pub(crate) fn vector(size: usize, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().to_be_bytes();
    [&length[length.len() - size..], bytes].concat()
}

/// Returns a message in records of at most `size` bytes.
#[allow(dead_code, reason = "not every test program uses it")]
pub(crate) fn records(kind: u8, body: &[u8], size: usize) -> Vec<u8> {
    let message = [&[kind], &vector(3, body)[..]].concat();
    message.chunks(size).flat_map(|piece| [&[22, 3, 1], &vector(2, piece)[..]].concat()).collect()
}

/// Checks what is true for any bytes.
#[allow(dead_code, reason = "not every test program uses it")]
pub(crate) fn laws(bytes: &[u8]) {
    stable(bytes, |bytes| handshake::read(bytes).map(|message| (message.kind, message.body.into_owned())));
    stable(bytes, sslv2::read_header);
    if let Progress::Done(message) = handshake::read(bytes) {
        assert!(message.body.len() + 9 <= bytes.len() && message.body.len() <= handshake::LONGEST);
        looked_into(&message);
    }
    looked_into(&Message {
        record_version: proxy_tls::Version::TLS_1_0,
        kind: MESSAGE_TYPE,
        body: bytes.into(),
    });
}

/// Checks that more bytes do not change a result.
fn stable<'b, T: PartialEq + Debug>(bytes: &'b [u8], read: impl Fn(&'b [u8]) -> Progress<T>) {
    let mut before = Progress::NeedMore;
    for end in 0..=bytes.len() {
        let now = read(&bytes[..end]);
        assert!(before.needs_more() || before == now, "{before:?} and then {now:?} of {:x?}", &bytes[..end]);
        before = now;
    }
}

/// Checks that all parts of a hello are within its message.
fn looked_into(message: &Message<'_>) {
    let Some(hello) = ClientHello::parse(&message.body) else { return };
    let body = message.body.as_ptr_range();
    let check = |part: &[u8]| {
        let part = part.as_ptr_range();
        assert!(body.start <= part.start && part.end <= body.end);
    };
    check(hello.random);
    check(hello.session_id);
    check(hello.cipher_suites.bytes());
    check(hello.compression_methods);
    let parts = [hello.server_name(), hello.point_formats(), hello.session_ticket()];
    parts.into_iter().flatten().for_each(check);
    hello.protocol_names().into_iter().flatten().for_each(check);
    hello.key_shares().into_iter().flatten().for_each(|share| check(share.key));
    let lists = [hello.supported_groups(), hello.signature_algorithms()];
    lists.into_iter().flatten().for_each(|list| check(list.bytes()));
    assert!(hello.supported_versions().into_iter().flatten().count() < 128);
    if let Some(extensions) = hello.extensions {
        let length: usize = extensions.map(|extension| 4 + extension.body.len()).sum();
        assert!(length <= message.body.len());
    }
}
