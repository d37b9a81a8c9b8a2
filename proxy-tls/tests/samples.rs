//! The samples of bytes that content rules inspect, and when they wait for more. `tests/tests/http/cases/tls.case` has
//! the same from end to end, and HAProxy is tested with it too.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod common;

use common::{records, vector};
use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::memory::{self, MemoryStream};
use proxy_config::Sources;
use proxy_rules::inputs::Inputs;
use proxy_rules::{Buffered, Context, FetchEntry, Sample, SessionFacts, Variables};
use proxy_tls as _;

/// A session whose facts do not matter.
struct Session(Address, MemoryStream);

impl SessionFacts for Session {
    fn source(&self) -> &Address {
        &self.0
    }

    fn destination(&self) -> &Address {
        &self.0
    }

    fn listener_name(&self) -> Option<&str> {
        None
    }

    fn listener_number(&self) -> u32 {
        1
    }

    fn frontend_name(&self) -> &str {
        "f"
    }

    fn backend_name(&self) -> Option<&str> {
        None
    }

    fn client(&self) -> Sampled<'_> {
        Sampled::new(&self.1)
    }
}

/// Returns all values of a fetch from some bytes as text, or an error if it waits for more bytes.
fn all(name: &str, bytes: &[u8], may_grow: bool) -> Result<Vec<String>, &'static str> {
    let span = Sources::span(Sources::default().add("", ""), 1, 0, 0);
    let fetch = (FetchEntry::find(name).unwrap().make)(&mut Inputs::new(name, &[], span)).unwrap();
    let stream = memory::pair(memory::address("client"), memory::address("server")).0;
    let session = Session(Address::Inet("192.0.2.1:1".parse().unwrap()), stream);
    let (mut variables, mut scratch) = (Variables::default(), Vec::new());
    let mut context = Context::new(&session, &mut variables, &mut scratch);
    let buffered = Some(Buffered { bytes, may_grow });
    (context.request_bytes, context.response_bytes) = (buffered, buffered);
    if fetch.is_undetermined(&context) {
        return Err("more");
    }
    let mut all = Vec::new();
    fetch.each(&context, &mut |sample| {
        all.push(match sample {
            Sample::Integer(number) => format!("{number:#x}"),
            Sample::Bool(truth) => truth.to_string(),
            other => other.bytes().unwrap().escape_ascii().to_string(),
        });
        false
    });
    Ok(all)
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector(2, body)].concat()
}

fn hello(extensions: &[Vec<u8>]) -> Vec<u8> {
    let fixed = [&[3, 3][..], &[7; 32], &[0], &vector(2, b"\x13\x01\xc0\x2b"), &[1, 0]].concat();
    [fixed, vector(2, &extensions.concat())].concat()
}

#[test]
fn values_of_a_hello() {
    let body = hello(&[
        extension(0, &vector(2, &[&[0][..], &vector(2, b"a.example")].concat())),
        extension(10, &vector(2, b"\0\x1d\0\x17")),
        extension(13, &vector(2, b"\x04\x03")),
        extension(16, &vector(2, b"\x02h2\x08http/1.1")),
        extension(35, b""),
        extension(
            51,
            &vector(2, &[&b"\0\x1d"[..], &vector(2, b"key"), b"\0\x17", &vector(2, b"k")].concat()),
        ),
    ]);
    // In one record it is borrowed, in several it is not.
    for size in [16_384, 20] {
        let bytes = records(1, &body, size);
        for (name, expected) in [
            ("req.ssl_hello_type", &["0x1"][..]),
            ("res.ssl_hello_type", &["0x1"]),
            ("req.ssl_ver", &["0x30003"]),
            ("req.ssl_sni", &["a.example"]),
            ("req.ssl_alpn", &["h2", "http/1.1"]),
            ("req.ssl_st_ext", &["0x1"]),
            ("req.ssl_ec_ext", &["true"]),
            ("req.ssl_cipherlist", &["\\x13\\x01\\xc0+"]),
            ("req.ssl_supported_groups", &["\\x00\\x1d\\x00\\x17"]),
            ("req.ssl_sigalgs", &["\\x04\\x03"]),
            ("req.ssl_keyshare_groups", &["\\x00\\x1d\\x00\\x17"]),
        ] {
            assert_eq!(all(name, &bytes, false).unwrap(), expected, "{name} in records of {size}");
            for end in 0..bytes.len() {
                assert_eq!(all(name, &bytes[..end], true), Err("more"), "{name} of {end} bytes");
                assert_eq!(all(name, &bytes[..end], false), Ok(vec![]), "{name} of {end} bytes");
            }
        }
    }
}

#[test]
fn bytes_that_are_not_a_hello() {
    for name in ["req.ssl_hello_type", "req.ssl_sni", "req.ssl_ver", "req.ssl_st_ext", "req.ssl_cipherlist"] {
        assert_eq!(all(name, b"GET / HTTP/1.1\r\n", true), Ok(vec![]), "{name}");
        assert_eq!(all(name, b"", false), Ok(vec![]), "{name}");
    }
    let server = records(2, &[&[3, 3][..], &[7; 60]].concat(), 100);
    assert_eq!(all("res.ssl_hello_type", &server, true).unwrap(), ["0x2"]);
    assert_eq!(all("req.ssl_sni", &server, true), Ok(vec![]));
}

#[test]
fn session_tickets() {
    let of =
        |extensions: &[Vec<u8>]| all("req.ssl_st_ext", &records(1, &hello(extensions), 1000), false).unwrap();
    assert_eq!(of(&[extension(23, b"some other")]), ["0x0"]);
    assert_eq!(of(&[extension(23, b"some other"), extension(35, b"ticket")]), ["0x2"]);
    assert_eq!(of(&[b"\0\0\xff\xffcut short".to_vec()]), Vec::<String>::new());
}

#[test]
fn a_hello_of_ssl_2() {
    let bytes = [&b"\x80\x1c\x01\x03\x01\0\x03\0\0\0\x10"[..], &[7; 19]].concat();
    assert_eq!(all("req.ssl_ver", &bytes, true).unwrap(), ["0x30001"]);
    assert_eq!(all("req.ssl_ver", &bytes[..20], true), Err("more"));
    assert_eq!(all("req.ssl_ver", &bytes[..20], false), Ok(vec![]));
    assert_eq!(all("req.ssl_hello_type", &bytes, true), Ok(vec![]));
}
