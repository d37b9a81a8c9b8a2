//! `%r`, `%HM`, `%HU`, `%HP`, `%HPO`, `%HQ`, `%HV`: the request line and its parts.
//!
//! A log line shows the request line as received, even if rules changed the request; one that does not consist of three
//! words is shown as HAProxy shows it. Rules see the request as it is at that moment.

use std::borrow::Cow;

use proxy_http::{Request, Target};

use super::simple::alias;
use crate::context::Context;
use crate::escape::Map;
use crate::format::Field;

/// The text in place of an invalid request.
const BAD_REQUEST: &[u8] = b"<BADREQ>";
/// The version of a request line that has none.
const NO_VERSION: &[u8] = b"HTTP/0.9";

/// The parts of a request line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts<'r> {
    method: &'r [u8],
    /// `None` if there is nothing after the method.
    target: Option<&'r [u8]>,
    /// Everything after the target.
    version: &'r [u8],
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns the text before the first blank, and the text after the blanks there; `None` without a blank.
fn word(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Some(end) = text.iter().position(is_blank) else { return (text, None) };
    let rest = &text[end..];
    let begin = rest.iter().position(|byte| !is_blank(byte)).unwrap_or(rest.len());
    (&text[..end], Some(&rest[begin..]))
}

impl Parts<'_> {
    fn of(line: &[u8]) -> Parts<'_> {
        let (method, rest) = word(line);
        let Some(rest) = rest else { return Parts { method, target: None, version: b"" } };
        let (target, version) = word(rest);
        Parts { method, target: Some(target), version: version.unwrap_or_default() }
    }
}

/// Writes a part of the request line.
fn part(
    context: &Context<'_>,
    field: &mut Field<'_>,
    of_line: for<'r> fn(&Parts<'r>) -> &'r [u8],
    of_request: for<'r> fn(&'r Request) -> Cow<'r, [u8]>,
) {
    let text = match (context.record, context.request.as_deref()) {
        (Some(record), _) if !record.request_line().is_empty() => {
            let parts = Parts::of(record.request_line());
            Cow::Borrowed(if parts.target.is_none() { BAD_REQUEST } else { of_line(&parts) })
        }
        (None, Some(request)) => of_request(request),
        _ => BAD_REQUEST.into(),
    };
    field.escaped(&text, Map::Url);
}

fn before(byte: u8, text: &[u8]) -> &[u8] {
    memchr::memchr(byte, text).map_or(text, |at| &text[..at])
}

fn path(target: &[u8]) -> &[u8] {
    Target::parse(target).path
}

fn query(target: &[u8]) -> &[u8] {
    &target[before(b'?', target).len()..]
}

fn version(request: &Request) -> Cow<'_, [u8]> {
    match (request.version().major, request.version().minor) {
        (1, 0) => b"HTTP/1.0"[..].into(),
        (1, 1) => b"HTTP/1.1"[..].into(),
        _ => request.version().to_string().into_bytes().into(),
    }
}

alias!("r", RequestLine, "the request line", |context, field| match (
    context.record,
    context.request.as_deref()
) {
    (Some(record), _) if !record.request_line().is_empty() => field.escaped(record.request_line(), Map::Url),
    (None, Some(request)) => {
        let mut line = Vec::with_capacity(64 + request.target().len());
        line.extend_from_slice(request.method_name());
        line.push(b' ');
        line.extend_from_slice(request.target());
        line.push(b' ');
        line.extend_from_slice(&version(request));
        field.escaped(&line, Map::Url);
    }
    _ => field.escaped(BAD_REQUEST, Map::Url),
});
alias!("HM", RequestLine, "the method", |context, field| {
    part(context, field, |parts| parts.method, |request| request.method_name().into());
});
alias!("HU", RequestLine, "the target", |context, field| {
    part(context, field, |parts| parts.target.unwrap_or_default(), |request| request.target().into());
});
alias!("HP", RequestLine, "the target without its query", |context, field| {
    part(
        context,
        field,
        |parts| before(b'?', parts.target.unwrap_or_default()),
        |request| before(b'?', request.target()).into(),
    );
});
alias!("HPO", RequestLine, "the path", |context, field| {
    part(
        context,
        field,
        |parts| path(parts.target.unwrap_or_default()),
        |request| path(request.target()).into(),
    );
});
alias!("HQ", RequestLine, "the query, with its question mark", |context, field| {
    part(
        context,
        field,
        |parts| query(parts.target.unwrap_or_default()),
        |request| query(request.target()).into(),
    );
});
alias!("HV", RequestLine, "the version of the request", |context, field| {
    part(context, field, |parts| if parts.version.is_empty() { NO_VERSION } else { parts.version }, version);
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_fall_into_three() {
        for (line, method, target, version) in [
            ("GET /a?b HTTP/1.1", "GET", Some("/a?b"), "HTTP/1.1"),
            ("GET  /a\tHTTP/1.1 x", "GET", Some("/a"), "HTTP/1.1 x"),
            ("GET /a", "GET", Some("/a"), ""),
            ("GET ", "GET", Some(""), ""),
            ("GET", "GET", None, ""),
        ] {
            let target = target.map(str::as_bytes);
            let parts = Parts { method: method.as_bytes(), target, version: version.as_bytes() };
            assert_eq!(Parts::of(line.as_bytes()), parts, "{line}");
        }
    }
}
