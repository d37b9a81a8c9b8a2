//! `del-header`: removes fields by their names.

use proxy_config::{Diagnostic, Parsed};

use super::change::{Message, verdict};
use crate::action::{Action, ActionArguments, ActionEntry};
use crate::context::Context;
use crate::points::HookPoint;
use crate::regex::{Budget, Failed, Flavour, Regex};
use crate::verdict::Verdict;

/// The names to remove, in lower case; a regular expression sees names in lower case, too.
#[derive(Debug)]
enum Names {
    Equal(Box<[u8]>),
    Beginning(Box<[u8]>),
    Ending(Box<[u8]>),
    Containing(Box<[u8]>),
    Matching(Regex),
}

impl Names {
    fn include(&self, name: &[u8], budget: &Budget) -> Result<bool, Failed> {
        Ok(match self {
            Names::Equal(own) => name == &**own,
            Names::Beginning(own) => name.starts_with(own),
            Names::Ending(own) => name.ends_with(own),
            Names::Containing(own) => memchr::memmem::find(name, own).is_some(),
            Names::Matching(own) => return own.is_match(name, budget),
        })
    }
}

#[derive(Debug)]
struct DelHeader {
    message: Message,
    names: Names,
}

impl Action for DelHeader {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let mut outcome = Ok(());
        if let Some((fields, budget)) = self.message.fields_in_time(context) {
            fields.retain(|field| match self.names.include(field.name, budget) {
                Ok(is_included) => !is_included,
                Err(failed) => {
                    outcome = Err(failed.into());
                    true
                }
            });
        }
        verdict(outcome, context)
    }
}

fn read(action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Box<dyn Action>> {
    let message = Message::of(action.hook);
    let word = action.word("the name of a header field")?;
    let small = || word.to_ascii_lowercase().into_bytes().into();
    let mut names = Names::Equal(small());
    if action.take_word("-m") {
        let method = action.word("how to compare names")?;
        names = match &*method.text {
            "str" => names,
            "beg" => Names::Beginning(small()),
            "end" => Names::Ending(small()),
            "sub" => Names::Containing(small()),
            "reg" => Names::Matching(Regex::new(&word.text, Flavour::default(), word.span)?),
            other => {
                let problem =
                    Diagnostic::alert(method.span, format!("names cannot be compared by '{other}'"));
                return Err(Box::new(problem.expected("one of str, beg, end, sub, reg")));
            }
        };
    }
    Ok(Box::new(DelHeader { message, names }))
}

inventory::submit! {
    ActionEntry::new(
        "del-header",
        "<name> [-m {str|beg|end|sub|reg}]",
        &[HookPoint::HttpRequest, HookPoint::HttpResponse, HookPoint::HttpAfterResponse],
        "remove header fields",
        read,
    )
}
