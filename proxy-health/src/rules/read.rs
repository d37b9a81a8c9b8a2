//! Reads the parts that lines of several kinds have in common.

use proxy_config::{Line, Parsed, mistake};
use proxy_rules::{Format, Points, Style, Text};

/// Something that was read, with the comment in its line.
pub(super) struct Read<T> {
    pub(super) value: T,
    pub(super) comment: Option<Box<str>>,
}

/// Reads the next word as a text.
pub(super) fn text_of(line: &mut Line<'_, '_>, what: &str) -> Parsed<Box<str>> {
    line.args.word(what).map(|word| word.text.as_str().into())
}

/// Reads a comment, if there is one, and nothing else.
pub(super) fn only_comment(line: &mut Line<'_, '_>, keyword: &str) -> Parsed<Option<Box<str>>> {
    let mut comment = None;
    while line.args.take_word("comment") {
        comment = Some(text_of(line, "a comment")?);
    }
    match line.args.peek() {
        None => Ok(comment),
        Some(word) => {
            let problem = mistake(word.span, format!("unexpected '{}' after '{keyword}'", word.text));
            Err(Box::new(problem.expected("'comment' or nothing")))
        }
    }
}

/// Reads the next word as a format whose values are written as they are.
pub(super) fn format(line: &mut Line<'_, '_>, what: &str) -> Parsed<Format> {
    let word = line.args.word(what)?;
    Format::parse_in(Text::of(word), Points::CHECK, Style::PLAIN, line.surroundings)
}

/// Reads the next word as a format of a field or a target, in which control characters of values are escaped.
pub(super) fn field_format(line: &mut Line<'_, '_>, what: &str) -> Parsed<Format> {
    let word = line.args.word(what)?;
    let is_plain = |byte: u8| byte == b'\t' || !byte.is_ascii_control();
    if !word.bytes().all(is_plain) {
        return Err(line.args.bad(word, format!("{what}, without control characters")));
    }
    Format::parse_in(Text::of(word), Points::CHECK, Style::RULE, line.surroundings)
}
