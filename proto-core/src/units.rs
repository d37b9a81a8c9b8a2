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
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return Err(TimeError::Malformed);
    }
    let micros_each: u64 = match (&text[digits..], default) {
        ("us", _) => 1,
        ("ms", _) | ("", TimeUnit::Milliseconds) => 1_000,
        ("s", _) | ("", TimeUnit::Seconds) => 1_000_000,
        ("m", _) => 60_000_000,
        ("h", _) => 3_600_000_000,
        ("d", _) => 86_400_000_000,
        _ => return Err(TimeError::Malformed),
    };
    let number: u64 = text[..digits].parse().map_err(|_| TimeError::TooLong)?;
    number.checked_mul(micros_each).map(Duration::from_micros).ok_or(TimeError::TooLong)
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
        assert_eq!(ms("s"), Err(TimeError::Malformed));
        assert_eq!(ms("1x"), Err(TimeError::Malformed));
        assert_eq!(ms("99999999999999999999d"), Err(TimeError::TooLong));
    }
}
