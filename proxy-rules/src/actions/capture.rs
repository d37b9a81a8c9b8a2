//! `capture`: keeps a sample in a slot of the frontend, for log lines and later rules.

use std::cell::Cell;

use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Kind, Parsed, Span, Word};

use crate::action::{Action, ActionArguments, ActionEntry};
use crate::captures::{CapturePlace, CapturePolicy, Side};
use crate::context::Context;
use crate::expression::Expression;
use crate::points::HookPoint;
use crate::sample::Type;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Capture {
    expression: Expression,
    side: Side,
    slot: u32,
    /// The length of a slot that the rule declares itself; a slot with a number is declared by the frontend.
    length: Option<usize>,
}

impl Action for Capture {
    /// A missing sample, or a slot that the frontend does not have, changes nothing.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let declared = || Some(context.session.captures()?.slot(self.side, self.slot)?.length);
        let Some(length) = self.length.or_else(declared) else { return Verdict::Continue };
        let is_there = Cell::new(false);
        context.build(
            |context, text| {
                if let Some(sample) = self.expression.get(context).and_then(|sample| sample.cast(Type::Text))
                {
                    sample.write(text);
                    is_there.set(true);
                }
            },
            |context, text| {
                if is_there.get() {
                    context.variables.keep_capture(CapturePlace::Slot(self.side, self.slot), text, length);
                }
            },
        );
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        self.expression.reads_request()
    }
}

/// The slots that rules of frontends name by number. Those of backends may be meant for another frontend.
#[derive(Clone, Debug, Default)]
struct Named(Vec<(Side, u32, Span)>);

/// The slot of a rule.
enum Place {
    /// A declared slot, by its number.
    Declared(u32),
    /// A slot of its own, of a length.
    Own(usize),
}

fn read(action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Box<dyn Action>> {
    let side = if action.hook.is_response() { Side::Response } else { Side::Request };
    let mut words = action.line.args.clone();
    // This is a converter, too, which may be a separate word.
    let converter = words.take().and_then(|_| words.take_if(|word| word.text == "length"));
    let expression = action.expression("an expression");
    let (expression, place) = action.both(expression, |action| place(action, side, converter))?;
    let (slot, length) = match place {
        Place::Declared(slot) => (slot, None),
        Place::Own(length) => {
            let policy = action.line.section.get_mut::<CapturePolicy>();
            (policy.declare(side, length, None), Some(length))
        }
    };
    Ok(Box::new(Capture { expression, side, slot, length }))
}

/// Reads the slot after an expression, whose last word was perhaps a `converter` that was not meant.
fn place(action: &mut ActionArguments<'_, '_, '_>, side: Side, converter: Option<&Word>) -> Parsed<Place> {
    // A rule declares slots for requests only, and only frontends have slots, possibly from their defaults.
    let may_declare = action.line.kind.is_frontend() || action.line.kind == Kind::Defaults;
    let (has_number, has_own) = (action.hook != HookPoint::TcpRequest, side == Side::Request && may_declare);
    let choices = [("id", true), ("len", false)];
    let choices = match (has_number, has_own) {
        (true, true) => &choices[..],
        (true, false) => &choices[..1],
        (false, _) => &choices[1..],
    };
    let span = action.line.args.peek().map(|word| word.span);
    let is_number = action.line.args.one_of(choices).map_err(|problem| match converter {
        Some(word) => {
            let message = format!("'{}' is a converter here", word.text);
            Box::new(Diagnostic::alert(word.span, message).nearest(Some("len")))
        }
        None => problem,
    })?;
    if is_number {
        let slot = action.line.args.number(0..=u32::from(u16::MAX), "the number of a slot, from 0 on")?;
        if let Some(span) = span {
            action.line.section.get_mut::<Named>().0.push((side, slot, span));
        }
        return Ok(Place::Declared(slot));
    }
    if !may_declare {
        return Err(action.mistake("only a frontend has slots for captures"));
    }
    Ok(Place::Own(action.line.args.number(1..=usize::from(u16::MAX), "the most bytes to keep")?))
}

inventory::submit! {
    ActionEntry::new(
        "capture",
        "<expression> len <bytes>|id <number>",
        &[HookPoint::TcpRequest, HookPoint::HttpRequest],
        "keep a sample for log lines, in a slot of its own or a declared one",
        read,
    )
}

inventory::submit! {
    ActionEntry::new(
        "capture",
        "<expression> id <number>",
        &[HookPoint::HttpResponse, HookPoint::HttpAfterResponse],
        "keep a sample for log lines, in a declared slot",
        read,
    )
}

inventory::submit! { Check { name: "captures", run: check } }

/// Checks that frontends have the slots that their rules name.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for frontend in configuration.frontends() {
        let Some(Named(named)) = frontend.get::<Named>() else { continue };
        let policy: CapturePolicy = frontend.values.get_or_default();
        for (side, slot, place) in named.iter().filter(|(side, slot, _)| policy.slot(*side, *slot).is_none())
        {
            let count = policy.slots(*side).len();
            let name = if *side == Side::Request { "request" } else { "response" };
            let message =
                format!("{} '{}' has no {name} slot {slot} for captures", frontend.kind, frontend.name);
            let problem = Diagnostic::alert(*place, message);
            diagnostics.push(match count {
                0 => problem.help(format!("'declare capture {name} len <bytes>' declares slot 0")),
                _ => problem.help(format!("the last one is {}", count - 1)),
            });
        }
    }
}
