//! `replace-header`, `replace-value`: replaces what a regular expression matches in the values of fields. The first
//! matches fields as a whole, the second each element of a list.

use proxy_config::Parsed;
use proxy_http::list;

use super::change::{Failed, Message, check_value, verdict};
use super::field_name::field_name;
use crate::action::{Action, ActionArguments, ActionEntry};
use crate::context::Context;
use crate::format::Format;
use crate::points::HookPoint;
use crate::regex::{Budget, Flavour, Regex, expand};
use crate::verdict::Verdict;

#[derive(Debug)]
struct ReplaceHeader {
    message: Message,
    name: Box<[u8]>,
    regex: Regex,
    template: Format,
    /// Whether each element of a list is matched by itself.
    elements: bool,
}

impl ReplaceHeader {
    fn change(&self, context: &mut Context<'_>, template: &[u8]) -> Result<(), Failed> {
        let Some((fields, budget)) = self.message.fields_in_time(context) else { return Ok(()) };
        for at in 0..fields.len() {
            let Some(field) = fields.iter().nth(at).filter(|field| field.name == &*self.name) else {
                continue;
            };
            if let Some(value) = self.value(field.value, template, budget)? {
                fields.replace(at, check_value(&value)?)?;
            }
        }
        Ok(())
    }

    /// Returns the new value of a field, or `None` if it is not changed.
    fn value(&self, value: &[u8], template: &[u8], budget: &Budget) -> Result<Option<Vec<u8>>, Failed> {
        if !self.elements {
            let Some(groups) = self.regex.groups(value, budget)? else { return Ok(None) };
            let mut other = Vec::new();
            expand(template, &groups, &mut other)?;
            return Ok(Some(other));
        }
        let (mut other, mut changed, mut done) = (Vec::new(), false, 0);
        for element in list::values(value) {
            let Some(groups) = self.regex.groups(element, budget)? else { continue };
            // The white space around an element is replaced with it.
            let mut begin = element.as_ptr() as usize - value.as_ptr() as usize;
            let mut end = begin + element.len();
            let is_space = |at: usize| matches!(value.get(at), Some(b' ' | b'\t'));
            while begin > done && is_space(begin - 1) {
                begin -= 1;
            }
            while is_space(end) {
                end += 1;
            }
            other.extend_from_slice(&value[done..begin]);
            expand(template, &groups, &mut other)?;
            (changed, done) = (true, end);
        }
        other.extend_from_slice(&value[done..]);
        Ok(changed.then_some(other))
    }
}

impl Action for ReplaceHeader {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.build(
            |context, template| self.template.write(context, template),
            |context, template| {
                let changed = self.change(context, template);
                verdict(changed, context)
            },
        )
    }
}

fn read(action: &mut ActionArguments<'_, '_, '_>, elements: bool) -> Parsed<Box<dyn Action>> {
    let (message, name) = (Message::of(action.hook), field_name(action)?);
    let word = action.word("a regular expression")?;
    let regex = Regex::new(&word.text, Flavour::default(), word.span);
    let (regex, template) = action.both(regex, |action| action.format("what to put in its place"))?;
    Ok(Box::new(ReplaceHeader { message, name, regex, template, elements }))
}

const ALL: &[HookPoint] = &[HookPoint::HttpRequest, HookPoint::HttpResponse, HookPoint::HttpAfterResponse];

inventory::submit! {
    ActionEntry::new(
        "replace-header",
        "<name> <regex> <format>",
        ALL,
        "give header fields that fit another value",
        |action| read(action, false),
    )
}

inventory::submit! {
    ActionEntry::new(
        "replace-value",
        "<name> <regex> <format>",
        ALL,
        "give elements of header fields that fit another value",
        |action| read(action, true),
    )
}
