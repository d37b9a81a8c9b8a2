//! The keywords `http-request`, `http-response`, `http-after-response`, `tcp-request connection`, `tcp-request
//! session`, `tcp-request content`, `tcp-response content`: a line is an action with an optional condition.

use proxy_config::{Diagnostic, Directive, Kind, Line, Parsed, Sections, Spanned};

use super::unsupported::unsupported;
use super::{Rule, SectionRules};
use crate::acl::{Condition, before_condition};
use crate::action::{Action, ActionArguments, ActionEntry};
use crate::inputs::{parentheses, word};
use crate::order::{self, Later};
use crate::points::HookPoint;
use crate::text::Text;

const SECTIONS: Sections = Sections::PROXY.union(Sections::DEFAULTS);
const ARGUMENTS: &str = "<action> [<argument>...] [{if|unless} <condition>]";

inventory::submit! {
    Directive::new("http-request", ARGUMENTS, SECTIONS, "what to do with requests", |line| {
        rule(line, HookPoint::HttpRequest)
    })
}

inventory::submit! {
    Directive::new("http-response", ARGUMENTS, SECTIONS, "what to do with responses of servers", |line| {
        rule(line, HookPoint::HttpResponse)
    })
}

inventory::submit! {
    Directive::new("http-after-response", ARGUMENTS, SECTIONS, "what to do with all responses", |line| {
        rule(line, HookPoint::HttpAfterResponse)
    })
}

inventory::submit! {
    Directive::new(
        "tcp-request connection",
        ARGUMENTS,
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "what to do with connections before anything is read from them",
        |line| rule(line, HookPoint::TcpConnection),
    )
}

inventory::submit! {
    Directive::new(
        "tcp-request session",
        ARGUMENTS,
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "what to do with connections whose handshakes are done",
        |line| rule(line, HookPoint::TcpSession),
    )
}

inventory::submit! {
    Directive::new("tcp-request content", ARGUMENTS, SECTIONS, "what to do with requests before rules of HTTP", |line| {
        rule(line, HookPoint::TcpRequest)
    })
}

inventory::submit! {
    Directive::new(
        "tcp-response content",
        ARGUMENTS,
        Sections::BACKEND.union(Sections::DEFAULTS),
        "what to do with responses before rules of HTTP",
        |line| rule(line, HookPoint::TcpResponse),
    )
}

/// Returns an error if a line is in a `defaults` section without a name.
pub(super) fn refuse_nameless(line: &Line<'_, '_>, name: &str) -> Parsed {
    if line.kind != Kind::Defaults || !line.name.is_empty() {
        return Ok(());
    }
    let message = format!("'{name}' is not allowed in a defaults section without a name");
    Err(Box::new(Diagnostic::alert(line.span, message)))
}

fn rule(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed {
    refuse_nameless(line, hook.name())?;
    let action = read_action(line, hook);
    let action = before_condition(line, action);
    let condition = Condition::parse(line, hook.points(line.kind));
    let Some(action) = action else { return Ok(()) };
    let owner = Spanned { value: line.name.to_owned(), span: line.span };
    let rules = line.section.get_mut::<SectionRules>();
    rules.own(line.kind, owner);
    match rules.later_than(hook) {
        Some(later) => order::warn(line, hook.name(), later.name()),
        None if hook.precedes_choice() => order::check(line, hook.name(), Later::Redirects),
        None => {}
    }
    line.section.get_mut::<SectionRules>().push(hook, Rule::new(action, condition, line.span));
    Ok(())
}

/// Reads the action of a rule, and leaves its condition to the caller.
///
/// # Errors
/// Returns an error if the next words are not an action of this hook point.
pub fn read_action(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed<Box<dyn Action>> {
    let first = line.args.word("an action")?;
    let (text, mut at) = (Text::of(first), 0);
    let name = word(&text, &mut at);
    let is_parenthesised = first[at..].starts_with('(');
    let entry = ActionEntry::find(hook, name).filter(|_| is_parenthesised || at == first.len());
    let entry = match entry {
        Some(entry) => entry,
        None => {
            // A mistyped action is read as the one that was meant, to find the mistakes in the rest of the line.
            let problem = unsupported(hook, name, first);
            let near = problem.nearest.as_deref().and_then(|near| ActionEntry::find(hook, near));
            let Some(near) = near else { return Err(problem) };
            line.surroundings.diagnostics.push(*problem);
            near
        }
    };
    let open = at;
    let inputs = parentheses(&text, &mut at)?;
    if at < first.len() {
        let message = format!("unexpected '{}' after '{name}'", &first[at..]);
        return Err(text.mistake(at, first.len(), message));
    }
    if is_parenthesised != entry.is_parenthesised() {
        let problem = match is_parenthesised {
            true => text.mistake(open, first.len(), format!("'{name}' takes nothing in parentheses")),
            false => text.mistake(0, first.len(), format!("'{name}' needs something in parentheses")),
        };
        return Err(Box::new(problem.help(usage(hook, entry))));
    }
    line.args.after(entry.name);
    (entry.parse)(&mut ActionArguments::new(line, hook, first, inputs))
}

fn usage(hook: HookPoint, entry: &ActionEntry) -> String {
    let space = if entry.arguments.is_empty() || entry.is_parenthesised() { "" } else { " " };
    format!("usage: {hook} {}{space}{}", entry.name, entry.arguments)
}
