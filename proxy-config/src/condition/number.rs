//! Numbers as C's `strtol` reads them, since the conditions and versions of existing configurations are written for it:
//! white space and a sign may come first, what follows the digits is left to the caller, and a number that is too large
//! becomes the largest one.

/// Returns the number at the start of `text` and its length in bytes, or `None` if there is no number. `radix` is 10,
/// or 0 to choose it by the prefix (`0x` for hexadecimal, `0` for octal, otherwise decimal).
pub(super) fn leading(text: &str, radix: u32) -> Option<(i64, usize)> {
    let spaceless = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, unsigned) = match spaceless.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, spaceless.strip_prefix('+').unwrap_or(spaceless)),
    };
    let (digits, radix) = match radix {
        0 => by_prefix(unsigned),
        radix => (unsigned, radix),
    };
    let end = digits.find(|letter: char| !letter.is_digit(radix)).unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let value = digits[..end].chars().filter_map(|digit| digit.to_digit(radix)).fold(0i64, |value, digit| {
        let (value, digit) = (value.saturating_mul(i64::from(radix)), i64::from(digit));
        if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) }
    });
    Some((value, text.len() - digits.len() + end))
}

/// Returns the digits after the prefix, and their radix. `0x` without a digit after it is the number `0` before an `x`.
fn by_prefix(unsigned: &str) -> (&str, u32) {
    let hexadecimal = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) if digits.starts_with(|letter: char| letter.is_ascii_hexdigit()) => (digits, 16),
        _ if unsigned.starts_with('0') => (unsigned, 8),
        _ => (unsigned, 10),
    }
}

#[cfg(test)]
mod tests {
    use super::leading;

    #[test]
    fn the_prefix_selects_the_radix() {
        assert_eq!(leading("12&", 0), Some((12, 2)));
        assert_eq!(leading("0x1fg", 0), Some((31, 4)));
        assert_eq!(leading("0x", 0), Some((0, 1)));
        assert_eq!(leading("017", 0), Some((15, 3)));
        assert_eq!(leading("08", 0), Some((0, 1)));
        assert_eq!(leading("08", 10), Some((8, 2)));
    }

    #[test]
    fn space_and_sign_may_lead() {
        assert_eq!(leading(" \n+5", 0), Some((5, 4)));
        assert_eq!(leading("-5x", 10), Some((-5, 2)));
        assert_eq!(leading("- 5", 10), None);
        assert_eq!(leading("", 0), None);
        assert_eq!(leading("x", 0), None);
    }

    #[test]
    fn too_large_is_the_largest() {
        assert_eq!(leading("99999999999999999999", 0), Some((i64::MAX, 20)));
        assert_eq!(leading("-99999999999999999999", 0), Some((i64::MIN, 21)));
    }
}
