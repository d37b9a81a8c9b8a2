//! A line of the log, and the patterns that it is compared with.
//!
//! A pattern is the line from the name of the frontend on, as `option tcplog` or `option httplog` writes it. A number
//! is compared exactly, except that `200~` means "200 or more" (for a time also "not more than the test itself
//! measured"), and `*` any. What begins with a quote, which is the request, is compared exactly to its end. A pattern
//! that begins with a number in angle brackets (`<131>`) also compares facility and level, which syslog combines in one
//! number.

use std::net::SocketAddr;
use std::time::Duration;

/// A timeout of 200 ms may expire after 199.x ms, which is shown as 199.
const ROUNDING: i64 = 2;
/// The shape of a date, with a digit for each digit and a letter for each letter.
const DATE: &str = "[00/Aaa/0000:00:00:00.000]";
/// The word of a pattern with the times.
const TIMES: usize = 2;

/// The line in one datagram.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Facility and level, combined in one number as in syslog.
    pub priority: u8,
    /// What follows the name of the program.
    pub message: String,
    /// The whole datagram, as it was received.
    pub whole: String,
}

impl LogLine {
    /// Reads `<134>Mmm dd hh:mm:ss tag[pid]: message`, or the form of RFC 5424, `<134>1 date host tag pid - message`,
    /// where the message begins with the structured data.
    pub fn parse(text: &str) -> Option<Self> {
        let (priority, rest) = text.strip_prefix('<')?.split_once('>')?;
        let (_, message) = match rest.strip_prefix("1 ") {
            // Date, host, tag, process, and a message identifier, which is never set.
            Some(rest) => (rest, rest.splitn(6, ' ').nth(5)?),
            None => rest.split_once("]: ")?,
        };
        Some(Self {
            priority: priority.parse().ok()?,
            message: message.trim_end().to_owned(),
            whole: text.to_owned(),
        })
    }

    /// Returns whether it is about a connection of this client: it begins with its address, or has it later.
    pub fn is_about(&self, client: SocketAddr) -> bool {
        let client = client.to_string();
        let mut words = self.message.split(' ');
        words.any(|word| word == client)
    }

    /// Compares it with a pattern; the error describes the difference.
    pub fn compare(&self, pattern: &str, client: SocketAddr, elapsed: Duration) -> Result<(), String> {
        let pattern = match pattern.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some((priority, rest)) => {
                same("priority", priority, &self.priority.to_string())?;
                rest
            }
            None => pattern,
        };
        let mut words = self.message.splitn(3, ' ');
        let (from, date) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let rest = words.next().ok_or("too short")?;
        same("client", &client.to_string(), from)?;
        same("date", DATE, &shape(date))?;
        let (wanted, wanted_request) = split(pattern);
        let (got, got_request) = split(rest);
        let (wanted, got): (Vec<_>, Vec<_>) = (wanted.split(' ').collect(), got.split(' ').collect());
        if wanted.len() != got.len() {
            return Err(format!("{} words instead of {}", got.len(), wanted.len()));
        }
        let longest = most(elapsed);
        for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
            numbers(wanted, got, if index == TIMES { longest } else { i64::MAX })?;
        }
        same("request", wanted_request, got_request)
    }
}

/// Returns the longest time in milliseconds that a line may have if the test has measured `elapsed`.
pub(crate) fn most(elapsed: Duration) -> i64 {
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX).saturating_add(ROUNDING)
}

/// Splits a line before its first quote.
fn split(line: &str) -> (&str, &str) {
    let (before, request) = line.split_at(line.find('"').unwrap_or(line.len()));
    (before.trim_end(), request)
}

fn same(what: &str, wanted: &str, got: &str) -> Result<(), String> {
    if wanted == got { Ok(()) } else { Err(format!("{what}: {got} instead of {wanted}")) }
}

/// Returns the shape of a date: `0` for a digit, `A` or `a` for a letter, and other characters as they are.
pub(crate) fn shape(text: &str) -> String {
    let shape = |c: char| match c {
        '0'..='9' => '0',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        other => other,
    };
    text.chars().map(shape).collect()
}

