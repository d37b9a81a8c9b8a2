//! `path`, `pathq`, `query`, `url`, `base`, `baseq`: the target of the request, and its parts.

use std::borrow::Cow;

use proxy_http::{Request, Target};

use super::simple::{Simple, simple};
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Returns the target, if it contains a path.
fn target<'c>(context: &'c Context<'_>) -> Option<Target<'c>> {
    let target = Target::parse(context.request.as_deref()?.target());
    (!target.path.is_empty()).then_some(target)
}

fn text(bytes: &[u8]) -> Option<Sample<'_>> {
    Some(Sample::Text(bytes.into()))
}

simple!(
    "path",
    Type::Text,
    Need::Request,
    "the path, without the query",
    |context| text(target(context)?.path),
    derived("path")
);
simple!("pathq", Type::Text, Need::Request, "the path, with the query", |context| {
    text(target(context)?.path_and_query)
});
simple!(
    "url",
    Type::Text,
    Need::Request,
    "the target as it stands in the request line",
    |context| text(context.request.as_deref()?.target()),
    derived("url")
);

/// Returns the host, followed by the path.
fn base<'c>(request: &'c Request, path: Option<&'c [u8]>) -> Option<Sample<'c>> {
    let Some(host) = request.fields().get(b"host").filter(|host| !host.is_empty()) else {
        return text(path?);
    };
    let path = path.filter(|path| path.starts_with(b"/")).unwrap_or_default();
    Some(Sample::Text(match path {
        [] => Cow::Borrowed(host),
        path => Cow::Owned([host, path].concat()),
    }))
}

simple!(
    "base",
    Type::Text,
    Need::Request,
    "the host and the path, without the query",
    |context| base(context.request.as_deref()?, target(context).map(|target| target.path)),
    derived("base")
);
simple!("baseq", Type::Text, Need::Request, "the host and the path, with the query", |context| {
    base(context.request.as_deref()?, target(context).map(|target| target.path_and_query))
});

/// Returns what follows the first question mark.
fn query<'c>(context: &'c Context<'_>, with_mark: bool) -> Option<Sample<'c>> {
    let target = context.request.as_deref()?.target();
    let at = memchr::memchr(b'?', target)? + 1;
    // A question mark that nothing follows is not returned.
    text(if with_mark && at < target.len() { &target[at - 1..] } else { &target[at..] })
}

inventory::submit! {
    FetchEntry::new("query", "[with_qm]", Type::Text, Need::Request, "the query, without the question mark", |inputs| {
        let take: super::simple::Take = match inputs.take() {
            None => |context| query(context, false),
            Some(input) if input.text == "with_qm" => |context| query(context, true),
            Some(input) => return Err(inputs.bad(input, "'with_qm'")),
        };
        Ok(Box::new(Simple(take)) as Box<dyn Fetch>)
    })
}
