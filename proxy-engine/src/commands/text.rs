//! How the commands read and write ids, ages and addresses. The forms are HAProxy's, since scripts parse them.

use std::fmt::Write as _;
use std::time::Duration;

use proto_core::address::Address;

use crate::observe::ObservedListener;

/// Reads an id: decimal, hexadecimal with `0x`, or octal with `0`. 0 is not an id.
pub(super) fn id(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match (lower.strip_prefix("0x"), lower.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) => (digits, 8),
        (None, None) => (&*lower, 10),
    };
    // `from_str_radix` would accept a plus sign.
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    u64::from_str_radix(digits, radix).ok().filter(|id| is_number && *id > 0)
}

/// Splits a word into the number that it begins with, which may have a sign, and the rest. Numbers beyond the range are
/// the nearest in it.
pub(super) fn leading_number(word: &str) -> Option<(i64, &str)> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = word.split_at(word.len() - digits.len() + count);
    let limit = if number.starts_with('-') { i64::MIN } else { i64::MAX };
    (count > 0).then(|| (number.parse().unwrap_or(limit), rest))
}

/// Formats an age in its two largest units that are not 0: `23h59m`, `1d3s`, `0s`.
pub(super) fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let units =
        [(seconds / 86_400, 'd'), (seconds / 3_600 % 24, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let mut text = String::new();
    for (number, unit) in units.into_iter().filter(|(number, _)| *number > 0).take(2) {
        let _ = write!(text, "{number}{unit}");
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Formats the address of a client. One on a UNIX socket is named by the number of its listener.
pub(super) fn source(source: &Address, listener: &ObservedListener) -> String {
    match source {
        Address::Unix(_) => format!("unix:{}", listener.id()),
        other => address(other),
    }
}

/// Formats an address: IPv6 without brackets, as in log lines.
pub(super) fn address(address: &Address) -> String {
    match address.inet() {
        Some(inet) => format!("{}:{}", inet.ip(), inet.port()),
        None => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_of_three_bases() {
        let cases = [("0x4ff", 0x4ff), ("0X4FF", 0x4ff), ("1279", 1279), ("017", 0o17)];
        for (text, number) in cases {
            assert_eq!(id(text), Some(number), "{text}");
        }
        for text in ["", "0", "0x", "0x0", "foo", "12abc", "-1", "+1", "0x+1", "08", "18446744073709551616"] {
            assert_eq!(id(text), None, "{text}");
        }
        assert_eq!(id("0xffffffffffffffff"), Some(u64::MAX));
    }

    #[test]
    fn numbers_may_be_followed_by_other_characters() {
        for (word, expected) in [
            ("5", Some((5, ""))),
            ("-5%", Some((-5, "%"))),
            ("+5x", Some((5, "x"))),
            ("99999999999999999999", Some((i64::MAX, ""))),
            ("", None),
            ("-", None),
            ("x5", None),
        ] {
            assert_eq!(leading_number(word), expected, "{word}");
        }
    }

    #[test]
    fn ages_have_two_units() {
        let cases = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m1s"),
            (3_600, "1h"),
            (3_601, "1h1s"),
            (86_399, "23h59m"),
            (86_401, "1d1s"),
            (90_061, "1d1h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
        assert_eq!(age(Duration::from_millis(999)), "0s");
    }

    #[test]
    fn addresses_are_those_of_log_lines() {
        let inet = |text: &str| Address::Inet(text.parse().unwrap());
        assert_eq!(address(&inet("192.0.2.1:80")), "192.0.2.1:80");
        assert_eq!(address(&inet("[2001:db8::1]:80")), "2001:db8::1:80");
    }
}
