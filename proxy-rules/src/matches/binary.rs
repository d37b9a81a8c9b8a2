//! `bin`: the sample is one of the patterns, which are written in hexadecimal digits.

use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

/// The patterns, sorted since there may be many.
#[derive(Debug)]
struct Exact(Vec<Box<[u8]>>);

impl Match for Exact {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        sample.bytes().is_some_and(|bytes| self.0.binary_search_by(|pattern| (**pattern).cmp(bytes)).is_ok())
    }
}

/// Returns the bytes of an even number of digits.
fn bytes(text: &str) -> Option<Box<[u8]>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).map(|value| value as u8)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

inventory::submit! {
    MatchEntry::new("bin", "<digits>", Type::Binary, "it is one of the values in hexadecimal digits", |patterns| {
        let read = |pattern| {
            let problem = || patterns.bad(pattern, "an even number of hexadecimal digits");
            bytes(&pattern.text).ok_or_else(problem)
        };
        let mut list = patterns.list.iter().map(read).collect::<proxy_config::Parsed<Vec<_>>>()?;
        list.sort();
        list.dedup();
        Ok(Box::new(Exact(list)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::matches;

    #[test]
    fn bytes_in_digits() {
        let patterns = ["5353482D322e30", "00ff", "41"];
        assert_eq!(matches("bin", &patterns, "SSH-2.0"), Ok(true));
        assert_eq!(matches("bin", &patterns, "A"), Ok(true));
        assert_eq!(matches("bin", &patterns, "SSH-2.0-x"), Ok(false));
        assert_eq!(matches("bin", &patterns, ""), Ok(false));
        for bad in ["0", "0x41", "4g", "4 1", "\u{e9}\u{e9}"] {
            let message = format!("'{bad}' is not an even number of hexadecimal digits");
            assert_eq!(matches("bin", &[bad], "A"), Err(message));
        }
    }
}
