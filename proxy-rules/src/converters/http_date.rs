//! `http_date`: a time as HTTP writes it in fields (RFC 9110, section 5.6.7).

use std::borrow::Cow;
use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::date::Date;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct HttpDate {
    /// What is added, in the unit of the input.
    offset: i64,
    /// How many of the unit make a second.
    in_second: i64,
}

impl HttpDate {
    /// Returns the text; `None` for a time before 1970 or after 9999.
    fn write(&self, time: i64) -> Option<Vec<u8>> {
        let time = time.checked_add(self.offset)?;
        let (seconds, part) = (time.div_euclid(self.in_second), time.rem_euclid(self.in_second));
        let moment = UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))?;
        let mut text = Vec::with_capacity(36);
        Date::utc(moment).weekday_and_time(&mut text)?;
        if self.in_second > 1 {
            // As in HAProxy, without leading zeros. Writing to a Vec cannot fail.
            let _ = write!(text, ".{part}");
        }
        text.extend_from_slice(b" GMT");
        Some(text)
    }
}

impl Converter for HttpDate {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Integer(time) = sample else { return None };
        Some(Sample::Text(Cow::Owned(self.write(time)?)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "http_date",
        "[<offset>][,<unit>]",
        Type::Integer,
        Type::Text,
        "a time since 1970 in s, ms or us, as in fields of HTTP",
        |inputs| {
            let offset = inputs.number_or(0, i64::MIN..=i64::MAX, "what to add to the time")?;
            let in_second = match inputs.take() {
                None => 1,
                Some(unit) => match &*unit.text {
                    "s" => 1,
                    "ms" => 1000,
                    "us" => 1_000_000,
                    _ => return Err(inputs.bad(unit, "the unit: 's', 'ms' or 'us'")),
                },
            };
            Ok(Box::new(HttpDate { offset, in_second }))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was compared with HAProxy 3.5-dev5, which writes times out of range as well.
    #[test]
    fn dates() {
        let write = |time, offset, in_second| {
            HttpDate { offset, in_second }.write(time).map(|text| String::from_utf8(text).unwrap())
        };
        for (time, offset, in_second, expected) in [
            (1_000_000_000, 0, 1, "Sun, 09 Sep 2001 01:46:40 GMT"),
            (1_000_000_000, 10, 1, "Sun, 09 Sep 2001 01:46:50 GMT"),
            (1_000_000_000, -10, 1, "Sun, 09 Sep 2001 01:46:30 GMT"),
            (1_000_000_000_123, 0, 1000, "Sun, 09 Sep 2001 01:46:40.123 GMT"),
            (1_000_000_000_005, 1, 1000, "Sun, 09 Sep 2001 01:46:40.6 GMT"),
            (1_000_000_000_123_456, 0, 1_000_000, "Sun, 09 Sep 2001 01:46:40.123456 GMT"),
            (0, 0, 1, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(write(time, offset, in_second).as_deref(), Some(expected));
        }
        for time in [-1, 253_402_300_800, i64::MAX, i64::MIN] {
            assert_eq!(write(time, 0, 1), None);
        }
        assert_eq!(write(i64::MAX, 1, 1), None);
    }
}
