//! Comparing texts with or without regard to case.

use crate::matching::Patterns;

/// Patterns that are texts. If case is ignored they are kept in lower case.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) list: Vec<Box<[u8]>>,
    pub(super) ignore_case: bool,
}

impl Texts {
    pub(super) fn of(patterns: &Patterns) -> Texts {
        let text = |text: &str| match patterns.ignore_case {
            true => text.to_ascii_lowercase(),
            false => text.to_owned(),
        };
        let list = patterns.list.iter().map(|pattern| text(&pattern.text).into_bytes().into()).collect();
        Texts { list, ignore_case: patterns.ignore_case }
    }

    /// Returns whether a part of a sample equals a pattern.
    pub(super) fn equal(&self, pattern: &[u8], part: &[u8]) -> bool {
        if self.ignore_case { pattern.eq_ignore_ascii_case(part) } else { pattern == part }
    }

    /// Returns whether any of the patterns matches.
    pub(super) fn any(&self, fits: impl Fn(&[u8]) -> bool) -> bool {
        self.list.iter().any(|pattern| fits(pattern))
    }
}
