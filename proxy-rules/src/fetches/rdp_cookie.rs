//! `req.rdp_cookie`, `req.rdp_cookie_cnt`: the cookie in the first packet of a client of the Remote Desktop Protocol
//! (MS-RDPBCGR, 2.2.1.1), which load balancers set.
//!
//! ```text
//! TPKT header (4)  X.224 connection request (7)  Cookie: <name>=<value> CR LF
//! ```

use proxy_config::Parsed;

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The number of bytes before the cookie.
const HEADERS: usize = 11;
const FIELD: &[u8] = b"Cookie:";

/// The result of looking for a cookie in the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found<'a> {
    NeedMore,
    None,
    Value(&'a [u8]),
}

/// Looks for the cookie with this name; without a name, for any.
fn find<'a>(bytes: &'a [u8], name: Option<&[u8]>) -> Found<'a> {
    let Some(rest) = bytes.get(HEADERS..).filter(|rest| rest.len() > FIELD.len()) else {
        return Found::NeedMore;
    };
    let (field, rest) = rest.split_at(FIELD.len());
    if !field.eq_ignore_ascii_case(FIELD) {
        return Found::None;
    }
    let start = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
    let rest = &rest[start..];
    let equal = match name {
        Some(name) if rest.len() <= name.len() => return Found::NeedMore,
        Some(name) => name.len(),
        None => match rest.iter().position(|byte| matches!(byte, b'=' | b'\r' | b'\n')) {
            Some(equal) => equal,
            None => return Found::NeedMore,
        },
    };
    let (found, value) = (&rest[..equal], &rest[equal + 1..]);
    if rest[equal] != b'=' || name.is_some_and(|name| !found.eq_ignore_ascii_case(name)) {
        return Found::None;
    }
    match memchr::memchr(b'\r', value).map(|end| (end, value.get(end + 1))) {
        None | Some((_, None)) => Found::NeedMore,
        Some((end, Some(b'\n'))) => Found::Value(&value[..end]),
        Some(_) => Found::None,
    }
}

#[derive(Debug)]
struct RdpCookie {
    name: Option<Box<[u8]>>,
    /// Whether the sample is the presence of a cookie, as 0 or 1, rather than its value.
    counts: bool,
}

impl RdpCookie {
    fn find<'c>(&self, context: &'c Context<'_>) -> Option<Found<'c>> {
        Some(find(context.request_bytes?.bytes, self.name.as_deref()))
    }
}

impl Fetch for RdpCookie {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        match (self.find(context)?, self.counts) {
            (Found::Value(value), false) => Some(Sample::Text(value.into())),
            (Found::Value(_), true) => Some(Sample::Integer(1)),
            (Found::None, true) => Some(Sample::Integer(0)),
            (Found::None, false) | (Found::NeedMore, _) => None,
        }
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        context.request_bytes.is_some_and(|buffered| buffered.may_grow)
            && self.find(context) == Some(Found::NeedMore)
    }
}

fn read(inputs: &mut Inputs<'_>, counts: bool) -> Parsed<Box<dyn Fetch>> {
    let name = inputs.take().map(|input| input.text.as_bytes().into());
    Ok(Box::new(RdpCookie { name, counts }))
}

inventory::submit! {
    FetchEntry::new(
        "req.rdp_cookie",
        "[<name>]",
        Type::Text,
        Need::RequestBytes,
        "the cookie of a client of the Remote Desktop Protocol",
        |inputs| read(inputs, false),
    )
    .aliases(&["rdp_cookie", "req_rdp_cookie"])
}

inventory::submit! {
    FetchEntry::new(
        "req.rdp_cookie_cnt",
        "[<name>]",
        Type::Integer,
        Need::RequestBytes,
        "whether a client of the Remote Desktop Protocol sent a cookie: 0 or 1",
        |inputs| read(inputs, true),
    )
    .aliases(&["rdp_cookie_cnt", "req_rdp_cookie_cnt"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies() {
        let packet = |text: &str| [&[0; HEADERS][..], text.as_bytes()].concat();
        for (text, name, found) in [
            ("Cookie: msts=1.2.3\r\n", Some("msts"), Found::Value(b"1.2.3")),
            ("cookie:mSTs=\r\nmore", Some("MstS"), Found::Value(b"")),
            ("Cookie: a=b=c\r\n", None, Found::Value(b"b=c")),
            ("Cookie: a=b\rc\r\n", None, Found::None),
            ("Cookie: a\r\n", None, Found::None),
            ("Cookie: msts2=1\r\n", Some("msts"), Found::None),
            ("Kookie: msts=1\r\n", None, Found::None),
            ("Cookie:", None, Found::NeedMore),
            ("Cookie: msts", Some("msts"), Found::NeedMore),
            ("Cookie: msts=1\r", Some("msts"), Found::NeedMore),
            ("Cookie: msts", None, Found::NeedMore),
        ] {
            assert_eq!(find(&packet(text), name.map(str::as_bytes)), found, "{text:?}");
        }
        assert_eq!(find(b"", None), Found::NeedMore);
    }
}
