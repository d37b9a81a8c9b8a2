//! Sizes in bytes: `4096`, `16k`, `2M`, `1g`.

/// The reason why a text is not a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// The text does not begin with a digit.
    #[error("expected a number of bytes, such as 4096 or 16k")]
    NotANumber,
    /// A character that is not a unit, or one after the unit.
    #[error("unexpected '{}' in a size (the units are k, m, g, t and p, in steps of 1024)", found.escape_debug())]
    Unexpected {
        /// The character.
        found: char,
        /// Its offset in bytes.
        offset: usize,
    },
    /// The size does not fit into 64 bits.
    #[error("the size is too large")]
    TooLarge,
}

/// The units, each 1024 times the one before.
const UNITS: [char; 5] = ['k', 'm', 'g', 't', 'p'];

/// Reads a size, with a unit in either case. A caller that keeps 32 bits has to refuse what does not fit.
///
/// # Errors
/// Returns an error if the text is not a size, or if it does not fit into 64 bits.
pub fn parse_size(text: &str) -> Result<u64, SizeError> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 {
        return Err(SizeError::NotANumber);
    }
    let (digits, unit) = text.split_at(end);
    let value: u64 = digits.parse().map_err(|_| SizeError::TooLarge)?;
    let mut letters = unit.char_indices();
    let Some((_, letter)) = letters.next() else { return Ok(value) };
    let Some(power) = UNITS.iter().position(|unit| *unit == letter.to_ascii_lowercase()) else {
        return Err(SizeError::Unexpected { found: letter, offset: end });
    };
    if let Some((at, found)) = letters.next() {
        return Err(SizeError::Unexpected { found, offset: end + at });
    }
    UNITS[..=power].iter().try_fold(value, |size, _| size.checked_mul(1024)).ok_or(SizeError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{SizeError, parse_size};

    #[test]
    fn units_are_steps_of_1024_in_either_case() {
        for (text, size) in [
            ("0", 0),
            ("007", 7),
            ("1k", 1 << 10),
            ("2K", 2 << 10),
            ("3m", 3 << 20),
            ("4G", 4 << 30),
            ("5t", 5 << 40),
            ("6P", 6 << 50),
            ("18446744073709551615", u64::MAX),
            ("16383p", 16_383 << 50),
        ] {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
    }

    #[test]
    fn invalid_sizes() {
        for text in ["", "k", "-1", "+1", " 1", "x"] {
            assert_eq!(parse_size(text), Err(SizeError::NotANumber), "{text}");
        }
        for (text, found, offset) in [
            ("1.5k", '.', 1),
            ("1kb", 'b', 2),
            ("1 k", ' ', 1),
            ("12e", 'e', 2),
            ("1kä", 'ä', 2),
            ("1ä", 'ä', 1),
        ] {
            assert_eq!(parse_size(text), Err(SizeError::Unexpected { found, offset }), "{text}");
        }
        for text in ["18446744073709551616", "16384p", "18446744073709551615k"] {
            assert_eq!(parse_size(text), Err(SizeError::TooLarge), "{text}");
        }
    }
}
