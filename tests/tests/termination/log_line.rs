//! A line of the log, and the patterns that it is compared with.
//!
//! A pattern is the line from the name of the frontend on, as `option tcplog` writes it. A number is meant exactly, except
//! that `200~` means "200 or more" (of a time also "not more than the test itself measured"), and `*` any.

use std::net::SocketAddr;
use std::time::Duration;

/// A limit of 200 ms may end after 199.x ms, which is shown as 199.
const ROUNDING: i64 = 2;
/// How a date is written, with a digit for each digit and a letter for each letter.
const DATE: &str = "[00/Aaa/0000:00:00:00.000]";

/// What stands in one datagram.
#[derive(Clone, Debug)]
pub(crate) struct LogLine {
    /// Facility and level, as syslog puts them in one number.
    pub(crate) priority: u8,
    /// What follows the name of the program.
    pub(crate) message: String,
}

impl LogLine {
    /// Reads `<134>Mmm dd hh:mm:ss tag[pid]: message`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (priority, rest) = text.strip_prefix('<')?.split_once('>')?;
        let (_, message) = rest.split_once("]: ")?;
        Some(Self { priority: priority.parse().ok()?, message: message.trim_end().to_owned() })
    }

    /// Whether it is about the connection of this client: begins with its address, or names it later.
    pub(crate) fn is_about(&self, client: SocketAddr) -> bool {
        let client = client.to_string();
        let mut words = self.message.split(' ');
        words.any(|word| word == client)
    }

    /// Compares it with a pattern; the error says what differs.
    pub(crate) fn compare(&self, pattern: &str, client: SocketAddr, elapsed: Duration) -> Result<(), String> {
        let tokens: Vec<_> = self.message.split(' ').collect();
        let [from, date, got @ ..] = &tokens[..] else { return Err("too short".to_owned()) };
        same("client", &client.to_string(), from)?;
        same("date", DATE, &shape(date))?;
        let wanted: Vec<_> = pattern.split(' ').collect();
        let [front, server, times, bytes, letters, counters, queues] = wanted[..] else {
            panic!("not a pattern: {pattern}")
        };
        let [got_front, got_server, got_times, got_bytes, got_letters, got_counters, got_queues] = got else {
            return Err(format!("{} fields", got.len()));
        };
        // First what tells most.
        same("letters", letters, got_letters)?;
        same("frontend", front, got_front)?;
        same("server", server, got_server)?;
        let most = i64::try_from(elapsed.as_millis()).unwrap() + ROUNDING;
        numbers("Tw/Tc/Tt", times, got_times, most)?;
        numbers("bytes", bytes, got_bytes, i64::MAX)?;
        numbers("ac/fc/bc/sc/rc", counters, got_counters, i64::MAX)?;
        numbers("sq/bq", queues, got_queues, i64::MAX)
    }
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

fn numbers(what: &str, wanted: &str, got: &str, most: i64) -> Result<(), String> {
    let parts = (wanted.split('/'), got.split('/'));
    let equal = parts.0.clone().count() == parts.1.clone().count();
    if equal && parts.0.zip(parts.1).all(|(wanted, got)| number(wanted, got, most)) {
        Ok(())
    } else {
        Err(format!("{what}: {got} instead of {wanted}, with at most {most}"))
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
                        0/-1/200 10 cD 1/1/0/0/+2 0/0\n";

    fn compare(pattern: &str) -> Result<(), String> {
        let line = LogLine::parse(LINE).unwrap();
        assert_eq!(line.priority, 134);
        line.compare(pattern, "127.0.0.1:5".parse().unwrap(), Duration::from_millis(210))
    }

    #[test]
    fn a_line_is_compared_field_by_field() {
        assert_eq!(compare("front back/s1 0~/-1/200~ 10 cD 1/1/0/0/+2 0/0"), Ok(()));
        assert_eq!(compare("front back/s1 0/-1/200 1~ cD 1/1/0/0/+2 0/0"), Ok(()));
        for wrong in [
            "front back/s2 0~/-1/200~ 10 cD 1/1/0/0/+2 0/0",
            "front back/s1 0~/0~/200~ 10 cD 1/1/0/0/+2 0/0",
            "front back/s1 0~/-1/203~ 10 cD 1/1/0/0/+2 0/0",
            "front back/s1 0~/-1/+200~ 10 cD 1/1/0/0/+2 0/0",
            "front back/s1 0~/-1/200~ 11 cD 1/1/0/0/+2 0/0",
            "front back/s1 0~/-1/200~ 10 CD 1/1/0/0/+2 0/0",
            "front back/s1 0~/-1/200~ 10 cD 1/1/0/0/2 0/0",
            "front back/s1 0~/-1/200~ 10 cD 1/1/0/0/+2 0/1",
        ] {
            assert!(compare(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_not_longer_than_what_was_measured() {
        let line = LogLine::parse(LINE).unwrap();
        let pattern = "front back/s1 0~/-1/100~ 10 cD 1/1/0/0/+2 0/0";
        let client = "127.0.0.1:5".parse().unwrap();
        assert!(line.compare(pattern, client, Duration::from_millis(150)).is_err());
        assert!(line.is_about(client) && !line.is_about("127.0.0.1:50".parse().unwrap()));
    }
}
