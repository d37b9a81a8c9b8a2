//! The words of a command.

/// The most words of a command, its own included.
pub(crate) const MOST: usize = 64;

/// The error of a command with more than [`MOST`] words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// Splits a command at spaces and tabs. A backslash escapes the next byte; one at the end is dropped.
///
/// Bytes that are not UTF-8 become replacement characters: the words of commands are UTF-8, and other bytes belong
/// in a payload.
pub(crate) fn split(command: &[u8]) -> Result<Vec<String>, TooMany> {
    let mut words = Vec::new();
    let mut rest = command;
    loop {
        rest = trim(rest);
        if rest.is_empty() {
            return Ok(words);
        }
        if words.len() == MOST {
            return Err(TooMany);
        }
        let (mut word, mut taken) = (Vec::new(), 0);
        while let Some(&byte) = rest.get(taken) {
            match byte {
                b' ' | b'\t' => break,
                b'\\' => {
                    word.extend(rest.get(taken + 1));
                    taken += 2;
                }
                _ => {
                    word.push(byte);
                    taken += 1;
                }
            }
        }
        words.push(String::from_utf8_lossy(&word).into_owned());
        rest = rest.get(taken..).unwrap_or_default();
    }
}

fn trim(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &bytes[blank..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_separate_and_backslashes_protect() {
        let words = |text: &str| split(text.as_bytes()).unwrap();
        assert_eq!(words("  show \t cli  "), ["show", "cli"]);
        assert_eq!(words(r"a\;b c\\d e\ f \g \"), ["a;b", r"c\d", "e f", "g", ""]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(split(b"\xff").unwrap(), ["\u{fffd}"]);
    }

    #[test]
    fn the_number_of_words_is_limited() {
        assert_eq!(split("a ".repeat(64).as_bytes()).map(|words| words.len()), Ok(64));
        assert_eq!(split("a ".repeat(65).as_bytes()), Err(TooMany));
    }
}
