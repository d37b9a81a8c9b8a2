//! The keywords `tcp-request inspect-delay` and `tcp-response inspect-delay`: how long content rules may wait for more
//! bytes.
//!
//! Content rules look at the first bytes of a message before the rules of HTTP do, and in mode tcp at the bytes of both
//! directions before they are passed on.

use proxy_config::{Diagnostic, Directive, Line, Parsed, Sections};

use super::SectionRules;
use super::directives::refuse_nameless;
use crate::points::HookPoint;

inventory::submit! {
    Directive::new(
        "tcp-request inspect-delay",
        "<time>",
        Sections::PROXY.union(Sections::DEFAULTS),
        "how long content rules may hold a request",
        |line| inspect_delay(line, "tcp-request inspect-delay", HookPoint::TcpRequest),
    )
}

inventory::submit! {
    Directive::new(
        "tcp-response inspect-delay",
        "<time>",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "how long content rules may hold a response",
        |line| inspect_delay(line, "tcp-response inspect-delay", HookPoint::TcpResponse),
    )
}

fn inspect_delay(line: &mut Line<'_, '_>, name: &str, hook: HookPoint) -> Parsed {
    refuse_nameless(line, name)?;
    let time = line.args.time("a time")?;
    let span = line.span;
    let delay = line.section.get_mut::<SectionRules>().inspect_delay_mut(hook);
    if delay.is_none() {
        *delay = Some(time).filter(|time| !time.is_zero());
        return Ok(());
    }
    // HAProxy also keeps the first value, even that of a defaults section.
    let message = format!("this '{name}' is ignored: it was set before");
    line.surroundings.diagnostics.push(Diagnostic::warning(span, message));
    Ok(())
}
