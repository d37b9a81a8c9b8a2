//! The forms of dates, byte for byte as HAProxy writes them.

use super::Date;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

const WEEKDAYS: [&[u8; 3]; 7] = [b"Sun", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat"];

impl Date {
    /// Appends `22/Nov/2026:16:40:12.123`.
    pub fn log(&self, to: &mut Vec<u8>) {
        self.clock(to);
        to.push(b'.');
        digits::<3>(self.micros / 1000, to);
    }

    /// Appends `22/Nov/2026:16:40:12 +0000`.
    pub fn log_with_zone(&self, to: &mut Vec<u8>) {
        self.clock(to);
        to.push(b' ');
        let (sign, hours, minutes) = self.zone();
        to.push(sign);
        digits::<2>(hours, to);
        digits::<2>(minutes, to);
    }

    /// Appends `Nov 22 16:40:12`, or `Nov  2` (RFC 3164, section 4.1.2).
    pub fn legacy(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.month_name());
        to.push(b' ');
        if self.day < 10 {
            to.extend_from_slice(&[b' ', b'0' + self.day]);
        } else {
            digits::<2>(self.day.into(), to);
        }
        to.push(b' ');
        self.time(to);
    }

    /// Appends `2026-11-22T16:40:12.123456+00:00` (RFC 5424, section 6.2.3).
    pub fn iso(&self, to: &mut Vec<u8>) {
        self.year(to);
        for part in [self.month, self.day] {
            to.push(b'-');
            digits::<2>(part.into(), to);
        }
        to.push(b'T');
        self.time(to);
        to.push(b'.');
        digits::<6>(self.micros, to);
        let (sign, hours, minutes) = self.zone();
        to.push(sign);
        digits::<2>(hours, to);
        to.push(b':');
        digits::<2>(minutes, to);
    }

    /// Appends `Sun, 22 Nov 2026 16:40:12`, without the name of the time zone (RFC 9110, section 5.6.7). Returns `None`,
    /// and appends nothing, if there is no such day.
    pub fn weekday_and_time(&self, to: &mut Vec<u8>) -> Option<()> {
        let [month, day] = [self.month, self.day].map(u8::cast_signed);
        let day = jiff::civil::Date::new(self.year, month, day).ok()?.weekday();
        to.extend_from_slice(WEEKDAYS[usize::from(day.to_sunday_zero_offset().unsigned_abs())]);
        to.extend_from_slice(b", ");
        digits::<2>(self.day.into(), to);
        to.push(b' ');
        to.extend_from_slice(self.month_name());
        to.push(b' ');
        self.year(to);
        to.push(b' ');
        self.time(to);
        Some(())
    }

    /// Appends `22/Nov/2026:16:40:12`.
    fn clock(&self, to: &mut Vec<u8>) {
        digits::<2>(self.day.into(), to);
        to.push(b'/');
        to.extend_from_slice(self.month_name());
        to.push(b'/');
        self.year(to);
        to.push(b':');
        self.time(to);
    }

    fn year(&self, to: &mut Vec<u8>) {
        digits::<4>(self.year.unsigned_abs().into(), to);
    }

    /// Appends `16:40:12`.
    fn time(&self, to: &mut Vec<u8>) {
        digits::<2>(self.hour.into(), to);
        for part in [self.minute, self.second] {
            to.push(b':');
            digits::<2>(part.into(), to);
        }
    }

    fn zone(&self) -> (u8, u32, u32) {
        let minutes = u32::from(self.east.unsigned_abs());
        (if self.east < 0 { b'-' } else { b'+' }, minutes / 60, minutes % 60)
    }

    fn month_name(&self) -> &'static [u8; 3] {
        let index = usize::from(self.month).wrapping_sub(1);
        MONTHS.get(index).copied().unwrap_or(b"???")
    }
}

/// Appends the last `N` digits of a number.
fn digits<const N: usize>(mut value: u32, to: &mut Vec<u8>) {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    to.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_look_as_logs_write_them() {
        let time = Date {
            year: 2026,
            month: 11,
            day: 2,
            hour: 16,
            minute: 40,
            second: 12,
            micros: 123_456,
            east: 0,
        };
        let show = |time: &Date, write: fn(&Date, &mut Vec<u8>)| {
            let mut text = Vec::new();
            write(time, &mut text);
            String::from_utf8(text).unwrap()
        };
        assert_eq!(show(&time, Date::log), "02/Nov/2026:16:40:12.123");
        assert_eq!(show(&time, Date::log_with_zone), "02/Nov/2026:16:40:12 +0000");
        assert_eq!(show(&time, Date::legacy), "Nov  2 16:40:12");
        assert_eq!(show(&Date { day: 22, ..time }, Date::legacy), "Nov 22 16:40:12");
        assert_eq!(show(&time, Date::iso), "2026-11-02T16:40:12.123456+00:00");
        let west = Date { east: -210, ..time };
        assert_eq!(show(&west, Date::iso), "2026-11-02T16:40:12.123456-03:30");
        assert_eq!(show(&west, Date::log_with_zone), "02/Nov/2026:16:40:12 -0330");
    }
}