pub(crate) fn numbers(wanted: &str, got: &str, most: i64) -> Result<(), String> {
    let parts = (wanted.split('/'), got.split('/'));
    let equal = parts.0.clone().count() == parts.1.clone().count();
    if equal && parts.0.zip(parts.1).all(|(wanted, got)| number(wanted, got, most)) {
        return Ok(());
    }
    let limit = if most == i64::MAX { String::new() } else { format!(", with at most {most}") };
    Err(format!("{got} instead of {wanted}{limit}"))
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

    const TCP: &str = "<134>Nov  2 16:40:00 proxy[7]: 127.0.0.1:5 [22/Nov/2026:16:40:00.123] front back/s1 \
                       0/-1/200 10 cD 1/1/0/0/+2 0/0\n";
    const HTTP: &str = "<134>Nov  2 16:40:00 proxy[7]: 127.0.0.1:5 [22/Nov/2026:16:40:00.123] front back/s1 \
                        0/0/-1/-1/200 503 10 - - SC-- 1/1/0/0/+2 0/0 {a} \"GET / HTTP/1.1\"\n";

    fn compare(line: &str, pattern: &str, elapsed: u64) -> Result<(), String> {
        let (line, client) = (LogLine::parse(line).unwrap(), "127.0.0.1:5".parse().unwrap());
        assert!(line.is_about(client) && !line.is_about("127.0.0.1:50".parse().unwrap()));
        assert!(line.compare(pattern, "127.0.0.1:50".parse().unwrap(), Duration::MAX).is_err());
        line.compare(pattern, client, Duration::from_millis(elapsed))
    }

    /// Lines, each with a pattern that matches it, and changes with which the pattern does not.
    #[test]
    fn a_line_is_compared_field_by_field() {
        let tcp = "front back/s1 0~/-1/200~ 10 cD 1/1/0/0/+2 0/0";
        let http = "front back/s1 0~/0/-1/-1/200~ 503 1~ - - SC-- 1/1/*/0/+2 0/0 {a} \"GET / HTTP/1.1\"";
        assert_eq!(compare(TCP, "front back/s1 0/-1/200 1~ cD 1/1/0/0/+2 0/0", 210), Ok(()));
        for (line, right, parts) in [
            (TCP, tcp, &[("10 ", "11 "), ("cD", "CD"), ("-1/", "0~/"), ("200~", "+200~")][..]),
            (HTTP, http, &[("503", "502"), ("SC--", "sC--"), ("{a}", "{b}"), ("{a} ", ""), ("GET", "PUT")]),
        ] {
            assert_eq!(compare(line, right, 210), Ok(()));
            assert_eq!(compare(line, &format!("<134>{right}"), 210), Ok(()));
            assert!(compare(line, &format!("<131>{right}"), 210).is_err());
            let common =
                [("s1", "s2"), ("/200~", "/203~"), ("-1/200~", "0~/200~"), ("+2", "2"), ("0/0", "0/1")];
            for (part, wrong) in common.iter().chain(parts) {
                assert!(compare(line, &right.replace(part, wrong), 210).is_err(), "{part} {wrong}");
            }
        }
    }

    #[test]
    fn the_header_of_rfc_5424_is_known() {
        let text = "<131>1 2026-11-02T16:40:00.123456+00:00 - proxy 7 - [a@1 b=\"c - d\"] 127.0.0.1:5 e\n";
        let line = LogLine::parse(text).unwrap();
        assert_eq!((line.priority, &*line.whole), (131, text));
        assert_eq!(line.message, "[a@1 b=\"c - d\"] 127.0.0.1:5 e");
    }

    #[test]
    fn a_time_is_not_longer_than_the_measured_one() {
        let pattern = "front back/s1 0~/-1/100~ 10 cD 1/1/0/0/+2 0/0";
        assert_eq!(compare(TCP, pattern, 198), Ok(()));
        assert!(compare(TCP, pattern, 150).is_err());
    }
}
