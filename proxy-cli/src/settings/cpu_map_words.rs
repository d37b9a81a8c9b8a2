//! The words of `cpu-map`: numbers of groups and threads, and of CPUs.
//!
//! Where HAProxy reads digits and ignores what follows them (`0x`, `0,,1`, `0-x`), or takes `2-,0` for `0-2,0`, the
//! word is refused, since the result cannot be what was meant.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use proxy_config::{Diagnostic, Parsed, Word};

use crate::process::{CpuSet, GROUP_THREADS};

/// Reads a part of a word: `all`, `odd`, `even`, a number, a range, or a range without an end.
pub(super) fn numbers(word: &Word, begin: usize, end: usize) -> Parsed<BTreeSet<usize>> {
    let text = word.get(begin..end).unwrap_or_default();
    let all = 1..=GROUP_THREADS;
    match text {
        "all" => Ok(all.collect()),
        "odd" => Ok(all.step_by(2).collect()),
        "even" => Ok(all.skip(1).step_by(2).collect()),
        text => match range(text, all) {
            Some(range) => Ok(range.collect()),
            None => {
                let expected =
                    format!("all, odd, even, or numbers from 1 to {}: '1', '1-4', '1-'", GROUP_THREADS);
                Err(bad(word, begin, end, "thread or thread group", &expected))
            }
        },
    }
}

/// Reads a word with CPUs: numbers and ranges, separated by commas.
pub(super) fn cpus(word: &Word) -> Parsed<CpuSet> {
    let mut set = CpuSet::default();
    let mut begin = 0;
    for text in word.split(',') {
        let end = begin + text.len();
        let Some(range) =
            range(text, 0..=CpuSet::SIZE - 1).filter(|_| end == word.len() || !text.ends_with('-'))
        else {
            let expected = format!("numbers from 0 to {}: '0', '0-3', '4-' at the end", CpuSet::SIZE - 1);
            return Err(bad(word, begin, end, "CPU", &expected));
        };
        range.for_each(|cpu| set.insert(cpu));
        begin = end + 1;
    }
    Ok(set)
}

/// Reads `3`, `1-3`, `3-1` or `3-`, within bounds.
fn range(text: &str, within: RangeInclusive<usize>) -> Option<RangeInclusive<usize>> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|number| within.contains(number))
    };
    let (first, last) = match text.split_once('-') {
        None => (number(text)?, number(text)?),
        Some((first, "")) => (number(first)?, *within.end()),
        Some((first, last)) => (number(first)?, number(last)?),
    };
    Some(first.min(last)..=first.max(last))
}

fn bad(word: &Word, begin: usize, end: usize, what: &str, expected: &str) -> Box<Diagnostic> {
    let message = format!("'{}' is no {what}", word.get(begin..end).unwrap_or_default());
    Box::new(Diagnostic::alert(word.part(begin, end), message).expected(expected))
}
