//! The dates in the value of a cookie, `SERVER|<last>|<first>`: when the client was last seen, and when first. Each is a
//! number of four seconds since the epoch in five letters of base64, as HAProxy writes it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::policy::CookiePolicy;

/// The letters of base64, by value.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The number of letters of a date.
const LENGTH: usize = 5;
/// The unit of dates, in seconds.
const UNIT: i64 = 4;
/// How far in the future a date may be, in seconds: clocks may differ.
const MOST_AHEAD: i64 = 86_400;

/// The dates of a client, in seconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dates {
    pub(crate) last: Option<i64>,
    pub(crate) first: Option<i64>,
}

/// Why a cookie is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outdated {
    /// It was not used for too long.
    Expired,
    /// Its client came for the first time too long ago.
    Old,
}

impl Dates {
    /// Reads the dates after the name of the server.
    pub(super) fn read(text: &[u8]) -> Dates {
        let mut parts = text.splitn(2, |byte| *byte == b'|');
        let mut date = || parts.next().and_then(decode);
        Dates { last: date(), first: date() }
    }

    /// Returns why a cookie with these dates is no longer valid, if it is not.
    pub(super) fn outdated(self, policy: &CookiePolicy, now: i64) -> Option<Outdated> {
        let exceeds = |date: Option<i64>, most: Option<u32>| match (date, most) {
            (Some(date), Some(most)) => now - date > most.into() || date - now > MOST_AHEAD,
            _ => false,
        };
        if exceeds(self.first, policy.max_life) {
            Some(Outdated::Old)
        } else if exceeds(self.last, policy.max_idle) {
            Some(Outdated::Expired)
        } else {
            None
        }
    }

    /// Returns whether a cookie is to be renewed that its client has sent: its dates are missing, past or superfluous.
    pub(super) fn are_due(self, policy: &CookiePolicy, now: i64) -> bool {
        let has_idle = policy.max_idle.is_some() || self.last.is_some();
        has_idle && self.last.is_none_or(|last| last < now)
            || policy.max_life.is_some() != self.first.is_some()
    }

    /// Writes the dates of a client that is seen now.
    pub(super) fn write(self, policy: &CookiePolicy, now: i64, value: &mut Vec<u8>) {
        if !policy.is_dated() {
            return;
        }
        let now = now + UNIT - 1;
        write_one(now, value);
        if policy.max_life.is_some() {
            write_one(self.first.unwrap_or(now), value);
        }
    }
}

fn write_one(date: i64, value: &mut Vec<u8>) {
    let units = date / UNIT;
    value.push(b'|');
    for place in (0..LENGTH).rev() {
        value.push(LETTERS[(units >> (6 * place) & 63) as usize]);
    }
}

/// Decodes the letters at the beginning of a text. A date of 0 is none.
fn decode(text: &[u8]) -> Option<i64> {
    let digits = text.get(..LENGTH)?.iter().map(|letter| {
        let digit = LETTERS.iter().position(|known| known == letter)?;
        i64::try_from(digit).ok()
    });
    let units = digits.into_iter().try_fold(0, |units, digit| Some(units << 6 | digit?))?;
    (units > 0).then_some(units * UNIT)
}

/// Returns the time in seconds since the epoch.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(max_idle: Option<u32>, max_life: Option<u32>) -> CookiePolicy {
        CookiePolicy { max_idle, max_life, ..CookiePolicy::default() }
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        let both = policy(Some(10), Some(100));
        let mut text = Vec::new();
        Dates { last: None, first: Some(1_699_999_996) }.write(&both, 1_700_000_001, &mut text);
        assert_eq!(text.len(), 12);
        let dates = Dates::read(&text[1..]);
        assert_eq!(dates, Dates { last: Some(1_700_000_004), first: Some(1_699_999_996) });
        for text in ["", "|", "AAAAA", "AAAA", "A=AAA|A", "|||||", "\u{ff}\u{ff}\u{ff}|\u{ff}"] {
            assert_eq!(Dates::read(text.as_bytes()), Dates::default(), "{text}");
        }
    }

    #[test]
    fn dates_expire() {
        let both = policy(Some(10), Some(100));
        let now = 1_700_000_000;
        for (last, first, outdated) in [
            (now, now, None),
            (now - 10, now - 100, None),
            (now - 11, now - 100, Some(Outdated::Expired)),
            (now - 11, now - 101, Some(Outdated::Old)),
            (now + 86_401, now, Some(Outdated::Expired)),
            (now, now + 86_401, Some(Outdated::Old)),
        ] {
            let dates = Dates { last: Some(last), first: Some(first) };
            assert_eq!(dates.outdated(&both, now), outdated, "{last} {first}");
            assert_eq!(dates.outdated(&policy(None, None), now), None);
        }
        assert_eq!(Dates::default().outdated(&both, now), None);
    }

    #[test]
    fn dates_are_renewed_once_they_are_past() {
        let (both, idle, none) = (policy(Some(10), Some(100)), policy(Some(10), None), policy(None, None));
        let dates = |last, first| Dates { last, first };
        assert!(dates(None, None).are_due(&idle, 8) && dates(Some(7), None).are_due(&idle, 8));
        assert!(!dates(Some(8), None).are_due(&idle, 8));
        assert!(dates(Some(8), None).are_due(&both, 8) && dates(Some(8), Some(4)).are_due(&idle, 8));
        assert!(!dates(None, None).are_due(&none, 8) && dates(Some(7), None).are_due(&none, 8));
    }
}
