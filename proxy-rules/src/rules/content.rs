//! `tcp-request inspect-delay` and `tcp-response inspect-delay`: how long content rules may wait for more to come.
//!
//! Content rules look at what has come of a message before the rules of HTTP do. They are refused in sections of mode tcp.

use std::time::Duration;

use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Line, Mode, Parsed, Section, Sections, Span,
};

use super::HttpRules;
use super::directives::refuse_nameless;
use super::set::RuleSet;
use crate::points::HookPoint;

/// Content rules of a section about messages of one direction.
#[derive(Clone, Debug, Default)]
pub struct ContentRules {
    /// In their order.
    pub rules: RuleSet,
    /// How long a message may be held for rules that wait; without it they take what is there.
    pub inspect_delay: Option<Duration>,
    /// The line that came first.
    pub(super) first: Option<Span>,
}

impl HttpRules {
    /// The content rules of a hook point; `None` if they are of another kind.
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
    let Some(content) = line.section.get_mut::<HttpRules>().content_mut(hook) else { return Ok(()) };
    content.first.get_or_insert(span);
    if content.inspect_delay.is_none() {
        content.inspect_delay = Some(time).filter(|time| !time.is_zero());
        return Ok(());
    }
    // HAProxy keeps the first one, too, also that of a defaults section.
    let message = format!("this '{name}' is ignored: it was set before");
    line.surroundings.diagnostics.push(Diagnostic::warning(span, message));
    Ok(())
}

inventory::submit! { Check { name: "content-rules", run: check } }

/// Refuses content rules in sections of mode tcp.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in &configuration.proxies {
        if section.values.get_or_default::<Mode>() == Mode::Http {
            continue;
        }
        let Some(rules) = section.get::<HttpRules>() else { continue };
        refuse(section, "tcp-request", rules.request_content.first, diagnostics);
        // A frontend takes them over from its defaults, and never sees a server.
        if section.kind.is_backend() {
            refuse(section, "tcp-response", rules.response_content.first, diagnostics);
        }
    }
}

fn refuse(section: &Section, what: &str, first: Option<Span>, diagnostics: &mut Diagnostics) {
    let Some(span) = first else { return };
    let message =
        format!("'{what}' is not supported yet in mode tcp, of which {} '{}' is", section.kind, section.name);
    diagnostics.push(Diagnostic::alert(span, message).help("it needs 'mode http'"));
}
