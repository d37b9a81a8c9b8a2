//! `word`: one of the parts of a text between delimiters, of which several in a row are one; or some side by side.

use std::ops::Range;

use super::part::part;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Word {
    /// From 1 on from the beginning, from -1 on from the end.
    index: i64,
    delimiters: Box<[u8]>,
    /// How many; 0 for all up to the end, or the beginning.
    count: i64,
}

impl Word {
    /// Where it is in a text. If there are fewer words than were asked for, all that follows belongs to them.
    fn place(&self, text: &[u8]) -> Option<Range<usize>> {
        let is_delimiter = |at: usize| self.delimiters.contains(&text[at]);
        if self.index > 0 {
            let (start, end) = self.find(0..text.len(), is_delimiter)?;
            Some(start..end)
        } else {
            // Backwards, places are those between bytes, counted from the end.
            let length = text.len();
            let (start, end) = self.find(0..length, |at| is_delimiter(length - 1 - at))?;
            Some(length - end..length - start)
        }
    }

    /// The same in whichever direction.
    fn find(&self, mut places: Range<usize>, is_delimiter: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let end = places.end;
        let mut skipped = self.index.unsigned_abs();
        let start = loop {
            let start = places.by_ref().find(|at| !is_delimiter(*at))?;
            skipped -= 1;
            if skipped == 0 {
                break start;
            }
            places.by_ref().find(|at| is_delimiter(*at))?;
        };
        let mut left = self.count;
        loop {
            // At the end of a word.
            let Some(at) = places.by_ref().find(|at| is_delimiter(*at)) else { return Some((start, end)) };
            if left == 1 {
                return Some((start, at));
            }
            left = left.saturating_sub(1).max(0);
            if places.by_ref().find(|at| !is_delimiter(*at)).is_none() {
                return Some((start, end));
            }
        }
    }
}

impl Converter for Word {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let place = self.place(&text)?;
        Some(Sample::Text(part(text, place)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "word",
        "<index>,<delimiters>[,<count>]",
        Type::Text,
        Type::Text,
        "one of the parts between delimiters that are not empty; from -1 on from the end",
        |inputs| {
            let expected = "a number: from 1 on from the beginning, from -1 on from the end";
            let input = inputs.input(expected)?;
            let index = input.text.parse().ok().filter(|index| *index != 0);
            let index = index.ok_or_else(|| inputs.bad(input, expected))?;
            let delimiters = inputs.text("the bytes between parts")?.as_bytes().into();
            let count = inputs.number_or(1, 0..=i64::MAX, "how many parts; 0 for all that follow")?;
            Ok(Box::new(Word { index, delimiters, count }))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was given to HAProxy 3.5-dev5.
    #[test]
    fn words() {
        const TEXT: &str = "/a//b/c/";
        for (index, count, text, word) in [
            (1, 1, TEXT, Some("a")),
            (2, 1, TEXT, Some("b")),
            (3, 1, TEXT, Some("c")),
            (4, 1, TEXT, None),
            (1, 2, TEXT, Some("a//b")),
            (2, 0, TEXT, Some("b/c/")),
            (2, 9, TEXT, Some("b/c/")),
            (-1, 1, TEXT, Some("c")),
            (-3, 1, TEXT, Some("a")),
            (-4, 1, TEXT, None),
            (-1, 2, TEXT, Some("b/c")),
            (-2, 0, TEXT, Some("/a//b")),
            (-2, 9, TEXT, Some("/a//b")),
            (1, 1, "///", None),
            (-1, 1, "", None),
            (1, 1, "abc", Some("abc")),
            (-1, 1, "abc", Some("abc")),
            (2, 1, "a.b/c", Some("b")),
            (i64::MIN, 1, "a/b", None),
            (i64::MAX, 1, "a/b", None),
        ] {
            let found = Word { index, delimiters: b"/."[..].into(), count };
            let found = found.place(text.as_bytes()).map(|place| &text[place]);
            assert_eq!(found, word, "word {index} and {count} of {text:?}");
        }
    }
}
