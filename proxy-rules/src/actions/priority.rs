//! `set-priority-class`, `set-priority-offset`: the order in which sessions and requests leave the queue of a server or
//! backend.

use proxy_config::Parsed;

use crate::action::{Action, ActionArguments, ActionEntry};
use crate::changes::Priority;
use crate::context::Context;
use crate::expression::Expression;
use crate::points::HookPoint;
use crate::sample::{Sample, Type};
use crate::verdict::Verdict;

/// The part of a priority that an action sets.
#[derive(Clone, Copy, Debug)]
enum Part {
    Class,
    Offset,
}

#[derive(Debug)]
struct SetPriority {
    part: Part,
    value: Expression,
}

impl Action for SetPriority {
    /// A value that is too large counts as the largest, as in HAProxy.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let value = self.value.get(context).and_then(|sample| sample.cast(Type::Integer));
        let Some(Sample::Integer(value)) = value else { return Verdict::Continue };
        let priority = &mut context.changes().priority;
        match self.part {
            Part::Class => *priority = priority.with_class(value),
            Part::Offset => *priority = priority.with_offset(value),
        }
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        self.value.reads_request()
    }
}

fn read(action: &mut ActionArguments<'_, '_, '_>, part: Part) -> Parsed<Box<dyn Action>> {
    let value = action.expression("an expression that gives a number")?;
    if !value.gives().casts_to(Type::Integer) {
        let (name, gives) = (value.name(), value.gives());
        return Err(action.mistake(format!("'{name}' gives type {gives}, and a number is needed")));
    }
    Ok(Box::new(SetPriority { part, value }))
}

const POINTS: &[HookPoint] = &[HookPoint::TcpRequest, HookPoint::HttpRequest];

inventory::submit! {
    ActionEntry::new(
        "set-priority-class",
        "<expression>",
        POINTS,
        "sessions of a lower class leave a queue first; from -2047 to 2047",
        |action| read(action, Part::Class),
    )
}

inventory::submit! {
    ActionEntry::new(
        "set-priority-offset",
        "<expression>",
        POINTS,
        "leave a queue as if it had been joined this many milliseconds later; from -524287 to 524287",
        |action| read(action, Part::Offset),
    )
}

impl Priority {
    fn with_class(self, class: i64) -> Priority {
        let most = i64::from(Priority::MOST_CLASS);
        Priority { class: i16::try_from(class.clamp(-most, most)).unwrap_or_default(), ..self }
    }

    fn with_offset(self, offset: i64) -> Priority {
        let most = i64::from(Priority::MOST_OFFSET);
        Priority { offset: i32::try_from(offset.clamp(-most, most)).unwrap_or_default(), ..self }
    }
}
