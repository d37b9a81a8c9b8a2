//! `word`: one of the parts of a text between delimiters, several of which in a row count as one; or several adjacent
//! parts.

use std::ops::Range;

use super::field::{ARGUMENTS, Parts};
use crate::converter::ConverterEntry;
use crate::sample::Type;

inventory::submit! {
    ConverterEntry::new(
        "word",
        ARGUMENTS,
        Type::Text,
        Type::Text,
        "one of the parts between delimiters that are not empty; from -1 on from the end",
        |inputs| Parts::read(inputs, word),
    )
}

/// Finds words in a text. If there are fewer than requested, they extend to the end.
fn word(parts: &Parts, text: &[u8]) -> Option<Range<usize>> {
    let is_delimiter = |at: usize| parts.delimiters.contains(&text[at]);
    if parts.index > 0 {
        let (start, end) = find(parts, 0..text.len(), is_delimiter)?;
        Some(start..end)
    } else {
        // Backwards, positions are between bytes, counted from the end.
        let length = text.len();
        let (start, end) = find(parts, 0..length, |at| is_delimiter(length - 1 - at))?;
        Some(length - end..length - start)
    }
}

/// Finds words in either direction.
fn find(
    parts: &Parts,
    mut places: Range<usize>,
    is_delimiter: impl Fn(usize) -> bool,
) -> Option<(usize, usize)> {
    let end = places.end;
    let mut skipped = parts.index.unsigned_abs();
    let start = loop {
        let start = places.by_ref().find(|at| !is_delimiter(*at))?;
        skipped -= 1;
        if skipped == 0 {
            break start;
        }
        places.by_ref().find(|at| is_delimiter(*at))?;
    };
    let mut left = parts.count;
    loop {
        // The end of a word.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was compared with HAProxy 3.5-dev5.
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
            let parts = Parts { index, delimiters: b"/."[..].into(), count, find: super::word };
            let found = super::word(&parts, text.as_bytes()).map(|place| &text[place]);
            assert_eq!(found, word, "word {index} and {count} of {text:?}");
        }
    }
}
