//! The keywords `capture request header`, `capture response header`, `capture cookie` and `declare capture`.

use std::sync::Arc;

use proxy_config::{Directive, Kind, Line, Parsed, Sections};

use super::{CapturePolicy, CapturedCookie, Side};

const NO_CLIENTS: Sections = Sections::only(Kind::Backend);
const LENGTH: &str = "the most bytes to keep";

/// Reads `len <bytes>`.
pub(crate) fn length(line: &mut Line<'_, '_>) -> Parsed<usize> {
    line.args.one_of(&[("len", ())])?;
    line.args.number(1..=usize::from(u16::MAX), LENGTH)
}

fn header(line: &mut Line<'_, '_>, side: Side) -> Parsed {
    line.args.one_of(&[("header", ())])?;
    let name = line.args.word("the name of a header field")?.text.to_ascii_lowercase();
    let length = length(line)?;
    line.section.get_mut::<CapturePolicy>().declare(side, length, Some(name.into_bytes().into()));
    Ok(())
}

fn cookie(line: &mut Line<'_, '_>) -> Parsed {
    let beginning =
        line.args.word("the name of a cookie, or how it begins")?.text.clone().into_bytes().into();
    let length = length(line)?;
    line.section.get_mut::<CapturePolicy>().cookie = Some(Arc::new(CapturedCookie { beginning, length }));
    Ok(())
}

fn declare(line: &mut Line<'_, '_>) -> Parsed {
    let side = line.args.one_of(&[("request", Side::Request), ("response", Side::Response)])?;
    let length = length(line)?;
    line.section.get_mut::<CapturePolicy>().declare(side, length, None);
    Ok(())
}

inventory::submit! {
    Directive::new(
        "capture request",
        "header <name> len <bytes>",
        Sections::FRONTEND,
        "keep a header field of requests for log lines",
        |line| header(line, Side::Request),
    )
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "capture response",
        "header <name> len <bytes>",
        Sections::FRONTEND,
        "keep a header field of responses for log lines",
        |line| header(line, Side::Response),
    )
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "capture cookie",
        "<name> len <bytes>",
        Sections::FRONTEND,
        "keep a cookie of requests and responses for log lines",
        cookie,
    )
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "declare capture",
        "request|response len <bytes>",
        Sections::FRONTEND,
        "room for what rules capture",
        declare,
    )
}
