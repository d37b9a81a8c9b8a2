//! Text of the page: escaped, and numbers as people read them.

use std::time::Duration;

/// Appends a text so that it is neither markup nor the end of an attribute.
pub(super) fn escape(page: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
}

/// Returns a text escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut page = String::with_capacity(text.len());
    escape(&mut page, text);
    page
}

/// Returns a number with a thin space before each group of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Returns a number of bytes in a unit in which it has up to four digits.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut unit = 0;
    let mut rest = bytes as f64;
    while rest >= 1000.0 && unit + 1 < UNITS.len() {
        rest /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes}\u{202f}B"),
        _ if rest < 100.0 => format!("{rest:.1}\u{202f}{}", UNITS[unit]),
        _ => format!("{rest:.0}\u{202f}{}", UNITS[unit]),
    }
}

/// Returns a duration in its two largest units.
pub(super) fn age(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes, rest) =
        (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest}s"),
        (0, 0, _) => format!("{minutes}m{rest:02}s"),
        (0, ..) => format!("{hours}h{minutes:02}m"),
        _ => format!("{days}d{hours:02}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        let hostile = "<script>alert('a')</script>\"&";
        assert_eq!(escaped(hostile), "&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;&quot;&amp;");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
        let sizes = [0, 999, 1500, 123_456, 99_990_000, u64::MAX].map(size);
        let expected = ["0 B", "999 B", "1.5 kB", "123 kB", "100.0 MB", "18447 PB"];
        assert_eq!(sizes, expected.map(|text| text.replace(' ', "\u{202f}")));
        let ages = [0, 61, 3_700, 90_000].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["0s", "1m01s", "1h01m", "1d01h"]);
    }
}
