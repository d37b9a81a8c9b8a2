//! The match for versions such as `3.1`: the sample is one number, with the minor version in its low 16 bits.

use super::integer::Within;
use super::ranges::{Ranges, number};
use crate::matching::MatchEntry;
use crate::sample::Type;

/// Matches versions. `-m` cannot name it; it is the default of the fetches that return versions.
pub static DOTTED_VERSION: MatchEntry = MatchEntry::new(
    "dotted version",
    "[eq|ge|gt|le|lt] <version> | <low>:<high>",
    Type::Integer,
    "it is a version in one of the ranges",
    |patterns| Ok(Box::new(Within(Ranges::read(patterns, version, "a version or a range of versions")?))),
);

/// Reads a version such as `3` or `3.1`.
fn version(text: &str) -> Option<i64> {
    let part = |text: &str| number(text).filter(|part| *part <= i64::from(u16::MAX));
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    Some(part(major)? << 16 | part(minor)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was compared with HAProxy.
    #[test]
    fn versions() {
        for (text, number) in [("3", 0x30000), ("3.1", 0x30001), ("0.2", 2), ("65535.65535", 0xffff_ffff)] {
            assert_eq!(version(text), Some(number), "{text}");
        }
        for text in ["", "x", "3.x", "65536", "3.65536", "3.1.1"] {
            assert_eq!(version(text), None, "{text}");
        }
    }
}
