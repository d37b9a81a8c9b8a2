//! Names as name servers know them.

use std::fmt;

/// The longest name, in characters without a dot at its end, and the longest label (RFC 1035 section 2.3.4).
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// A domain name in lower case, without a dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// Reads a name of letters, digits, hyphens and underscores. Returns `None` for anything else, and for one that no
    /// message can hold.
    pub fn parse(text: &str) -> Option<DomainName> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let is_label = |label: &str| {
            let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_allowed)
        };
        let is_name = text.len() <= LONGEST && text.split('.').all(is_label);
        is_name.then(|| DomainName(text.to_ascii_lowercase()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is the name of a service, whose servers are in SRV records: it begins with an underscore.
    pub fn is_service(&self) -> bool {
        self.0.starts_with('_')
    }

    /// Returns the labels, each after its length, as messages have them.
    pub(crate) fn labels(&self) -> Vec<u8> {
        let mut labels = Vec::with_capacity(self.0.len() + 1);
        for label in self.0.split('.') {
            labels.push(label.len() as u8);
            labels.extend_from_slice(label.as_bytes());
        }
        labels
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_messages_can_hold() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        for (text, name) in [
            ("a.Example", Some("a.example")),
            ("_http._tcp.a-b.example.", Some("_http._tcp.a-b.example")),
            (&longest, Some(&*longest)),
            (&format!("{longest}b"), None),
            (&"a".repeat(64), None),
            ("", None),
            (".", None),
            ("a..b", None),
            ("a b", None),
            ("a\0", None),
        ] {
            assert_eq!(DomainName::parse(text).as_ref().map(DomainName::as_str), name, "{text}");
        }
        assert_eq!(DomainName::parse("ab.c").unwrap().labels(), b"\x02ab\x01c");
    }
}
