//! `regsub`: replaces what a regular expression matches with a text that may contain its groups.

use proxy_config::Parsed;

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::regex::{Budget, Failed, Flavour, Groups, Malformed, Regex, expand};
use crate::sample::{Sample, Type};

/// The number of matches after which the clock is checked.
const UNTIMED: usize = 64;

#[derive(Debug)]
struct Regsub {
    regex: Regex,
    template: Box<[u8]>,
    /// Whether every match is replaced (flag `g`), not only the first.
    all: bool,
}

impl Regsub {
    fn replace(&self, text: &[u8], budget: &Budget) -> Result<Vec<u8>, Failed> {
        let (mut rest, mut to) = (text, Vec::with_capacity(text.len()));
        let (mut turn, mut count) = (budget.all(text.len())?, 0_usize);
        let mut found = self.regex.first(rest, &mut turn)?;
        while let Some(groups) = found {
            let (begin, end) = groups.place();
            to.extend_from_slice(&rest[..begin]);
            // The template was validated when the configuration was read.
            let _ = expand(&self.template, &groups, &mut to);
            if rest.is_empty() {
                break;
            }
            // After an empty match the next byte is skipped. As in HAProxy, what follows is a text of its own, to which
            // the text before it does not belong.
            let passed = if end == 0 { 1 } else { end };
            to.extend_from_slice(&rest[end..passed]);
            rest = &rest[passed..];
            if !self.all {
                break;
            }
            // Few matches take no time that is worth asking for.
            count += 1;
            if count.is_multiple_of(UNTIMED) {
                turn.check(&self.regex)?;
            }
            found = self.regex.first_of_rest(rest, &mut turn)?;
        }
        to.extend_from_slice(rest);
        Ok(to)
    }
}

impl Converter for Regsub {
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        match self.replace(&text, &context.regex) {
            Ok(other) => Some(Sample::Text(other.into())),
            Err(Failed) => {
                context.fail();
                None
            }
        }
    }
}

fn make(inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Converter>> {
    let regex = inputs.input("a regular expression")?;
    let template = match inputs.has_more() {
        true => inputs.text_or_empty("what to put in its place")?.to_owned(),
        false => return Err(inputs.bad(regex, "a regular expression, a comma and what to put in its place")),
    };
    let (mut all, mut ignore_case) = (false, false);
    if let Some(flags) = inputs.take() {
        for flag in flags.text.chars() {
            match flag {
                'g' => all = true,
                'i' => ignore_case = true,
                _ => return Err(inputs.bad(flags, "'g' for all matches, 'i' for any case, or both")),
            }
        }
    }
    let template = template.into_bytes().into_boxed_slice();
    if let Err(Malformed) = expand(&template, &Groups::default(), &mut Vec::new()) {
        return Err(
            inputs.bad(regex, "a replacement in which '\\0' to '\\9' are groups, and '\\x41' is a byte")
        );
    }
    let regex = Regex::new(&regex.text, Flavour { ignore_case, no_groups: false }, regex.span)?;
    Ok(Box::new(Regsub { regex, template, all }))
}

inventory::submit! {
    ConverterEntry::new(
        "regsub",
        "<regex>,<text>[,<flags>]",
        Type::Text,
        Type::Text,
        "the first match of a regular expression replaced, all with 'g'; 'i' for any case",
        make,
    )
}
