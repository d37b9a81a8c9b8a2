//! `field`: one of the parts of a text between delimiters, or several adjacent ones; and the code shared with `word`,
//! which defines parts differently.

use std::ops::Range;

use proxy_config::Parsed;

use super::part::part;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// The arguments of a converter that takes parts of a text.
pub(super) const ARGUMENTS: &str = "<index>,<delimiters>[,<count>]";

/// Which parts of a text are taken.
#[derive(Debug)]
pub(super) struct Parts {
    /// The first part: from 1 on from the beginning, from -1 on from the end.
    pub(super) index: i64,
    pub(super) delimiters: Box<[u8]>,
    /// The number of parts; 0 for all up to the end, or the beginning.
    pub(super) count: i64,
    /// Finds the parts in a text.
    pub(super) find: fn(&Parts, &[u8]) -> Option<Range<usize>>,
}

impl Parts {
    /// Creates the converter from its arguments.
    pub(super) fn read(
        inputs: &mut Inputs<'_>,
        find: fn(&Parts, &[u8]) -> Option<Range<usize>>,
    ) -> Parsed<Box<dyn Converter>> {
        let expected = "a number: from 1 on from the beginning, from -1 on from the end";
        let input = inputs.input(expected)?;
        let index = input.text.parse().ok().filter(|index| *index != 0);
        let index = index.ok_or_else(|| inputs.bad(input, expected))?;
        let delimiters = inputs.text("the bytes between parts")?.as_bytes().into();
        let count = inputs.number_or(1, 0..=i64::MAX, "how many parts; 0 for all that follow")?;
        Ok(Box::new(Parts { index, delimiters, count, find }))
    }
}

impl Converter for Parts {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let place = (self.find)(self, &text)?;
        Some(Sample::Text(part(text, place)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "field",
        ARGUMENTS,
        Type::Text,
        Type::Text,
        "one of the parts between delimiters; from -1 on from the end",
        |inputs| Parts::read(inputs, field),
    )
}

/// Finds fields in a text.
fn field(parts: &Parts, text: &[u8]) -> Option<Range<usize>> {
    let is_delimiter = |at: &usize| parts.delimiters.contains(&text[*at]);
    let (skipped, taken) = (parts.index.unsigned_abs() - 1, parts.count.unsigned_abs());
    // The indices of the delimiters before the first field that is taken, and after the last.
    let nth = |number: u64| usize::try_from(number).ok();
    let last = taken.checked_sub(1).and_then(|more| skipped.checked_add(more)).and_then(nth);
    if parts.index > 0 {
        let mut ends = (0..text.len()).filter(is_delimiter);
        let start = if skipped == 0 { 0 } else { ends.nth(nth(skipped - 1)?)? + 1 };
        let end = last.and_then(|last| (0..text.len()).filter(is_delimiter).nth(last));
        Some(start..end.unwrap_or(text.len()))
    } else {
        let mut ends = (0..text.len()).rev().filter(is_delimiter);
        let end = if skipped == 0 { text.len() } else { ends.nth(nth(skipped - 1)?)? };
        let start = last.and_then(|last| (0..text.len()).rev().filter(is_delimiter).nth(last));
        Some(start.map_or(0, |at| at + 1)..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (index, count, text, part) in [
            (1, 1, "a/b/c", Some("a")),
            (2, 1, "a/b/c", Some("b")),
            (3, 1, "a/b/c", Some("c")),
            (4, 1, "a/b/c", None),
            (1, 1, "", Some("")),
            (2, 1, "", None),
            (2, 1, "/b.c", Some("b")),
            (2, 2, "a/b/c/d", Some("b/c")),
            (2, 9, "a/b/c/d", Some("b/c/d")),
            (2, 0, "a/b/c/d", Some("b/c/d")),
            (-1, 1, "a/b/c", Some("c")),
            (-2, 1, "a/b/c", Some("b")),
            (-3, 1, "a/b/c", Some("a")),
            (-4, 1, "a/b/c", None),
            (-2, 2, "a/b/c/d", Some("b/c")),
            (-2, 0, "a/b/c/d", Some("a/b/c")),
            (i64::MAX, i64::MAX, "a/b", None),
            (i64::MIN, 1, "a/b", None),
        ] {
            let parts = Parts { index, delimiters: b"/."[..].into(), count, find: field };
            let found = field(&parts, text.as_bytes()).map(|place| &text[place]);
            assert_eq!(found, part, "field {index} and {count} of {text:?}");
        }
    }
}
