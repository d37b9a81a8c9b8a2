//! Lists of status codes: `200,204,300-399`.

use std::ops::RangeInclusive;

/// A list of ranges of status codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCodes(Box<[RangeInclusive<u16>]>);

impl StatusCodes {
    /// Returns the codes of responses that are neither errors nor interim.
    pub fn successes() -> StatusCodes {
        StatusCodes([200..=399].into())
    }

    /// Returns whether a code is in the list.
    pub fn contains(&self, code: u16) -> bool {
        self.0.iter().any(|range| range.contains(&code))
    }
}

/// The error of a text that is not a list of status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("status codes such as 200 and ranges such as 300-399, separated by commas")]
pub struct NoStatusCodes;

impl std::str::FromStr for StatusCodes {
    type Err = NoStatusCodes;

    fn from_str(text: &str) -> Result<StatusCodes, NoStatusCodes> {
        let number = |digits: &str| {
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_number)
        };
        let ranges = text.split(',').map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            match (number(low), number(high)) {
                (Some(low), Some(high)) if low <= high => Ok(low..=high),
                _ => Err(NoStatusCodes),
            }
        });
        ranges.collect::<Result<_, _>>().map(StatusCodes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_codes() {
        let codes: StatusCodes = "200,300-302".parse().unwrap();
        let contained: Vec<u16> = (0..1000).filter(|code| codes.contains(*code)).collect();
        assert_eq!(contained, [200, 300, 301, 302]);
        for bad in ["", "200,", "200-", "300-200", "2xx", "-5", "200 ", "70000"] {
            assert!(bad.parse::<StatusCodes>().is_err(), "{bad}");
        }
    }
}
