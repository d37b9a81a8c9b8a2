//! `base32`, `url32`, `base32+src`, `url32+src`: hashes of what a request is for, without and with the address of its
//! client, as keys for counting.

use std::borrow::Cow;
use std::net::IpAddr;

use proxy_http::Target;
use proxy_http::list::values;

use super::simple::simple;
use crate::context::Context;
use crate::hash::avalanche;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Mixes the sdbm hash of two texts in a row. As in HAProxy on x86 a byte is a signed number.
fn hash([first, second]: [&[u8]; 2]) -> u32 {
    let add =
        |hash: u32, byte: &u8| hash.wrapping_mul(65_599).wrapping_add_signed(i32::from(byte.cast_signed()));
    avalanche(first.iter().chain(second).fold(0, add))
}

/// Returns the hash of the host and of the path, with the query if `with_query` is set.
fn target(context: &Context<'_>, with_query: bool) -> Option<u32> {
    let request = context.request.as_deref()?;
    let host = request.fields().get(b"host").unwrap_or_default();
    // HAProxy takes the field for a list here, but not as a whole.
    let host = if with_query { host } else { values(host).next().unwrap_or_default() };
    let target = Target::parse(request.target());
    let path = if with_query { target.path_and_query } else { target.path };
    Some(hash([host, if path.starts_with(b"/") { path } else { b"" }]))
}

/// Returns the bytes of a hash, and those of the client's address.
fn with_source<'c>(context: &'c Context<'_>, with_query: bool) -> Option<Sample<'c>> {
    let source = context.source().known_as()?.ip();
    let mut bytes = target(context, with_query)?.to_be_bytes().to_vec();
    match source {
        IpAddr::V4(source) => bytes.extend_from_slice(&source.octets()),
        IpAddr::V6(source) => bytes.extend_from_slice(&source.octets()),
    }
    Some(Sample::Binary(Cow::Owned(bytes)))
}

simple!("base32", Type::Integer, Need::Request, "a hash of the host and the path", |context| {
    Some(Sample::Integer(target(context, false)?.into()))
});
simple!("url32", Type::Integer, Need::Request, "a hash of the host, the path and the query", |context| {
    Some(Sample::Integer(target(context, true)?.into()))
});
simple!(
    "base32+src",
    Type::Binary,
    Need::Request,
    "a hash of the host and the path, and the client's address",
    |context| with_source(context, false)
);
simple!(
    "url32+src",
    Type::Binary,
    Need::Request,
    "a hash of the host, the path and the query, and the client's address",
    |context| with_source(context, true)
);
