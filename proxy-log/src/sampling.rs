//! Sampling: of every `size` lines, those whose number is in one of the ranges (`sample 1-2,5:8`).

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// The lines of each round that are sent. Lines are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// The first and last line of each range, in order and without overlap.
    ranges: Vec<(u32, u32)>,
    size: u32,
}

/// The error of a sample that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplingError {
    /// There is no `:`.
    #[error("the size of the sample is missing: it is written <ranges>:<size>")]
    NoSize,
    /// There is nothing before the `:`.
    #[error("the ranges of the sample are missing: they are written <ranges>:<size>, as in 1-2,5:8")]
    NoRanges,
    /// A range is neither a number from 1 nor two of which the second is greater.
    #[error("'{0}' is not a range of lines: a range is a number from 1, or two as in 2-4")]
    Range(String),
    /// Two ranges have a line in common.
    #[error("the ranges {0} and {1} overlap")]
    Overlap(String, String),
    /// The size is not a number from 1.
    #[error("'{0}' is not the size of a sample: it is a number from 1")]
    Size(String),
    /// A range ends after the last line of the round.
    #[error("the size of the sample, {size}, is less than the last line of its ranges, {last}")]
    TooSmall {
        /// The size of the round.
        size: u32,
        /// The last line of the ranges.
        last: u32,
    },
}

impl Sampling {
    /// Returns whether line `index` is sent; the first is 0.
    pub(crate) fn takes(&self, index: u64) -> bool {
        let number = index % u64::from(self.size) + 1;
        self.ranges.iter().any(|(first, last)| (u64::from(*first)..=u64::from(*last)).contains(&number))
    }
}

impl FromStr for Sampling {
    type Err = SamplingError;

    fn from_str(text: &str) -> Result<Sampling, SamplingError> {
        let (list, size_text) = text.split_once(':').ok_or(SamplingError::NoSize)?;
        // HAProxy accepts one comma at the end, too.
        let list = list.strip_suffix(',').filter(|rest| !rest.is_empty()).unwrap_or(list);
        if list.is_empty() {
            return Err(SamplingError::NoRanges);
        }
        let mut ranges = list.split(',').map(range).collect::<Result<Vec<_>, _>>()?;
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            if let [a, b] = pair
                && b.0 <= a.1
            {
                return Err(SamplingError::Overlap(show(*a), show(*b)));
            }
        }
        let size = number(size_text).ok_or_else(|| SamplingError::Size(size_text.to_owned()))?;
        let last = ranges.last().map_or(0, |range| range.1);
        if size < last {
            return Err(SamplingError::TooSmall { size, last });
        }
        Ok(Sampling { ranges, size })
    }
}

impl fmt::Display for Sampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self.ranges.iter().copied().map(show).collect();
        write!(f, "{}:{}", ranges.join(","), self.size)
    }
}

fn range(text: &str) -> Result<(u32, u32), SamplingError> {
    let wrong = || SamplingError::Range(text.to_owned());
    match text.split_once('-') {
        None => number(text).map(|line| (line, line)).ok_or_else(wrong),
        Some((first, last)) => {
            let (first, last) = number(first).zip(number(last)).ok_or_else(wrong)?;
            if first < last { Ok((first, last)) } else { Err(wrong()) }
        }
    }
}

/// Parses a number from 1, digits only.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

fn show((first, last): (u32, u32)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// The count of the lines of one target, for all workers together.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    sampling: Option<Sampling>,
    next: AtomicU64,
}

impl Sampler {
    pub(crate) fn new(sampling: Option<Sampling>) -> Sampler {
        Sampler { sampling, next: AtomicU64::new(0) }
    }

    /// Counts a line, and returns whether it is sent.
    pub(crate) fn takes_next(&self) -> bool {
        match &self.sampling {
            None => true,
            Some(sampling) => sampling.takes(self.next.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, lines: u64) -> Vec<u64> {
        let sampling: Sampling = text.parse().expect("a sampling");
        (0..lines).filter(|index| sampling.takes(*index)).collect()
    }

    #[test]
    fn the_ranges_of_each_round_are_sent() {
        assert_eq!(taken("2,4-5:6", 12), [1, 3, 4, 7, 9, 10]);
        assert_eq!(taken("4-5,2:6", 6), [1, 3, 4]);
        assert_eq!(taken("1:1", 3), [0, 1, 2]);
        assert_eq!("4-5,2,:6".parse::<Sampling>().expect("a sampling").to_string(), "2,4-5:6");
    }

    #[test]
    fn invalid_samples_are_refused() {
        let error = |text: &str| text.parse::<Sampling>().expect_err(text);
        assert_eq!(error("1-2"), SamplingError::NoSize);
        assert_eq!(error(":3"), SamplingError::NoRanges);
        for wrong in
            ["0:3", "2-1:3", "2-2:3", "a:3", "1-:3", ",1:3", "1,,2:3", "+1:3", "1-2-3:9", "4294967296:9"]
        {
            assert!(matches!(error(wrong), SamplingError::Range(_)), "{wrong}");
        }
        for wrong in ["1:", "1:0", "1:x", "1:2:3"] {
            assert!(matches!(error(wrong), SamplingError::Size(_)), "{wrong}");
        }
        // The second range contains the first, which a comparison of end points alone would not detect.
        assert_eq!(error("2-3,1-5:9"), SamplingError::Overlap("1-5".into(), "2-3".into()));
        assert_eq!(error("1-4:3"), SamplingError::TooSmall { size: 3, last: 4 });
    }

    #[test]
    fn threads_share_one_count() {
        let sampler = Sampler::new(Some("3:4".parse().expect("a sampling")));
        let taken = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        taken.fetch_add(u64::from(sampler.takes_next()), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(taken.into_inner(), 1000);
    }
}
