//! The arguments of a predicate: `(a,b)`, with quotes and escapes of their own.
//!
//! A condition is unquoted twice, first as a line and then here: `'` and `"` quote a comma or a parenthesis, and `\` is
//! an escape outside `'`. Spaces belong to the argument that they are in.

use std::ops::Range;

use super::error::{ConditionErrorKind as Kind, Mistake};

/// An argument without its quotes, and its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Argument {
    pub(super) value: String,
    pub(super) span: Range<usize>,
}

/// Reads the argument of `text` that begins at `start`. It ends before a `,` or `)` or at the end of the text; the
/// second value is that offset.
pub(super) fn argument(text: &str, start: usize) -> Result<(Argument, usize), Mistake> {
    let mut value = String::new();
    let mut quoted: Option<(char, usize)> = None;
    let mut letters = text[start..].char_indices().map(|(at, letter)| (start + at, letter)).peekable();
    let mut end = text.len();
    while let Some((at, letter)) = letters.next() {
        match (letter, quoted) {
            (',' | ')', None) => {
                end = at;
                break;
            }
            ('"' | '\'', None) => quoted = Some((letter, at)),
            ('"' | '\'', Some((quote, _))) if quote == letter => quoted = None,
            ('\\', None | Some(('"', _))) => {
                let Some(&(_, escaped)) = letters.peek() else {
                    return Err(Mistake { span: at..text.len(), kind: Kind::LoneBackslash });
                };
                value.push(unescape(escaped).unwrap_or('\\'));
                if unescape(escaped).is_some() {
                    letters.next();
                }
            }
            _ => value.push(letter),
        }
    }
    match quoted {
        Some((quote, at)) => Err(Mistake { span: at..at + 1, kind: Kind::UnclosedQuote { quote } }),
        None => Ok((Argument { value, span: start..end }, end)),
    }
}

/// Returns the character that a letter after `\` stands for, or `None` if the `\` is an ordinary character.
fn unescape(letter: char) -> Option<char> {
    match letter {
        '\\' | ' ' | '"' | '\'' => Some(letter),
        'r' => Some('\r'),
        'n' => Some('\n'),
        't' => Some('\t'),
        _ => None,
    }
}

/// Writes `value` as an argument that reads as `value` again.
pub(super) fn quote(value: &str) -> String {
    let special = |letter: char| matches!(letter, ',' | ')' | '"' | '\'' | '\\');
    if value.contains(special) { format!("'{}'", value.replace('\'', r"'\''")) } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, usize), Kind> {
        argument(text, 0).map(|(argument, end)| (argument.value, end)).map_err(|mistake| mistake.kind)
    }

    #[test]
    fn quotes_and_escapes() {
        for (text, value, end) in [
            ("a,b", "a", 1),
            (" a )", " a ", 3),
            ("'a,b')", "a,b", 5),
            (r#""a\"b"'c'"#, "a\"bc", 9),
            (r"'a\n'", r"a\n", 5),
            (r"a\n\q\,b", "a\n\\q\\", 6),
            (r#""it's""#, "it's", 6),
        ] {
            assert_eq!(read(text), Ok((value.to_owned(), end)), "{text}");
        }
    }

    #[test]
    fn unfinished_arguments() {
        assert_eq!(read("a\\"), Err(Kind::LoneBackslash));
        assert_eq!(read("'a"), Err(Kind::UnclosedQuote { quote: '\'' }));
        assert_eq!(read("a\"),"), Err(Kind::UnclosedQuote { quote: '"' }));
    }

    #[test]
    fn quoted_values_read_the_same() {
        for value in ["", "a", " a b ", "a,b", "it's", "\"\\n(x)", "'"] {
            let text = quote(value);
            assert_eq!(read(&text), Ok((value.to_owned(), text.len())), "{text}");
        }
    }
}
