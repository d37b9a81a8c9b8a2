//! `req.hdr_names`, `res.hdr_names`: the names of all header fields.

use std::borrow::Cow;

use proxy_http::Fields;

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::Need;
use crate::sample::{Sample, Type};

/// Returns the fields of a message.
type Of = for<'c> fn(&'c Context<'_>) -> Option<&'c Fields>;

struct Names {
    of: Of,
    delimiter: u8,
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Names({:?})", char::from(self.delimiter))
    }
}

impl Fetch for Names {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let mut names = Vec::with_capacity(256);
        for field in (self.of)(context)?.iter() {
            if !names.is_empty() {
                names.push(self.delimiter);
            }
            names.extend_from_slice(field.name);
        }
        Some(Sample::Text(Cow::Owned(names)))
    }
}

fn names(inputs: &mut Inputs<'_>, of: Of) -> proxy_config::Parsed<Box<dyn Fetch>> {
    Ok(Box::new(Names { of, delimiter: delimiter(inputs)? }))
}

/// Reads the byte between names.
pub(super) fn delimiter(inputs: &mut Inputs<'_>) -> proxy_config::Parsed<u8> {
    match inputs.take() {
        None => Ok(b','),
        Some(input) => match input.text.as_bytes() {
            [delimiter] => Ok(*delimiter),
            _ => Err(inputs.bad(input, "the byte between names")),
        },
    }
}

inventory::submit! {
    FetchEntry::new(
        "req.hdr_names",
        "[<delimiter>]",
        Type::Text,
        Need::Request,
        "the names of all header fields",
        |inputs| names(inputs, |context| Some(context.request.as_deref()?.fields())),
    )
}

inventory::submit! {
    FetchEntry::new(
        "res.hdr_names",
        "[<delimiter>]",
        Type::Text,
        Need::Response,
        "the names of all header fields",
        |inputs| names(inputs, |context| Some(context.response.as_deref()?.fields())),
    )
}
