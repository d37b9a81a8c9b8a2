//! Replacements of what a regular expression matches: text with `\0` to `\9` for its groups.

use super::Groups;

/// The error of a backslash at the end, or of `\x` without two digits after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a backslash that begins nothing")]
pub(crate) struct Malformed;

/// Expands a text. `\x41` is a byte; a backslash before any other character yields that character.
pub(crate) fn expand(template: &[u8], groups: &Groups<'_>, to: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut rest = template;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        to.extend_from_slice(&rest[..at]);
        rest = match &rest[at + 1..] {
            [digit @ b'0'..=b'9', after @ ..] => {
                let group = groups.get(usize::from(digit - b'0'));
                to.extend_from_slice(group.unwrap_or_default());
                after
            }
            [b'x', high, low, after @ ..] => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).ok_or(Malformed);
                to.push((digit(high)? * 16 + digit(low)?) as u8);
                after
            }
            [b'x', ..] | [] => return Err(Malformed),
            [other, after @ ..] => {
                to.push(*other);
                after
            }
        };
    }
    to.extend_from_slice(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proxy_config::Sources;

    use super::super::{Budget, Flavour, Regex};
    use super::*;

    #[test]
    fn groups_and_bytes() {
        let span = Sources::span(Sources::default().add("", ""), 1, 0, 0);
        let regex = Regex::new("(b)(x)?(.)", Flavour::default(), span).unwrap();
        let budget = Budget::default();
        let groups = regex.groups(b"abcd", &budget).unwrap().unwrap();
        for (template, expanded) in [
            (&br"<\0|\1|\2|\3|\9>"[..], Some("<bc|b||c|>")),
            (br"\x41\\\n.", Some(r"A\n.")),
            (br"a\", None),
            (br"\x4", None),
            (br"\xzz", None),
            (b"", Some("")),
        ] {
            let mut to = Vec::new();
            let expanded_now =
                expand(template, &groups, &mut to).ok().map(|()| String::from_utf8(to).unwrap());
            assert_eq!(expanded_now.as_deref(), expanded, "{template:?}");
        }
    }
}
