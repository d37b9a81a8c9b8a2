//! `capture.req.hdr`, `capture.res.hdr`: captured values. `capture.req.method`, `capture.req.uri`, `capture.req.ver`,
//! `capture.res.ver`: the start lines, also after the messages are gone.
//!
//! The method and the target are those that the client has sent, if the frontend keeps them for its log lines; else as
//! rules have changed them.

use std::borrow::Cow;

use proxy_http::{Target, Version};

use super::simple::simple;
use crate::captures::{CapturePlace, Side};
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Captured(CapturePlace);

impl Fetch for Captured {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        // A copy, since a converter may capture something else in the same slot while the sample is there.
        Some(Sample::Text(context.variables.capture(self.0)?.to_vec().into()))
    }
}

inventory::submit! {
    FetchEntry::new(
        "capture.req.hdr",
        "<number>",
        Type::Text,
        Need::RequestLine,
        "the captured value of the request in a slot, numbered from 0 on",
        |inputs| {
            let slot = inputs.number(0..=i64::from(u16::MAX), "the number of a slot, from 0 on")?;
            Ok(Box::new(Captured(CapturePlace::Slot(Side::Request, u32::try_from(slot).unwrap_or(u32::MAX)))))
        },
    )
}

inventory::submit! {
    FetchEntry::new(
        "capture.res.hdr",
        "<number>",
        Type::Text,
        Need::ResponseLine,
        "the captured value of the response in a slot, numbered from 0 on",
        |inputs| {
            let slot = inputs.number(0..=i64::from(u16::MAX), "the number of a slot, from 0 on")?;
            Ok(Box::new(Captured(CapturePlace::Slot(Side::Response, u32::try_from(slot).unwrap_or(u32::MAX)))))
        },
    )
}

/// Returns the request line as received, as far as it was kept.
fn request_line<'c>(context: &'c Context<'_>) -> Option<&'c [u8]> {
    let line = match context.record {
        Some(record) => record.request_line(),
        None => context.session.request_line().unwrap_or_default(),
    };
    (!line.is_empty()).then_some(line)
}

fn method<'c>(context: &'c Context<'_>) -> Option<&'c [u8]> {
    match request_line(context) {
        Some(line) => line.split(|byte| *byte == b' ').next(),
        None => Some(context.request.as_deref()?.method_name()),
    }
}

fn target<'c>(context: &'c Context<'_>) -> Option<&'c [u8]> {
    match request_line(context) {
        Some(line) => line.split(|byte| *byte == b' ').nth(1),
        None => Some(context.request.as_deref()?.target()),
    }
}

fn named(version: Version) -> Sample<'static> {
    Sample::Text(match (version.major, version.minor) {
        (1, 1) => Cow::Borrowed(b"HTTP/1.1"),
        (1, 0) => Cow::Borrowed(b"HTTP/1.0"),
        (major, minor) => Cow::Owned(format!("HTTP/{major}.{minor}").into_bytes()),
    })
}

simple!("capture.req.method", Type::Text, Need::RequestLine, "the method that the client sent", |context| {
    Some(Sample::Text(method(context)?.into()))
});
simple!(
    "capture.req.uri",
    Type::Text,
    Need::RequestLine,
    "the path that the client sent, with the query",
    |context| {
        let path = Target::parse(target(context)?).path_and_query;
        (!path.is_empty()).then(|| Sample::Text(path.into()))
    }
);
simple!(
    "capture.req.ver",
    Type::Text,
    Need::RequestLine,
    "the version of the request: HTTP/1.0, HTTP/1.1",
    |context| { Some(named(context.request.as_deref()?.version())) }
);
simple!(
    "capture.res.ver",
    Type::Text,
    Need::ResponseLine,
    "the version of the response: HTTP/1.0, HTTP/1.1",
    |context| { Some(named(context.response.as_deref()?.version())) }
);
