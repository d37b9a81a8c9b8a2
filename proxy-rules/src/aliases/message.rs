//! `%HM`, `%HU`, `%HP`, `%HPO`, `%HQ`, `%HV`, `%ST`: the start lines.

use std::borrow::Cow;

use proxy_http::{Request, Target};

use crate::context::Context;
use crate::format::AliasEntry;
use crate::points::Need;
use crate::sample::Sample;

/// A part of the request line.
fn part<'c>(context: &'c Context<'_>, part: fn(&'c Request) -> Cow<'c, [u8]>) -> Option<Sample<'c>> {
    Some(Sample::Text(part(context.request.as_deref()?)))
}

fn before(byte: u8, text: &[u8]) -> &[u8] {
    memchr::memchr(byte, text).map_or(text, |at| &text[..at])
}

inventory::submit! {
    AliasEntry::new("HM", Need::RequestLine, "the method", |context| {
        part(context, |request| request.method_name().into())
    })
}

inventory::submit! {
    AliasEntry::new("HU", Need::RequestLine, "the target", |context| {
        part(context, |request| request.target().into())
    })
}

inventory::submit! {
    AliasEntry::new("HP", Need::RequestLine, "the target without its query", |context| {
        part(context, |request| before(b'?', request.target()).into())
    })
}

inventory::submit! {
    AliasEntry::new("HPO", Need::RequestLine, "the path", |context| {
        part(context, |request| Target::parse(request.target()).path.into())
    })
}

inventory::submit! {
    AliasEntry::new("HQ", Need::RequestLine, "the query, with its question mark", |context| {
        part(context, |request| {
            let target = request.target();
            target[before(b'?', target).len()..].into()
        })
    })
}

inventory::submit! {
    AliasEntry::new("HV", Need::RequestLine, "the version of the request", |context| {
        part(context, |request| match (request.version().major, request.version().minor) {
            (1, 0) => b"HTTP/1.0"[..].into(),
            (1, 1) => b"HTTP/1.1"[..].into(),
            _ => request.version().to_string().into_bytes().into(),
        })
    })
}

inventory::submit! {
    AliasEntry::new("ST", Need::ResponseLine, "the status of the response", |context| {
        Some(Sample::Integer(context.response.as_deref()?.status().into()))
    })
}
