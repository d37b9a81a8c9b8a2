//! Fields that are lists and concern a proxy, read and shortened in place.

use crate::fields::Piece;
use crate::list;

/// Removes the elements of a value for which `keep` returns false, and all empty ones. The rest is moved together,
/// so nothing is allocated.
pub(super) fn retain(bytes: &mut [u8], value: Piece, mut keep: impl FnMut(&[u8]) -> bool) -> Piece {
    let (start, end) = (value.start(), value.end());
    // The elements kept are before `kept`; as long as all are kept, none has to be moved.
    let (mut kept, mut at, mut is_all) = (start, start, true);
    while at < end {
        if matches!(bytes[at], b' ' | b'\t') {
            at += 1;
            continue;
        }
        let separator = at + list::element_end(&bytes[at..end]);
        let element = list::trim(&bytes[at..separator]);
        let length = element.len();
        if element.is_empty() || !keep(element) {
            is_all = false;
        } else if is_all {
            kept = separator;
        } else {
            if kept > start {
                bytes[kept] = b',';
                kept += 1;
            }
            bytes.copy_within(at..at + length, kept);
            kept += length;
        }
        at = separator + 1;
    }
    let trimmed = list::trim(&bytes[start..kept]).len();
    Piece::new(start, start + trimmed)
}

/// Reads `content-length`: a number, or a list with the same number several times. Returns the range of the last
/// one, without leading zeros, and the number. A number that does not fit a signed 64-bit integer is refused: a
/// recipient that uses one would read another message.
pub(super) fn length(bytes: &[u8], value: Piece, before: Option<u64>) -> Option<(Piece, u64)> {
    let (end, mut at, mut last) = (value.end(), value.start(), before);
    loop {
        while matches!(bytes[..end].get(at)?, b' ' | b'\t') {
            at += 1;
        }
        let mut start = at;
        let mut number = 0_u64;
        while at < end && bytes[at].is_ascii_digit() {
            if number == 0 {
                start = at;
            }
            number = number.checked_mul(10)?.checked_add(u64::from(bytes[at] - b'0'))?;
            at += 1;
        }
        if start == at || number > i64::MAX.unsigned_abs() || last.is_some_and(|last| last != number) {
            return None;
        }
        last = Some(number);
        let found = Piece::new(start, at);
        while at < end && matches!(bytes[at], b' ' | b'\t') {
            at += 1;
        }
        if at == end {
            return Some((found, number));
        }
        if bytes[at] != b',' {
            return None;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_close(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let value = Piece::new(0, bytes.len());
        let kept = retain(&mut bytes, value, |element| !element.eq_ignore_ascii_case(b"close"));
        String::from_utf8(kept.of(&bytes).to_vec()).unwrap()
    }

    #[test]
    fn kept_elements_are_moved_together() {
        for (text, kept) in [
            ("", ""),
            ("close", ""),
            ("CLOSE , close", ""),
            ("a", "a"),
            ("a, b", "a, b"),
            ("close, a", "a"),
            ("a, close", "a"),
            ("a , close, b", "a ,b"),
            (",,close,,", ""),
            (",a,,b,", "a,b"),
            ("a,", "a"),
            ("close, a , close,  b, close", "a,b"),
            ("\"close, close\", close", "\"close, close\""),
        ] {
            assert_eq!(without_close(text), kept, "{text:?}");
        }
    }

    #[test]
    fn one_number_may_be_repeated() {
        for (text, number) in [
            ("0", Some(("0", 0))),
            ("00", Some(("0", 0))),
            ("007", Some(("7", 7))),
            ("1, 1", Some(("1", 1))),
            ("1,01 , 1", Some(("1", 1))),
            ("9223372036854775807", Some(("9223372036854775807", 9_223_372_036_854_775_807))),
            ("9223372036854775808", None),
            ("18446744073709551617", None),
            ("1,2", None),
            ("1,", None),
            (",1", None),
            ("1 1", None),
            ("", None),
            ("+1", None),
            ("1_0", None),
            ("0x1", None),
        ] {
            let value = Piece::new(0, text.len());
            let found = length(text.as_bytes(), value, None);
            let found = found.map(|(piece, number)| (piece.of(text.as_bytes()), number));
            assert_eq!(found, number.map(|(text, number)| (text.as_bytes(), number)), "{text:?}");
        }
        assert_eq!(length(b"1", Piece::new(0, 1), Some(2)), None);
    }
}
