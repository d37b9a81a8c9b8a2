//! Dates in logs and rules: the only place that knows about time zones and calendars.
//!
//! * [`Date`]: a point in time in a time zone, and the forms in which it is written.
//! * [`DatePattern`]: a form that a configuration chooses.
//! * [`read_time_zone`]: called once, while the files of the time zone can still be read.

mod forms;
mod pattern;
mod zone;

pub use pattern::{DatePattern, UnknownConversion};
pub use zone::read_time_zone;

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A point in time, as clocks of a time zone show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date {
    /// The year, such as 2026.
    pub year: i16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59.
    pub second: u8,
    /// The microsecond, 0 to 999999.
    pub micros: u32,
    /// The offset of the time zone, in minutes east of Greenwich.
    pub east: i16,
}

impl Date {
    /// Returns the date in the time zone of this machine. A time before 1970 becomes the beginning of 1970.
    ///
    /// A thread that asks for times within the same second repeatedly, as logs do, calculates once.
    pub fn local(moment: SystemTime) -> Date {
        thread_local! {
            static LAST: Cell<(u64, Date)> = const { Cell::new((u64::MAX, Date::ZERO)) };
        }
        Date::cached(moment, &LAST, zone::local())
    }

    /// Returns the date in UTC.
    pub fn utc(moment: SystemTime) -> Date {
        thread_local! {
            static LAST: Cell<(u64, Date)> = const { Cell::new((u64::MAX, Date::ZERO)) };
        }
        Date::cached(moment, &LAST, &TimeZone::UTC)
    }

    const ZERO: Date = Date { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0, east: 0 };

    fn cached(
        moment: SystemTime,
        last: &'static std::thread::LocalKey<Cell<(u64, Date)>>,
        zone: &TimeZone,
    ) -> Date {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, micros) = (since.as_secs(), since.subsec_micros());
        let (known, date) = last.get();
        if known == seconds {
            return Date { micros, ..date };
        }
        let date = Date::calculated(seconds, zone);
        last.set((seconds, date));
        Date { micros, ..date }
    }

    /// Calculates a date, which is all zero if the year does not have four digits.
    fn calculated(seconds: u64, zone: &TimeZone) -> Date {
        let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let Some(timestamp) = timestamp else { return Date::ZERO };
        let offset = zone.to_offset(timestamp);
        let date = offset.to_datetime(timestamp);
        // None of these is negative.
        let small = |value: i8| value.unsigned_abs();
        Date {
            year: date.year(),
            month: small(date.month()),
            day: small(date.day()),
            hour: small(date.hour()),
            minute: small(date.minute()),
            second: small(date.second()),
            micros: 0,
            east: i16::try_from(offset.seconds() / 60).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// 2026-11-02 16:40:12.123456 UTC.
    fn moment() -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(1_793_637_612_123_456)
    }

    #[test]
    fn the_second_that_is_kept_is_the_right_one() {
        let later = moment() + Duration::from_millis(900);
        let there_and_back: Vec<u8> =
            [moment(), later, moment()].map(|moment| Date::local(moment).second).into();
        assert_eq!(there_and_back, [12, 13, 12]);
        assert_eq!(Date::local(later).micros, 23_456);
    }

    #[test]
    fn time_zones_are_applied() {
        let at = |zone: &str| {
            let zone = TimeZone::posix(zone).unwrap();
            Date::calculated(1_793_637_612, &zone)
        };
        assert_eq!((at("UTC0").hour, at("UTC0").east), (16, 0));
        assert_eq!((at("IST-5:30").hour, at("IST-5:30").minute, at("IST-5:30").east), (22, 10, 330));
        assert_eq!((at("XST3:30").hour, at("XST3:30").east), (13, -210));
        assert_eq!(Date::utc(moment()), Date { micros: 123_456, ..at("UTC0") });
    }

    #[test]
    fn moments_without_a_date() {
        let before = UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(Date::utc(before), Date::utc(UNIX_EPOCH));
        assert_eq!(Date::utc(UNIX_EPOCH).year, 1970);
        assert_eq!(Date::calculated(u64::MAX, &TimeZone::UTC), Date::ZERO);
        assert_eq!(Date::calculated(1 << 40, &TimeZone::UTC), Date::ZERO);
    }
}
