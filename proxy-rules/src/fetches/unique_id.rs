//! `unique-id`: the identifier that `unique-id-format` makes. `uuid`: a new one each time (RFC 9562).

use std::borrow::Cow;

use uuid::Uuid;

use super::simple::{Simple, Take, simple};
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

simple!("unique-id", Type::Text, Need::Client, "the identifier made by 'unique-id-format'", |context| {
    Some(Sample::Text(context.unique_id?.get(context).into()))
});

fn text(uuid: Uuid) -> Option<Sample<'static>> {
    Some(Sample::Text(Cow::Owned(uuid.to_string().into_bytes())))
}

inventory::submit! {
    FetchEntry::new(
        "uuid",
        "[<version>]",
        Type::Text,
        Need::Nothing,
        "a new UUID: of version 4, random, or 7, which begins with the time",
        |inputs| {
            let take: Take = match inputs.take() {
                None => |_| text(Uuid::new_v4()),
                Some(input) if input.text == "4" => |_| text(Uuid::new_v4()),
                Some(input) if input.text == "7" => |_| text(Uuid::now_v7()),
                Some(input) => return Err(inputs.bad(input, "the version: 4 or 7")),
            };
            Ok(Box::new(Simple(take)) as Box<dyn Fetch>)
        },
    )
}
