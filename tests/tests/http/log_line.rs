//! A line of the log in HTTP mode, and the patterns that it is compared with.
//!
//! A pattern is the line from the name of the frontend on, as `option httplog` writes it. A number is meant exactly,
//! except that `200~` means "200 or more" (of a time also "not more than the test itself measured"), and `*` any. `@`
//! is what the client has received since its last line; for HAProxy, which counts something else, any number. A pattern
//! that begins with a number in angle brackets (`<131>`) also tells facility and level, as syslog puts them in one
//! number.

use std::net::SocketAddr;
use std::time::Duration;

/// A limit of 200 ms may end after 199.x ms, which is shown as 199.
const ROUNDING: i64 = 2;
/// How a date is written, with a digit for each digit and a letter for each letter.
const DATE: &str = "[00/Aaa/0000:00:00:00.000]";
/// The word of a line that has the times.
const TIMES: usize = 2;

/// What stands in one datagram.
#[derive(Clone, Debug)]
pub(crate) struct LogLine {
    /// Facility and level.
    pub(crate) priority: String,
    /// What follows the name of the program.
    pub(crate) message: String,
}

impl LogLine {
    /// Reads `<134>Mmm dd hh:mm:ss tag[pid]: message`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (priority, rest) = text.strip_prefix('<')?.split_once('>')?;
        let (_, message) = rest.split_once("]: ")?;
        Some(Self { priority: priority.to_owned(), message: message.trim_end().to_owned() })
    }

    /// Whether it is about a connection of this client.
    pub(crate) fn is_about(&self, client: SocketAddr) -> bool {
        self.message.strip_prefix(&client.to_string()).is_some_and(|rest| rest.starts_with(' '))
    }

    /// Compares it with a pattern; the error says what differs.
    pub(crate) fn compare(&self, pattern: &str, elapsed: Duration) -> Result<(), String> {
        let pattern = match pattern.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some((priority, rest)) => {
                same("priority", priority, &self.priority)?;
                rest
            }
            None => pattern,
        };
        let mut words = self.message.splitn(3, ' ');
        let (_, date, rest) = (words.next(), words.next(), words.next().ok_or("too short")?);
        same("date", DATE, &shape(date.unwrap_or_default()))?;
        let (wanted, wanted_request) = split(pattern);
        let (got, got_request) = split(rest);
        let (wanted, got): (Vec<_>, Vec<_>) = (wanted.split(' ').collect(), got.split(' ').collect());
        if wanted.len() != got.len() {
            return Err(format!("{} words instead of {}", got.len(), wanted.len()));
        }
        let longest = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX).saturating_add(ROUNDING);
        for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
            numbers(wanted, got, if index == TIMES { longest } else { i64::MAX })?;
        }
        same("request", wanted_request, got_request)
    }
}

/// Before the first quote, and from there on.
fn split(line: &str) -> (&str, &str) {
    let (before, request) = line.split_at(line.find('"').unwrap_or(line.len()));
    (before.trim_end(), request)
}

fn same(what: &str, wanted: &str, got: &str) -> Result<(), String> {
    if wanted == got { Ok(()) } else { Err(format!("{what}: {got} instead of {wanted}")) }
}

/// The shape of a date: what is a digit, what a letter, and what neither.
fn shape(text: &str) -> String {
    let shape = |c: char| match c {
        '0'..='9' => '0',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        other => other,
    };
    text.chars().map(shape).collect()
}

fn numbers(wanted: &str, got: &str, most: i64) -> Result<(), String> {
    let parts = (wanted.split('/'), got.split('/'));
    let equal = parts.0.clone().count() == parts.1.clone().count();
    if equal && parts.0.zip(parts.1).all(|(wanted, got)| number(wanted, got, most)) {
        Ok(())
    } else {
        Err(format!("{got} instead of {wanted}"))
    }
}

fn number(wanted: &str, got: &str, most: i64) -> bool {
    if wanted == "*" {
        return true;
    }
    let Some(least) = wanted.strip_suffix('~') else { return wanted == got };
    let plus = |text: &str| text.starts_with('+');
    let value = |text: &str| text.trim_start_matches('+').parse::<i64>();
    let (Ok(least), Ok(got_value)) = (value(least), value(got)) else { return false };
    plus(wanted) == plus(got) && got_value >= (least - ROUNDING).max(0).min(least) && got_value <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "<134>Nov  2 16:40:00 proxy[7]: 127.0.0.1:5 [22/Nov/2026:16:40:00.123] front back/s1 \
                        0/0/-1/-1/200 503 10 - - SC-- 1/1/0/0/+2 0/0 {a} \"GET / HTTP/1.1\"\n";

    #[test]
    fn a_line_is_compared_field_by_field() {
        let line = LogLine::parse(LINE).unwrap();
        assert!(line.is_about("127.0.0.1:5".parse().unwrap()));
        assert!(!line.is_about("127.0.0.1:50".parse().unwrap()));
        let compare = |pattern: &str| line.compare(pattern, Duration::from_millis(210));
        let right = "front back/s1 0~/0/-1/-1/200~ 503 1~ - - SC-- 1/1/*/0/+2 0/0 {a} \"GET / HTTP/1.1\"";
        assert_eq!(compare(right), Ok(()));
        assert_eq!(compare(&format!("<134>{right}")), Ok(()));
        for (part, wrong) in [
            ("s1", "s2"),
            ("/200~", "/203~"),
            ("-1/200~", "0~/200~"),
            ("503", "502"),
            ("SC--", "sC--"),
            ("+2", "2"),
            ("0/0 ", "0/1 "),
            ("{a}", "{b}"),
            ("{a} ", ""),
            ("GET", "PUT"),
        ] {
            assert!(compare(&right.replace(part, wrong)).is_err(), "{wrong}");
        }
        assert!(compare(&format!("<131>{right}")).is_err());
        // Not longer than what was measured.
        assert!(line.compare(right, Duration::from_millis(150)).is_err());
    }
}
