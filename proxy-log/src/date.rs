//! Dates as logs write them, in the machine's time zone.
//!
//! Asking the C library for local time takes a lock of the process, so each thread asks once per second.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::sys;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment, as a clock on the wall shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, as 2026.
    pub year: i32,
    /// The month, from 0.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 60.
    pub second: u8,
    /// Microseconds.
    pub micros: u32,
    /// How far the time zone is east of Greenwich, in minutes.
    pub east: i32,
}

impl LocalTime {
    /// Local time at a moment. What is before 1970 is taken for its beginning.
    pub fn at(moment: SystemTime) -> LocalTime {
        thread_local! {
            static LAST: RefCell<Option<(i64, LocalTime)>> = const { RefCell::new(None) };
        }
        let (seconds, micros) = since_1970(moment);
        LAST.with_borrow_mut(|last| {
            let whole = match last {
                Some((known, time)) if *known == seconds => *time,
                _ => last.insert((seconds, sys::local_time(seconds))).1,
            };
            LocalTime { micros, ..whole }
        })
    }

    /// The same in Greenwich.
    pub fn utc(moment: SystemTime) -> LocalTime {
        let (seconds, micros) = since_1970(moment);
        LocalTime { micros, ..sys::universal_time(seconds) }
    }

    /// `22/Nov/2026:16:40:12.123`
    pub(crate) fn log(&self, out: &mut impl Write) -> fmt::Result {
        self.clock(out)?;
        write!(out, ".{:03}", self.micros / 1000)
    }

    /// `22/Nov/2026:16:40:12 +0000`
    pub(crate) fn log_with_zone(&self, out: &mut impl Write) -> fmt::Result {
        self.clock(out)?;
        let (sign, hours, minutes) = self.zone();
        write!(out, " {sign}{hours:02}{minutes:02}")
    }

    /// `Nov 22 16:40:12`, and `Nov  2`: RFC 3164, section 4.1.2.
    pub(crate) fn legacy(&self, out: &mut impl Write) -> fmt::Result {
        let LocalTime { day, hour, minute, second, .. } = self;
        write!(out, "{} {day:2} {hour:02}:{minute:02}:{second:02}", self.month_name())
    }

    /// `2026-11-22T16:40:12.123456+00:00`: RFC 5424, section 6.2.3.
    pub(crate) fn iso(&self, out: &mut impl Write) -> fmt::Result {
        let LocalTime { year, day, hour, minute, second, micros, .. } = self;
        let (sign, hours, minutes) = self.zone();
        write!(
            out,
            "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}",
            self.month + 1
        )?;
        write!(out, "{sign}{hours:02}:{minutes:02}")
    }

    fn clock(&self, out: &mut impl Write) -> fmt::Result {
        let LocalTime { year, day, hour, minute, second, .. } = self;
        write!(out, "{day:02}/{}/{year:04}:{hour:02}:{minute:02}:{second:02}", self.month_name())
    }

    fn zone(&self) -> (char, u32, u32) {
        let minutes = self.east.unsigned_abs();
        (if self.east < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get(usize::from(self.month)).copied().unwrap_or("???")
    }
}

fn since_1970(moment: SystemTime) -> (i64, u32) {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs().try_into().unwrap_or(i64::MAX), since.subsec_micros())
}

/// Appends `22/Nov/2026:16:40:12.123`, local time.
pub fn format_date(out: &mut String, moment: SystemTime) {
    // Writing to a String cannot fail, here and below.
    let _ = LocalTime::at(moment).log(out);
}

/// Appends `22/Nov/2026:17:40:12 +0100`, local time.
pub fn format_date_with_zone(out: &mut String, moment: SystemTime) {
    let _ = LocalTime::at(moment).log_with_zone(out);
}

/// Appends `22/Nov/2026:16:40:12 +0000`, the time in Greenwich.
pub fn format_date_utc(out: &mut String, moment: SystemTime) {
    let _ = LocalTime::utc(moment).log_with_zone(out);
}

/// Appends `2026-11-22T17:40:12.123456+01:00`, local time.
pub fn format_date_iso(out: &mut String, moment: SystemTime) {
    let _ = LocalTime::at(moment).iso(out);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn moment() -> SystemTime {
        // 2026-11-02 16:40:12.123456 in Greenwich.
        UNIX_EPOCH + Duration::from_micros(1_793_637_612_123_456)
    }

    #[test]
    fn dates_look_as_logs_write_them() {
        let time = LocalTime::utc(moment());
        let show = |write: fn(&LocalTime, &mut String) -> fmt::Result| {
            let mut text = String::new();
            write(&time, &mut text).expect("a String takes it");
            text
        };
        assert_eq!(show(LocalTime::log), "02/Nov/2026:16:40:12.123");
        assert_eq!(show(LocalTime::log_with_zone), "02/Nov/2026:16:40:12 +0000");
        assert_eq!(show(LocalTime::legacy), "Nov  2 16:40:12");
        assert_eq!(show(LocalTime::iso), "2026-11-02T16:40:12.123456+00:00");
        let mut text = String::new();
        LocalTime { east: -210, ..time }.iso(&mut text).expect("a String takes it");
        assert_eq!(text, "2026-11-02T16:40:12.123456-03:30");
    }

    #[test]
    fn the_second_that_is_kept_is_the_right_one() {
        let later = moment() + Duration::from_millis(900);
        let there_and_back: Vec<u8> =
            [moment(), later, moment()].map(|moment| LocalTime::at(moment).second).into();
        assert_eq!(there_and_back, [12, 13, 12]);
        assert_eq!(LocalTime::at(later).micros, 23_456);
    }
}
