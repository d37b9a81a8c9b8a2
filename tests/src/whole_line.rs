//! A whole line of the log, compared with a golden line.
//!
//! In a golden line only what cannot be known in advance has a name, and everything else is literal:
//!
//! | written | means |
//! | --- | --- |
//! | `{stamp}` | the date of the header, `Nov  2 16:40:00` |
//! | `{date}` | a date with milliseconds, `02/Nov/2026:16:40:00.123` |
//! | `{day}` | a date with an offset, `02/Nov/2026:16:40:00 +0000` |
//! | `{iso}` | the date of a header as RFC 5424 has it, `2026-11-02T16:40:00.123456+00:00` |
//! | `{NAME}` | a value that the test defines: an address, a process, a program |
//! | `0~` `200~` | a number of at least this; a time is also not longer than the test measured |
//! | `*` | any number, or any word |
//!
//! Text between quotes is literal: in it these numbers mean nothing.
//!
//! The line feed at the end is not written; a line without it differs.

use std::borrow::Cow;
use std::time::Duration;

use crate::log_line::{most, numbers, shape};

/// The dates, by their shapes.
const DATES: [(&str, &str); 4] = [
    ("{stamp}", "Aaa 00 00:00:00"),
    ("{date}", "00/Aaa/0000:00:00:00.000"),
    ("{day}", "00/Aaa/0000:00:00:00 +0000"),
    ("{iso}", "0000-00-00A00:00:00.000000+00:00"),
];

/// Compares a line with a golden one, in which `names` stand for these values; the error describes the difference.
pub fn compare_whole(
    line: &str,
    golden: &str,
    names: &[(String, String)],
    elapsed: Duration,
) -> Result<(), String> {
    let line = line.strip_suffix('\n').ok_or("no line feed at the end")?;
    let line = without_dates(line);
    let golden =
        names.iter().fold(golden.to_owned(), |text, (name, is)| text.replace(&format!("{{{name}}}"), is));
    let (wanted, got): (Vec<_>, Vec<_>) = (golden.split(' ').collect(), line.split(' ').collect());
    let differs = |what: String| Err(format!("{what}\n    got: {line}\n    not: {golden}"));
    if wanted.len() != got.len() {
        return differs(format!("{} words instead of {}", got.len(), wanted.len()));
    }
    let mut quoted = false;
    for (wanted, got) in wanted.into_iter().zip(got) {
        let quotes = wanted.matches('"').count();
        // Times are separated by slashes; a number of bytes is not, and has nothing to do with the time.
        let most = if wanted.contains('/') { most(elapsed) } else { i64::MAX };
        let compared = match quoted || quotes > 0 {
            true if wanted == got => Ok(()),
            true => Err(format!("{got} instead of {wanted}")),
            false => {
                let (wanted, got) = without_same_end(wanted, got);
                numbers(wanted, got, most)
            }
        };
        if let Err(what) = compared {
            return differs(what);
        }
        quoted ^= quotes % 2 == 1;
    }
    Ok(())
}

/// Removes from both words what JSON has after a number, as far as it is the same in both.
fn without_same_end<'a>(mut wanted: &'a str, mut got: &'a str) -> (&'a str, &'a str) {
    for end in [",", "}"] {
        if let (Some(shorter), Some(got_shorter)) = (wanted.strip_suffix(end), got.strip_suffix(end)) {
            (wanted, got) = (shorter, got_shorter);
        }
    }
    (wanted, got)
}

/// Replaces each date in the line by a name.
fn without_dates(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (text, length) = match date(rest) {
            Some((name, length)) => (Cow::Borrowed(name), length),
            None => (Cow::Owned(first.to_string()), first.len_utf8()),
        };
        out += &text;
        rest = &rest[length..];
    }
    out
}

/// Returns the name and the length of the date that the text begins with.
fn date(text: &str) -> Option<(&'static str, usize)> {
    let begins = |pattern: &str| {
        text.get(..pattern.len()).is_some_and(|begin| {
            // A day of the month with one digit has a space before it.
            let begin =
                if pattern.starts_with('A') { begin.replacen("  ", " 0", 1) } else { begin.to_owned() };
            shape(&begin) == pattern
        })
    };
    DATES.iter().find(|(_, pattern)| begins(pattern)).map(|(name, pattern)| (*name, pattern.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "<134>Nov  2 16:40:00 proxy[7]: 127.0.0.1:5 [02/Nov/2026:16:40:00.123] front back/s1 \
                        0/0/-1/-1/200 503 10 - - SC-- 1/1/0/0/+2 0/0 {a} \"GET /* HTTP/1.1\"\n";
    const GOLDEN: &str = "<134>{stamp} {program}[{pid}]: {c} [{date}] front back/s1 0~/0/-1/-1/200~ 503 1~ - - SC-- \
                          1/1/*/0/+2 0/0 {a} \"GET /* HTTP/1.1\"";

    fn compare(line: &str, golden: &str, elapsed: u64) -> Result<(), String> {
        let names = [("program", "proxy"), ("pid", "7"), ("c", "127.0.0.1:5")];
        let names = names.map(|(name, is)| (name.to_owned(), is.to_owned()));
        compare_whole(line, golden, &names, Duration::from_millis(elapsed))
    }

    #[test]
    fn every_byte_is_compared() {
        assert_eq!(compare(LINE, GOLDEN, 210), Ok(()));
        for (right, wrong) in [
            ("<134>", "<131>"),
            ("Nov  2", "Nov 2"),
            (" proxy", "  proxy"),
            ("[7]", "[8]"),
            (":5 ", ":50 "),
            ("00.123", "00"),
            ("-1/200", "-1/300"),
            ("503", "502"),
            ("{a}", "{b}"),
            ("/*", "/x"),
            ("1.1\"\n", "1.1\" \n"),
            ("\"\n", "\""),
        ] {
            let line = LINE.replace(right, wrong);
            assert_ne!(line, LINE);
            assert!(compare(&line, GOLDEN, 210).is_err(), "{line}");
        }
    }

    #[test]
    fn a_time_has_bounds_and_a_number_of_bytes_has_none() {
        let bytes = LINE.replace(" 10 ", " 5000 ");
        assert_eq!(compare(&bytes, GOLDEN, 210), Ok(()));
        assert!(compare(LINE, GOLDEN, 100).is_err());
    }

    #[test]
    fn a_number_of_json_is_a_number() {
        let line = "{\"a\": 12, \"b\": 5}\n";
        assert_eq!(compare(line, "{\"a\": 0~, \"b\": *}", 210), Ok(()));
        assert!(compare(line, "{\"a\": 15~, \"b\": *}", 210).is_err());
        assert!(compare(line, "{\"a\": 0~, \"b\": *,", 210).is_err());
    }

    #[test]
    fn dates_are_known_by_their_shapes() {
        let day = "a [02/Nov/2026:16:40:00 +0000] \u{e9}\n";
        assert_eq!(compare(day, "a [{day}] \u{e9}", 0), Ok(()));
        assert!(compare(day, "a [{date}] \u{e9}", 0).is_err());
        assert_eq!(compare("Dec 31 23:59:59\n", "{stamp}", 0), Ok(()));
    }
}
