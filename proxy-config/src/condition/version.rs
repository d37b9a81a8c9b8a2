//! Versions of HAProxy and of OpenSSL, and their order.

use std::cmp::Ordering;

use super::number;

/// A version as `haproxy -v` shows it: `3.5-dev5`, `2.4.1`, `3.0-rc1-f6818d-20`. Missing numbers are zero.
///
/// The order is that of releases: `-dev` comes before `-rc` and `-pre`, those before the release without a tag, and the
/// number of commits after the last `-` comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    numbers: [u32; 4],
    tag: Tag,
    tag_number: u32,
    commits: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tag {
    Development,
    Candidate,
    Release,
}

const TAGS: [(&str, Tag); 3] = [("dev", Tag::Development), ("rc", Tag::Candidate), ("pre", Tag::Candidate)];

impl Version {
    /// Parses a version; `None` if the text is not a version. In a condition, such a text counts as older than every
    /// version, on which files rely (`version_atleast(v3.5-dev3)`).
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let mut version = Version { numbers: [0; 4], tag: Tag::Release, tag_number: 0, commits: 0 };
        let mut rest = text;
        let last = version.numbers.len() - 1;
        for (index, value) in version.numbers.iter_mut().enumerate() {
            (*value, rest) = take_number(rest);
            match rest.chars().next() {
                None => return Some(version),
                Some('-') => return version.with_tag(&rest[1..]),
                Some('.') if index < last => rest = &rest[1..],
                Some(_) => return None,
            }
        }
        None
    }

    fn with_tag(mut self, text: &str) -> Option<Self> {
        let tag = TAGS.iter().find_map(|(word, tag)| Some((text.strip_prefix(word)?, *tag)));
        let Some((number, tag)) = tag else { return self.with_commits(text) };
        self.tag = tag;
        let rest;
        (self.tag_number, rest) = take_number(number);
        match rest.strip_prefix('-') {
            Some(commits) => self.with_commits(commits),
            None => rest.is_empty().then_some(self),
        }
    }

    /// Parses the number of commits, which is after the last `-`; the part before that is a hash. Anything that is not
    /// a number counts as zero.
    fn with_commits(mut self, text: &str) -> Option<Self> {
        let number = match text.rsplit_once('-') {
            Some((_, "")) => return None,
            Some((_, number)) => number,
            None => text,
        };
        let (commits, rest) = take_number(number);
        self.commits = if rest.is_empty() { commits } else { 0 };
        Some(self)
    }
}

/// Returns the number at the start, 0 if there is none, and what follows it.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers of a version have 32 bits"
)]
fn take_number(text: &str) -> (u32, &str) {
    let (value, end) = number::leading(text, 10).unwrap_or_default();
    (value as u32, &text[end..])
}

/// A version in the form of `OPENSSL_VERSION_NUMBER`: `0xMNNFFPPS`, for major, minor, fix, patch (the
/// letter) and status, which is `f` in a release.
///
/// A library of OpenSSL 3 has its third number in PP, while the third number in a condition goes to FF. So only the
/// first two numbers of a condition are meaningful for such a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpensslVersion(pub u32);

impl OpensslVersion {
    /// Parses `1.1.1`, `1.0.2k`, `3.0.0-beta2`; anything else after `-` is a version before the release.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, rest) = take_number(text);
        let (minor, rest) = take_number(rest.strip_prefix('.')?);
        let (fix, rest) = take_number(rest.strip_prefix('.')?);
        if major > 0xf || minor > 0xff || fix > 0xff {
            return None;
        }
        let (patch, status) = match rest.strip_prefix('-') {
            Some(tag) => (0, tag.strip_prefix("beta").map_or(0, |number| take_number(number).0)),
            None if rest.is_empty() => (0, 0xf),
            None => (letters(rest), 0xf),
        };
        if status > 0xf || (status == 0xf && rest.starts_with('-')) {
            return None;
        }
        let value = major << 28 | minor << 20 | fix << 12 | patch << 4 | status;
        // A library with the number zero has no version.
        (value != 0).then_some(OpensslVersion(value))
    }
}

/// Returns the number of patch letters: `a` is 1, and several letters continue after `z`: `za` is 26.
fn letters(text: &str) -> u32 {
    let sum = text
        .bytes()
        .fold(1u32, |sum, letter| sum.wrapping_add(u32::from(letter & !0x20)).wrapping_sub(u32::from(b'A')));
    sum & 0xff
}

/// Compares a version in a condition with the current one. One that cannot be parsed is older.
pub(super) fn compare(asked: &str, current: Version) -> Ordering {
    Version::parse(asked).map_or(Ordering::Less, |asked| asked.cmp(&current))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_they_were_released() {
        let ascending = [
            "1.5-dev18",
            "1.5-dev18-43",
            "1.5-dev18-f6818d-44",
            "1.5-rc1",
            "1.5",
            "1.5.0.1",
            "1.5.1-pre2",
            "2",
        ];
        let parsed: Vec<Version> = ascending.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(parsed.is_sorted_by(|a, b| a < b), "{parsed:?}");
        assert_eq!(Version::parse("1.5-rc1"), Version::parse("1.5.0-pre1"));
        assert_eq!(Version::parse("1.5-abc"), Version::parse("1.5"));
    }

    #[test]
    fn invalid_versions() {
        for text in ["", "v3.5", "a", "1.a", "1.2.3.4.5", "1.2.3.4a", "1-dev1a", "1-2-", "1ä"] {
            assert_eq!(Version::parse(text), None, "{text}");
            assert_eq!(compare(text, Version::parse("0-dev1").unwrap()), Ordering::Less);
        }
    }

    #[test]
    fn versions_of_openssl() {
        for (text, number) in [
            ("1.1.1", 0x1010_100f),
            ("1.0.2k", 0x1000_20bf),
            ("3.0.0-beta2", 0x3000_0002),
            ("3.0.0-alpha", 0x3000_0000),
            ("0.9.8za", 0x0090_81af),
        ] {
            assert_eq!(OpensslVersion::parse(text), Some(OpensslVersion(number)), "{text}");
        }
        for text in ["", "1", "1.1", "16.0.0", "1.256.0", "1.0.256", "1.0.0-beta15", "0.0.0-x"] {
            assert_eq!(OpensslVersion::parse(text), None, "{text}");
        }
    }
}
