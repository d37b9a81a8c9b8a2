//! Dates in a form that a configuration chooses, with the conversions of `strftime(3)` in the C locale.

use std::fmt;

use jiff::Timestamp;
use jiff::fmt::strtime::{BrokenDownTime, Config, PosixCustom};
use jiff::tz::TimeZone;

use super::zone;

/// The conversions, each after `%` and an optional flag. Those of other libraries are not among them.
const CONVERSIONS: &[u8] = b"%ABCDFGHIMPRSTUVWXYZabcdeghjklmnprstuwxyz";
/// The flags: no padding, padding with zeros or spaces, upper case, the other case.
const FLAGS: &[u8] = b"-0_^#";

/// A form of dates.
#[derive(Clone)]
pub struct DatePattern {
    text: Box<str>,
    zone: TimeZone,
}

/// The error of a conversion that is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'%{0}' is no conversion of dates")]
pub struct UnknownConversion(String);

impl DatePattern {
    /// Makes a pattern for dates in UTC.
    ///
    /// # Errors
    /// Returns an error if it has an unknown conversion.
    pub fn utc(text: &str) -> Result<DatePattern, UnknownConversion> {
        // The name is that of the C library.
        DatePattern::new(text, TimeZone::posix("GMT0").unwrap_or(TimeZone::UTC))
    }

    /// Makes a pattern for dates in the time zone of this machine.
    ///
    /// # Errors
    /// Returns an error if it has an unknown conversion.
    pub fn local(text: &str) -> Result<DatePattern, UnknownConversion> {
        DatePattern::new(text, zone::local().clone())
    }

    fn new(text: &str, zone: TimeZone) -> Result<DatePattern, UnknownConversion> {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('%') {
            let unflagged =
                after.strip_prefix(|flag: char| u8::try_from(flag).is_ok_and(|flag| FLAGS.contains(&flag)));
            let conversion = unflagged.unwrap_or(after);
            match conversion.bytes().next() {
                Some(letter) if CONVERSIONS.contains(&letter) => rest = &conversion[1..],
                _ => return Err(UnknownConversion(after.chars().take(2).collect())),
            }
        }
        Ok(DatePattern { text: text.into(), zone })
    }

    /// Writes a time in seconds since 1970; `None` if its year does not have four digits.
    pub fn write(&self, seconds: i64) -> Option<String> {
        let moment = Timestamp::from_second(seconds).ok()?.to_zoned_datetime(self.zone.clone());
        let config = Config::new().custom(PosixCustom::new());
        BrokenDownTime::from(&moment).to_string_with_config(&config, &*self.text).ok()
    }
}

impl fmt::Debug for DatePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatePattern({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Each was compared with HAProxy 3.5-dev5.
    #[test]
    fn dates_are_those_of_the_c_library() {
        for (pattern, expected) in [
            ("%Y-%m-%d %H:%M:%S", "2001-09-09 01:46:40"),
            ("%a %b %e %j %p %I %y %%%T %s %Z %z", "Sun Sep  9 252 AM 01 01 %01:46:40 1000000000 GMT +0000"),
            ("%c|%x|%X|%D|%R|%r", "Sun Sep  9 01:46:40 2001|09/09/01|01:46:40|09/09/01|01:46|01:46:40 AM"),
            ("%u|%w|%U|%V|%G|%g|%C|%h|%n|%t", "7|0|36|36|2001|01|20|Sep|\n|\t"),
            ("%-d %_d", "9  9"),
            ("x", "x"),
            ("", ""),
        ] {
            assert_eq!(DatePattern::utc(pattern).unwrap().write(SECOND).as_deref(), Some(expected));
        }
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let berlin = DatePattern::new("%FT%T %Z %z", berlin).unwrap();
        assert_eq!(berlin.write(SECOND - 1).as_deref(), Some("2001-09-09T03:46:39 CEST +0200"));
    }

    #[test]
    fn unknown_conversions_and_moments_without_a_date() {
        for (pattern, unknown) in
            [("%Q", "Q"), ("a%N", "N"), ("%", ""), ("%-", "-"), ("%10Y", "10"), ("%Ey", "Ey"), ("%é", "é")]
        {
            assert_eq!(
                DatePattern::utc(pattern).unwrap_err(),
                UnknownConversion(unknown.into()),
                "{pattern}"
            );
        }
        for seconds in [i64::MIN, 253_402_300_800, i64::MAX] {
            assert_eq!(DatePattern::utc("%Y").unwrap().write(seconds), None);
        }
    }

    /// Every conversion has a result.
    #[test]
    fn all_conversions_are_written() {
        for conversion in CONVERSIONS {
            for flag in FLAGS.iter().map(|flag| char::from(*flag).to_string()).chain([String::new()]) {
                let pattern = format!("%{flag}{}", char::from(*conversion));
                assert!(DatePattern::utc(&pattern).unwrap().write(SECOND).is_some(), "{pattern}");
            }
        }
    }
}
