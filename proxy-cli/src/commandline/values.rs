//! The values of flags.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

/// A description of the value that a flag takes.
pub(crate) type Expected = &'static str;

/// The largest limit on connections, HAProxy's.
const CONNECTIONS_MAX: usize = i32::MAX as usize;

/// The words of `-dM` without a visible effect. `fail` makes allocations fail and `help` prints a list: their effect
/// would be missed.
const POOL_WORDS: &[&str] = &[
    "backup",
    "cache",
    "caller",
    "cold-first",
    "global",
    "hot-first",
    "integrity",
    "merge",
    "no-backup",
    "no-cache",
    "no-caller",
    "no-fail",
    "no-global",
    "no-integrity",
    "no-merge",
    "no-poison",
    "no-tag",
    "no-uaf",
    "poison",
    "tag",
    "uaf",
];

/// Reads a path of any bytes.
pub(crate) fn path(value: &OsStr) -> Result<PathBuf, Expected> {
    if value.is_empty() { Err("a path") } else { Ok(PathBuf::from(value)) }
}

/// Reads a text that is not empty.
pub(crate) fn text(value: &OsStr, expected: Expected) -> Result<&str, Expected> {
    value.to_str().filter(|text| !text.is_empty()).ok_or(expected)
}

/// Reads a number of digits only.
pub(crate) fn number<T: FromStr>(value: &OsStr) -> Option<T> {
    let text = value.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

/// Reads a limit on connections; 0 leaves it unset.
pub(crate) fn connections(value: &OsStr) -> Result<Option<usize>, Expected> {
    match number::<usize>(value) {
        Some(0) => Ok(None),
        Some(number) if number <= CONNECTIONS_MAX => Ok(Some(number)),
        _ => Err("a number from 0 to 2147483647"),
    }
}

/// Reads the tail of `-dM`: a byte, words, or both, separated by commas.
pub(crate) fn pools(value: &OsStr) -> Result<(), Expected> {
    let expected = "a byte and the words of HAProxy's pools, without 'fail' and 'help'";
    let text = value.to_str().ok_or(expected)?;
    let is_known = |(index, word): (usize, &str)| {
        word.is_empty() || POOL_WORDS.contains(&word) || index == 0 && is_byte(word)
    };
    if text.split(',').enumerate().all(is_known) { Ok(()) } else { Err(expected) }
}

fn is_byte(word: &str) -> bool {
    match word.strip_prefix("0x") {
        Some(digits) => !digits.starts_with('+') && u8::from_str_radix(digits, 16).is_ok(),
        // A negative number turns poisoning off.
        None => word.parse::<i16>().is_ok_and(|number| number <= 255),
    }
}
