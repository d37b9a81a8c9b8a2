//! `req.ssl_cipherlist`, `req.ssl_supported_groups`, `req.ssl_sigalgs`, `req.ssl_keyshare_groups`: what the client
//! supports, as numbers of two bytes each.

use std::borrow::Cow;

use proxy_rules::{Sample, Type};

use super::hello::of_hello;

of_hello!(
    "req.ssl_cipherlist",
    Type::Binary,
    "the cipher suites in the client's TLS hello",
    |hello, visit| visit(Sample::Binary(hello.cipher_suites.bytes().into()))
);

of_hello!(
    "req.ssl_supported_groups",
    Type::Binary,
    "the groups in the client's TLS hello",
    |hello, visit| {
        hello.supported_groups().is_some_and(|groups| visit(Sample::Binary(groups.bytes().into())))
    }
);

of_hello!(
    "req.ssl_sigalgs",
    Type::Binary,
    "the signature algorithms in the client's TLS hello",
    |hello, visit| {
        hello.signature_algorithms().is_some_and(|list| visit(Sample::Binary(list.bytes().into())))
    }
);

of_hello!(
    "req.ssl_keyshare_groups",
    Type::Binary,
    "the groups of the keys in the client's TLS hello",
    |hello, visit| {
        let Some(shares) = hello.key_shares() else { return false };
        let groups: Vec<u8> = shares.flat_map(|share| share.group.to_be_bytes()).collect();
        !groups.is_empty() && visit(Sample::Binary(Cow::Owned(groups)))
    }
);
