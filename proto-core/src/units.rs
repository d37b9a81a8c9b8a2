//! Durations as HAProxy's language writes them: a number and an optional unit.

use std::time::Duration;

/// The unit of a number that is written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// `ms`
    Milliseconds,
    /// `s`
    Seconds,
}

/// The error of a malformed duration. Its message is a noun phrase that completes "expected".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a number, or an unknown unit.
    #[error("a time: a number and one of us, ms, s, m, h, d")]
    Malformed,
    /// More than 64 bits of microseconds.
    #[error("a time that a clock can hold")]
    TooLong,
}

/// Reads a duration, such as `1500`, `30s` or `1m`.
///
/// # Errors
/// Returns an error that says what was expected if the text is malformed or the duration too long.
pub fn parse_time(text: &str, default: TimeUnit) -> Result<Duration, TimeError> {
    match parse_time_prefix(text, default)? {
        (time, "") => Ok(time),
        _ => Err(TimeError::Malformed),
    }
}

/// Reads a duration at the beginning of a text, and returns what follows its unit: `ec` of `5sec`. HAProxy takes such a
/// text for what is at its beginning, with a warning.
///
/// # Errors
/// As [`parse_time`], but for what follows the unit.
pub fn parse_time_prefix(text: &str, default: TimeUnit) -> Result<(Duration, &str), TimeError> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return Err(TimeError::Malformed);
    }
    const UNITS: [(&str, u64); 6] = [
        ("us", 1),
        ("ms", 1_000),
        ("s", 1_000_000),
        ("m", 60_000_000),
        ("h", 3_600_000_000),
        ("d", 86_400_000_000),
    ];
    let unit = &text[digits..];
    let (micros_each, rest) = match (UNITS.iter().find(|(name, _)| unit.starts_with(name)), default) {
        (Some((name, micros)), _) => (*micros, &unit[name.len()..]),
        (None, TimeUnit::Milliseconds) if unit.is_empty() => (1_000, ""),
        (None, TimeUnit::Seconds) if unit.is_empty() => (1_000_000, ""),
        (None, _) => return Err(TimeError::Malformed),
    };
    let number: u64 = text[..digits].parse().map_err(|_| TimeError::TooLong)?;
    let time = number.checked_mul(micros_each).map(Duration::from_micros).ok_or(TimeError::TooLong)?;
    Ok((time, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let ms = |text| parse_time(text, TimeUnit::Milliseconds);
        assert_eq!(ms("1500"), Ok(Duration::from_millis(1500)));
        assert_eq!(ms("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_time("7", TimeUnit::Seconds), Ok(Duration::from_secs(7)));
        assert_eq!(ms("5sec"), Err(TimeError::Malformed));
        let prefix = |text| parse_time_prefix(text, TimeUnit::Milliseconds);
        assert_eq!(prefix("15min"), Ok((Duration::from_secs(900), "in")));
        assert_eq!(prefix("1h30m"), Ok((Duration::from_secs(3600), "30m")));
        assert_eq!(prefix("5msec"), Ok((Duration::from_millis(5), "ec")));
        assert_eq!(prefix("5x"), Err(TimeError::Malformed));
        assert_eq!(ms("s"), Err(TimeError::Malformed));
        assert_eq!(ms("1x"), Err(TimeError::Malformed));
        assert_eq!(ms("99999999999999999999d"), Err(TimeError::TooLong));
    }
}
