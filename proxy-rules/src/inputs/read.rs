//! Arguments in parentheses, `(a,"b, c")`. They have quotes of their own, inside those of the line.

use proxy_config::{Mistake, Parsed};

use super::Input;
use crate::text::Text;

/// Returns whether a byte may occur in a word of an expression.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-+:".contains(&byte)
}

/// Reads the word at a position, and advances the position to its end.
pub(crate) fn word<'a>(text: &Text<'a>, at: &mut usize) -> &'a str {
    let rest = &text.as_str()[*at..];
    let end = rest.bytes().position(|byte| !is_word_byte(byte)).unwrap_or(rest.len());
    *at += end;
    &rest[..end]
}

/// Reads parentheses, if there are any at a position, and advances the position to their end.
///
/// # Errors
/// Returns an error if they are not closed.
pub(crate) fn parentheses(text: &Text<'_>, at: &mut usize) -> Parsed<Vec<Input>> {
    let bytes = text.as_str().as_bytes();
    let mut inputs = Vec::new();
    if bytes.get(*at) != Some(&b'(') {
        return Ok(inputs);
    }
    let open = *at;
    *at += 1;
    loop {
        let begin = *at;
        let value = argument(text, at)?;
        inputs.push(Input { text: value, span: text.part(begin, *at) });
        match bytes.get(*at) {
            Some(b',') => *at += 1,
            Some(_) => {
                *at += 1;
                return Ok(inputs);
            }
            None => return Err(not_closed(text, open)),
        }
    }
}

/// Creates the alert about a parenthesis.
fn not_closed(text: &Text<'_>, open: usize) -> Mistake {
    let before = &text.as_str()[..open];
    let begin = before.bytes().rposition(|byte| !is_word_byte(byte)).map_or(0, |at| at + 1);
    let message = match &before[begin..] {
        "" => "a parenthesis is not closed".to_owned(),
        name => format!("the parenthesis after '{name}' is not closed"),
    };
    let problem = text.mistake(open, open + 1, message);
    Box::new(problem.help("a blank in parentheses ends the word, unless it is in quotes"))
}

/// Reads one argument, up to a comma, a closing parenthesis or the end.
fn argument(text: &Text<'_>, at: &mut usize) -> Parsed<String> {
    let mut value = String::new();
    let (mut quote, mut begin) = (None, *at);
    let mut rest = text.as_str()[*at..].char_indices().peekable();
    let from = *at;
    loop {
        let Some((place, letter)) = rest.next() else {
            *at = text.as_str().len();
            break;
        };
        match letter {
            '"' | '\'' if quote == Some(letter) => quote = None,
            '"' | '\'' if quote.is_none() => (quote, begin) = (Some(letter), from + place),
            '\\' if quote != Some('\'') => {
                let escaped = match rest.peek().map(|(_, next)| *next) {
                    Some(next @ ('\\' | ' ' | '"' | '\'')) => Some(next),
                    Some('r') => Some('\r'),
                    Some('n') => Some('\n'),
                    Some('t') => Some('\t'),
                    _ => None,
                };
                value.push(escaped.unwrap_or('\\'));
                if escaped.is_some() {
                    rest.next();
                }
            }
            ',' | ')' if quote.is_none() => {
                *at = from + place;
                break;
            }
            letter => value.push(letter),
        }
    }
    match quote {
        None => Ok(value),
        Some(_) => {
            let rest = &text.as_str()[begin..];
            Err(text.mistake(begin, begin + 1, format!("the quote that begins {rest} is not closed")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proxy_config::Sources;

    use super::*;

    fn read(text: &str) -> Result<(Vec<String>, usize), String> {
        let span = Sources::span(Sources::default().add("", ""), 1, 0, text.len());
        let mut at = 0;
        match parentheses(&Text::at(text, span), &mut at) {
            Ok(inputs) => Ok((inputs.into_iter().map(|input| input.text).collect(), at)),
            Err(problem) => Err(problem.message),
        }
    }

    #[test]
    fn arguments_have_quotes_of_their_own() {
        let table: &[(&str, &[&str], usize)] = &[
            ("", &[], 0),
            (",lower", &[], 0),
            ("()", &[""], 2),
            ("(a)x", &["a"], 3),
            ("(a,b),c", &["a", "b"], 5),
            ("(a,)", &["a", ""], 4),
            ("(\"a,b)\",'c)')", &["a,b)", "c)"], 13),
            (r"(a\ b,\\,\t\x,'\n')", &["a b", "\\", "\t\\x", "\\n"], 19),
            ("(a'b c'd)", &["ab cd"], 9),
            ("(((a)", &["((a"], 5),
        ];
        for (text, arguments, end) in table {
            let arguments = arguments.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(read(text), Ok((arguments, *end)), "{text}");
        }
        assert_eq!(read("(a").unwrap_err(), "a parenthesis is not closed");
        assert_eq!(read("(a,").unwrap_err(), "a parenthesis is not closed");
        assert_eq!(read("('a)").unwrap_err(), "the quote that begins 'a) is not closed");
    }
}
