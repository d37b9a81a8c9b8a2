//! Texts that are compared with or without regard to capital letters.

use crate::matching::Patterns;

/// Patterns that are texts. Without regard to capitals they are kept in small letters.
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

    /// Whether a part of a sample is a pattern.
    pub(super) fn equal(&self, pattern: &[u8], part: &[u8]) -> bool {
        if self.ignore_case { pattern.eq_ignore_ascii_case(part) } else { pattern == part }
    }

    /// Whether any of them fits.
    pub(super) fn any(&self, fits: impl Fn(&[u8]) -> bool) -> bool {
        self.list.iter().any(|pattern| fits(pattern))
    }
}
