//! `url_param`: parameters in the target.

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Parameter {
    name: Box<[u8]>,
    /// The byte before the first parameter.
    begin: u8,
    ignore_case: bool,
}

impl Parameter {
    /// Returns the values of the parameters with this name.
    fn values<'c>(&'c self, context: &'c Context<'_>) -> Option<impl Iterator<Item = &'c [u8]>> {
        let target = context.request.as_deref()?.target();
        let parameters = &target[memchr::memchr(self.begin, target)? + 1..];
        let ends = move |byte: &u8| matches!(byte, b'&' | b';') || *byte == self.begin;
        Some(parameters.split(ends).filter_map(move |parameter| {
            let at = memchr::memchr(b'=', parameter)?;
            let (name, value) = (&parameter[..at], &parameter[at + 1..]);
            let is_it =
                if self.ignore_case { name.eq_ignore_ascii_case(&self.name) } else { name == &*self.name };
            is_it.then_some(value)
        }))
    }
}

impl Fetch for Parameter {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Text(self.values(context)?.next()?.into()))
    }

    fn each<'c>(&'c self, context: &'c Context<'_>, visit: &mut dyn FnMut(Sample<'c>) -> bool) -> bool {
        self.values(context).is_some_and(|mut values| values.any(|value| visit(Sample::Text(value.into()))))
    }
}

inventory::submit! {
    FetchEntry::new(
        "url_param",
        "<name>[,<begin>[,i]]",
        Type::Text,
        Need::Request,
        "the values of a parameter in the target",
        |inputs| {
            let name = inputs.text("the name of a parameter")?.as_bytes().into();
            let begin = match inputs.take() {
                None => b'?',
                Some(input) => match input.text.as_bytes() {
                    [begin] => *begin,
                    _ => return Err(inputs.bad(input, "the byte before the parameters")),
                },
            };
            let ignore_case = match inputs.take() {
                None => false,
                Some(input) if input.text == "i" => true,
                Some(input) => return Err(inputs.bad(input, "'i'")),
            };
            Ok(Box::new(Parameter { name, begin, ignore_case }))
        },
    )
    .aliases(&["urlp"])
    .derived("urlp")
}
