//! `set-header`, `add-header`: sets or adds a field of the message.

use super::change::{Message, check_value, verdict};
use super::field_name::field_name;
use crate::action::{Action, ActionArguments, ActionEntry};
use crate::context::Context;
use crate::format::Format;
use crate::points::HookPoint;
use crate::verdict::Verdict;

#[derive(Debug)]
struct Header {
    message: Message,
    name: Box<[u8]>,
    value: Format,
    /// Whether existing fields with this name are removed.
    replaces: bool,
}

impl Action for Header {
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        context.build(
            |context, value| self.value.write(context, value),
            |context, value| {
                let Some(fields) = self.message.fields(context) else { return Verdict::Continue };
                // Existing fields are removed even if the change fails, as in HAProxy.
                if self.replaces {
                    fields.remove(&self.name);
                }
                let changed = check_value(value).and_then(|value| Ok(fields.add(&self.name, value)?));
                verdict(changed, context)
            },
        )
    }
}

fn read(action: &mut ActionArguments<'_, '_, '_>, replaces: bool) -> proxy_config::Parsed<Box<dyn Action>> {
    let (message, name) = (Message::of(action.hook), field_name(action)?);
    Ok(Box::new(Header { message, name, value: action.format("the value of the field")?, replaces }))
}

const ALL: &[HookPoint] = &[HookPoint::HttpRequest, HookPoint::HttpResponse, HookPoint::HttpAfterResponse];

inventory::submit! {
    ActionEntry::new("set-header", "<name> <format>", ALL, "replace all header fields of a name with this one", |action| {
        read(action, true)
    })
}

inventory::submit! {
    ActionEntry::new("add-header", "<name> <format>", ALL, "append a header field", |action| read(action, false))
}
