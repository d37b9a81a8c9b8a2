//! The keywords `tcp-request inspect-delay` and `tcp-response inspect-delay`: how long content rules may wait for more
//! bytes.
//!
//! Content rules look at the first bytes of a message before the rules of HTTP do, and in mode tcp at the bytes of both
//! directions before they are passed on.

use std::time::Duration;

use proxy_config::{Diagnostic, Directive, Line, Parsed, Sections};

use super::SectionRules;
use super::directives::refuse_nameless;
use super::set::RuleSet;
use crate::points::HookPoint;

/// The content rules of a section for messages of one direction.
#[derive(Clone, Debug, Default)]
pub struct ContentRules {
    /// The rules, in order.
    pub rules: RuleSet,
    /// How long rules may wait; without it they take what has arrived.
    pub inspect_delay: Option<Duration>,
}

impl SectionRules {
    /// Returns the content rules of a hook point; `None` if its rules are of another kind.
    pub(super) fn content_mut(&mut self, hook: HookPoint) -> Option<&mut ContentRules> {
        match hook {
            HookPoint::TcpRequest => Some(&mut self.request_content),
            HookPoint::TcpResponse => Some(&mut self.response_content),
            _ => None,
        }
    }
}

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
    let Some(content) = line.section.get_mut::<SectionRules>().content_mut(hook) else { return Ok(()) };
    if content.inspect_delay.is_none() {
        content.inspect_delay = Some(time).filter(|time| !time.is_zero());
        return Ok(());
    }
    // HAProxy also keeps the first value, even that of a defaults section.
    let message = format!("this '{name}' is ignored: it was set before");
    line.surroundings.diagnostics.push(Diagnostic::warning(span, message));
    Ok(())
}
