//! `method`, `req.ver`, `res.ver`: the start lines, as far as they are kept.

use std::borrow::Cow;

use proxy_http::Version;

use super::simple::simple;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Returns a version such as `1.1`.
fn version(version: Version) -> Sample<'static> {
    let text: Cow<'static, [u8]> = match (version.major, version.minor) {
        (1, 1) => b"1.1"[..].into(),
        (1, 0) => b"1.0"[..].into(),
        (major, minor) => format!("{major}.{minor}").into_bytes().into(),
    };
    Sample::Text(text)
}

simple!("method", Type::Method, Need::RequestLine, "the method of the request", |context| {
    Some(Sample::Method(context.request.as_deref()?.method_name().into()))
});
simple!(
    "req.ver",
    Type::Text,
    Need::RequestLine,
    "the version of the request: 1.0, 1.1",
    |context| Some(version(context.request.as_deref()?.version())),
    aliases(&["req_ver"])
);
simple!(
    "res.ver",
    Type::Text,
    Need::ResponseLine,
    "the version of the response: 1.0, 1.1",
    |context| Some(version(context.response.as_deref()?.version())),
    aliases(&["resp_ver"])
);
