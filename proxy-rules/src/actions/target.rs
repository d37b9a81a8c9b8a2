//! `set-path`, `set-pathq`, `set-query`, `set-uri`, `replace-path`, `replace-pathq`, `replace-uri`: replaces the
//! target.

use proxy_config::Parsed;
use proxy_http::{Request, Target, TargetForm};

use super::change::{Failed, check_value, check_word, verdict};
use crate::action::{Action, ActionArguments, ActionEntry};
use crate::context::Context;
use crate::format::Format;
use crate::points::HookPoint;
use crate::regex::{Budget, Flavour, Regex, expand};
use crate::verdict::Verdict;

/// The part of the target that is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Path,
    PathAndQuery,
    Query,
    All,
}

impl Part {
    /// Returns where the part is in a target. The rest is kept.
    fn place(self, whole: &[u8]) -> (usize, usize) {
        let target = Target::parse(whole);
        // A target without a path is its own path, as in HAProxy.
        let begin = match target.form {
            TargetForm::Authority => 0,
            _ => whole.len() - target.path_and_query.len(),
        };
        let mark = memchr::memchr(b'?', &whole[begin..]).map_or(whole.len(), |at| begin + at);
        match self {
            Part::All => (0, whole.len()),
            Part::Path => (begin, mark),
            Part::PathAndQuery => (begin, whole.len()),
            Part::Query => ((mark + 1).min(whole.len()), whole.len()),
        }
    }

    /// Replaces the part with a value.
    fn change(self, request: &mut Request, value: &[u8]) -> Result<(), Failed> {
        let whole = request.target();
        let (begin, end) = self.place(whole);
        let lacks_mark = self == Part::Query && !value.is_empty() && memchr::memchr(b'?', whole).is_none();
        let mark: &[u8] = if lacks_mark { b"?" } else { b"" };
        let target = [&whole[..begin], mark, value, &whole[end..]].concat();
        let target = check_word(&target)?;
        if self != Part::All {
            return Ok(request.set_target(target)?);
        }
        // A request has only one authority.
        let authority = authority(target)?.map(check_value).transpose()?;
        request.set_target(target)?;
        if let Some(authority) = authority {
            let fields = request.fields_mut();
            let place = fields.iter().position(|field| field.name == b"host");
            match place {
                Some(at) => fields.replace(at, authority)?,
                None => fields.add(b"host", authority)?,
            }
        }
        Ok(())
    }
}

/// Returns the authority of an absolute target: every target has one unless it begins with a slash or is `*`.
fn authority(target: &[u8]) -> Result<Option<&[u8]>, Failed> {
    let parsed = Target::parse(target);
    if matches!(parsed.form, TargetForm::Origin | TargetForm::Asterisk) {
        return Ok(None);
    }
    let authority = parsed.host_and_port().unwrap_or_default();
    let end = authority.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(authority.len());
    if end == 0 { Err(Failed::Malformed) } else { Ok(Some(&authority[..end])) }
}

/// Replaces the part, whatever it is.
#[derive(Debug)]
struct Set(Part, Format);

impl Action for Set {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.build(
            |context, value| self.1.write(context, value),
            |context, value| {
                let Some(request) = context.request.as_deref_mut() else { return Verdict::Continue };
                let changed = self.0.change(request, value);
                verdict(changed, context)
            },
        )
    }
}

/// Replaces what a regular expression matches in the part.
#[derive(Debug)]
struct Replace(Part, Regex, Format);

impl Replace {
    fn change(&self, request: &mut Request, template: &[u8], budget: &Budget) -> Result<(), Failed> {
        let whole = request.target();
        let (begin, end) = self.0.place(whole);
        if begin == end {
            return Ok(());
        }
        let Some(groups) = self.1.groups(&whole[begin..end], budget)? else { return Ok(()) };
        let mut value = Vec::new();
        expand(template, &groups, &mut value)?;
        self.0.change(request, &value)
    }
}

impl Action for Replace {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.build(
            |context, template| self.2.write(context, template),
            |context, template| {
                let Some(request) = context.request.as_deref_mut() else { return Verdict::Continue };
                let changed = self.change(request, template, &context.regex);
                verdict(changed, context)
            },
        )
    }
}

fn set(action: &mut ActionArguments<'_, '_, '_>, part: Part) -> Parsed<Box<dyn Action>> {
    Ok(Box::new(Set(part, action.format("the value")?)))
}

fn replace(action: &mut ActionArguments<'_, '_, '_>, part: Part) -> Parsed<Box<dyn Action>> {
    let word = action.word("a regular expression")?;
    let regex = Regex::new(&word.text, Flavour::default(), word.span);
    let (regex, template) = action.both(regex, |action| action.format("what to put in its place"))?;
    Ok(Box::new(Replace(part, regex, template)))
}

const REQUEST: &[HookPoint] = &[HookPoint::HttpRequest];

inventory::submit! {
    ActionEntry::new("set-path", "<format>", REQUEST, "another path", |action| set(action, Part::Path))
}

inventory::submit! {
    ActionEntry::new("set-pathq", "<format>", REQUEST, "another path, with a query", |action| {
        set(action, Part::PathAndQuery)
    })
}

inventory::submit! {
    ActionEntry::new("set-query", "<format>", REQUEST, "another query", |action| set(action, Part::Query))
}

inventory::submit! {
    ActionEntry::new("set-uri", "<format>", REQUEST, "another target", |action| set(action, Part::All))
}

inventory::submit! {
    ActionEntry::new("replace-path", "<regex> <format>", REQUEST, "another path, if it fits", |action| {
        replace(action, Part::Path)
    })
}

inventory::submit! {
    ActionEntry::new("replace-pathq", "<regex> <format>", REQUEST, "another path and query, if they fit", |action| {
        replace(action, Part::PathAndQuery)
    })
}

inventory::submit! {
    ActionEntry::new("replace-uri", "<regex> <format>", REQUEST, "another target, if it fits", |action| {
        replace(action, Part::All)
    })
}
