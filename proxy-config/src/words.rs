//! Splits a line into words: comments, quotes, escapes and variables, as in sections 2.2 and 2.3 of HAProxy's manual.
//!
//! ```text
//!            ' ── everything unchanged ── '
//!  between ──┤
//!   words    " ── \ escapes, $NAME ${NAME} ${NAME-default} ${NAME[*]} ── "
//!            │
//!            └─ \ escapes; # begins a comment ─ white space
//! ```

use proto_core::address::Environment;

use crate::diagnostic::{Parsed, mistake};
use crate::source::{FileId, Sources, Span};

/// A word of a line, without its quotes and with variables expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text of the word.
    pub text: String,
    /// The place of the word, including its quotes.
    pub span: Span,
    /// Whether the file has the same text, so that an offset into the text is also one into the file.
    literal: bool,
    /// The place of a variable in it that is not set.
    unset: Option<Span>,
}

impl Word {
    /// Returns the place of a part of the word, given as byte offsets into its text, or that of the whole word if it
    /// was quoted or expanded.
    pub fn part(&self, start: usize, end: usize) -> Span {
        if !self.literal {
            return self.span;
        }
        let at = |offset: usize| self.span.start.saturating_add(offset.min(self.text.len()) as u32);
        Span { start: at(start), end: at(end), ..self.span }
    }
}

impl std::ops::Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// The most words on one line, as in HAProxy (`MAX_LINE_ARGS`).
const MAX_WORDS: usize = 64;
/// The most bytes that the values of variables may add to a line.
const MAX_EXPANDED: usize = 1 << 20;

/// Refuses empty words: in HAProxy, an empty word looks like the end of the line.
///
/// # Errors
/// Returns an error about the first word that is empty.
pub(crate) fn refuse_empty(words: &[Word]) -> Parsed {
    let Some((number, word)) = words.iter().enumerate().find(|(_, word)| word.text.is_empty()) else {
        return Ok(());
    };
    let message = format!("argument number {number} is empty");
    Err(match word.unset {
        Some(variable) => {
            let problem = mistake(variable, format!("{message}: the variable is not set"));
            Box::new(problem.help("\"${NAME-default}\" gives it a default"))
        }
        None => mistake(word.span, message),
    })
}

/// The variables that describe the place of a line, for `split`.
pub(crate) trait LineVariables {
    /// Returns the value of `.LINE`, `.FILE` or `.SECTION`.
    fn own(&self, name: &str) -> Option<String>;
}

/// Splits a line into words.
///
/// # Errors
/// Returns the first mistake.
pub(crate) fn split(
    sources: &Sources,
    file: FileId,
    line: u32,
    variables: &dyn Environment,
    of_line: &dyn LineVariables,
) -> Parsed<Vec<Word>> {
    Splitter::new(sources.line(file, line), file, line, variables, of_line).run()
}

/// Splits a text that is not a line of a file into words. In it, `#` does not begin a comment.
///
/// # Errors
/// Returns the first mistake.
pub(crate) fn split_text(text: &str, variables: &dyn Environment) -> Parsed<Vec<Word>> {
    struct Nowhere;
    impl LineVariables for Nowhere {
        fn own(&self, _name: &str) -> Option<String> {
            None
        }
    }
    let file = Sources::default().add("", "");
    Splitter { comments: false, ..Splitter::new(text.as_bytes(), file, 1, variables, &Nowhere) }.run()
}

struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
    file: FileId,
    line: u32,
    variables: &'a dyn Environment,
    of_line: &'a dyn LineVariables,
    words: Vec<Word>,
    word: Option<Growing>,
    quote: Option<(u8, usize)>,
    /// The place of a variable that is not set, in the word that is being read.
    unset: Option<Span>,
    expanded: usize,
    comments: bool,
}

/// A word that is being read.
struct Growing {
    bytes: Vec<u8>,
    start: usize,
    literal: bool,
}

impl<'a> Splitter<'a> {
    fn new(
        text: &'a [u8],
        file: FileId,
        line: u32,
        variables: &'a dyn Environment,
        of_line: &'a dyn LineVariables,
    ) -> Splitter<'a> {
        Splitter {
            text,
            at: 0,
            file,
            line,
            variables,
            of_line,
            words: Vec::new(),
            word: None,
            quote: None,
            unset: None,
            expanded: 0,
            comments: true,
        }
    }

    fn run(mut self) -> Parsed<Vec<Word>> {
        while let Some(&byte) = self.text.get(self.at) {
            let quote = self.quote.map(|(quote, _)| quote);
            match (byte, quote) {
                (0, _) => return Err(mistake(self.span(self.at, self.at + 1), "a NUL character")),
                (b'#', None) if self.comments => break,
                (b'"' | b'\'', None) => {
                    let at = self.at;
                    self.quote = Some((byte, at));
                    self.grow().literal = false;
                    self.at += 1;
                }
                (_, Some(quote)) if byte == quote => {
                    self.quote = None;
                    self.at += 1;
                }
                (_, Some(b'\'')) => self.take(byte),
                (b'\\', _) => self.escape()?,
                (b'$', Some(_)) => self.variable()?,
                (_, None) if byte.is_ascii_whitespace() || byte == 0x0b => {
                    self.end_word()?;
                    self.at += 1;
                }
                _ => self.take(byte),
            }
        }
        if let Some((_, at)) = self.quote {
            return Err(mistake(self.span(at, at + 1), format!("unmatched quote at position {}", at + 1)));
        }
        self.end_word()?;
        Ok(self.words)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Sources::span(self.file, self.line, start, end)
    }

    fn grow(&mut self) -> &mut Growing {
        let start = self.at;
        self.word.get_or_insert_with(|| Growing { bytes: Vec::new(), start, literal: true })
    }

    fn take(&mut self, byte: u8) {
        self.grow().bytes.push(byte);
        self.at += 1;
    }

    fn end_word(&mut self) -> Parsed {
        let unset = self.unset.take();
        let Some(Growing { bytes, start, literal }) = self.word.take() else { return Ok(()) };
        let span = self.span(start, self.at);
        if self.words.len() == MAX_WORDS {
            return Err(mistake(span, format!("too many words, more than {MAX_WORDS}")));
        }
        match String::from_utf8(bytes) {
            Ok(text) => self.words.push(Word { text, span, literal, unset }),
            Err(_) => return Err(mistake(span, "this word is not UTF-8")),
        }
        Ok(())
    }

    /// Reads a backslash, which escapes only some characters and is an ordinary character before others.
    fn escape(&mut self) -> Parsed {
        let in_quotes = self.quote.is_some();
        let (byte, length) = match self.text.get(self.at + 1).copied() {
            Some(byte @ (b' ' | b'\\' | b'#' | b'\'' | b'"')) => (byte, 2),
            Some(b't') => (b'\t', 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b'$') if in_quotes => (b'$', 2),
            Some(b'x') => {
                let digits = self.text.get(self.at + 2..self.at + 4).unwrap_or_default();
                let digits = std::str::from_utf8(digits).unwrap_or_default();
                let hexadecimal = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                match u8::from_str_radix(digits, 16) {
                    Ok(byte) if hexadecimal => (byte, 4),
                    _ => {
                        let place = self.span(self.at, self.at + 2);
                        let problem = mistake(place, "truncated or invalid hexadecimal sequence");
                        return Err(Box::new(problem.expected(r"two hexadecimal digits after '\x'")));
                    }
                }
            }
            _ => (b'\\', 1),
        };
        let word = self.grow();
        word.bytes.push(byte);
        word.literal &= length == 1;
        self.at += length;
        Ok(())
    }

    fn name_end(&self, from: usize) -> usize {
        let length = self.text[from..]
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .unwrap_or(self.text.len() - from);
        from + length
    }

    /// Expands a variable in double quotes.
    fn variable(&mut self) -> Parsed {
        let dollar = self.at;
        let braced = self.text.get(dollar + 1) == Some(&b'{');
        let begin = dollar + 1 + usize::from(braced);
        let own = self.text.get(begin) == Some(&b'.');
        let end = self.name_end(begin + usize::from(own));
        let name = String::from_utf8_lossy(&self.text[begin..end]).into_owned();
        let bad_name = |span| {
            let problem = mistake(span, "forbidden first character in the name of a variable");
            Box::new(problem.help(r"in double quotes '$' begins a variable; '\$' is a dollar sign"))
        };
        let first = self.text.get(begin).copied().unwrap_or_default();
        if !(own || first.is_ascii_alphabetic() || first == b'_') {
            return Err(bad_name(self.span(dollar, begin + 1)));
        }
        let mut value = match own {
            true => match self.of_line.own(&name) {
                Some(value) => Some(value),
                None => {
                    let problem = mistake(self.span(begin, end), format!("unknown variable '{name}'"));
                    return Err(Box::new(problem.expected(".LINE, .FILE or .SECTION")));
                }
            },
            false => self.variables.var(&name),
        };
        let (mut at, mut separate, mut defaulted) = (end, false, false);
        if braced {
            let unmatched = || mistake(self.span(dollar, begin), "unmatched brace in the name of a variable");
            if self.text.get(at) == Some(&b'[') {
                if !self.text[at..].starts_with(b"[*]") {
                    return Err(mistake(
                        self.span(at, at + 1),
                        "truncated or invalid word expansion sequence",
                    ));
                }
                separate = true;
                at += 3;
            }
            if self.text.get(at) == Some(&b'-') {
                let length = self.text[at..].iter().position(|byte| *byte == b'}').ok_or_else(unmatched)?;
                let default = String::from_utf8_lossy(&self.text[at + 1..at + length]).into_owned();
                value.get_or_insert(default);
                defaulted = true;
                at += length;
            }
            if self.text.get(at) != Some(&b'}') {
                return Err(unmatched());
            }
            at += 1;
        }
        if value.is_none() && !defaulted {
            self.unset = Some(self.span(begin, end));
        }
        self.expand(&value.unwrap_or_default(), separate, dollar, at)?;
        self.at = at;
        Ok(())
    }

    /// Inserts the value of a variable. With `separate`, each of its words becomes a word, and an empty value leaves
    /// nothing, not even an empty word in quotes.
    fn expand(&mut self, value: &str, separate: bool, start: usize, end: usize) -> Parsed {
        self.expanded += value.len();
        if self.expanded > MAX_EXPANDED {
            return Err(mistake(
                self.span(start, end),
                "the values of the variables make this line too long",
            ));
        }
        if !separate {
            let word = self.grow();
            word.literal = false;
            word.bytes.extend_from_slice(value.as_bytes());
            return Ok(());
        }
        for (index, part) in value.split_ascii_whitespace().enumerate() {
            let begins = index > 0 || value.starts_with(|c: char| c.is_ascii_whitespace());
            if begins && self.word.as_ref().is_some_and(|word| !word.bytes.is_empty()) {
                self.at = end;
                self.end_word()?;
                self.at = start;
            }
            let word = self.grow();
            word.literal = false;
            word.bytes.extend_from_slice(part.as_bytes());
        }
        let is_empty = self.word.as_ref().is_some_and(|word| word.bytes.is_empty());
        let ends = value.ends_with(|c: char| c.is_ascii_whitespace());
        if is_empty {
            self.word = None;
            self.unset = None;
        } else if ends {
            self.at = end;
            self.end_word()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Fixed;

    impl Environment for Fixed {
        fn var(&self, name: &str) -> Option<String> {
            match name {
                "A" => Some("one".into()),
                "LIST" => Some("a  b c".into()),
                "EMPTY" => Some(String::new()),
                _ => None,
            }
        }
    }

    impl LineVariables for Fixed {
        fn own(&self, name: &str) -> Option<String> {
            (name == ".LINE").then(|| "1".into())
        }
    }

    fn read(line: &[u8]) -> Result<Vec<String>, String> {
        let mut sources = Sources::default();
        let file = sources.add("test", line);
        let words = split(&sources, file, 1, &Fixed, &Fixed);
        match words.and_then(|words| refuse_empty(&words).map(|()| words)) {
            Ok(words) => Ok(words.into_iter().map(|word| word.text).collect()),
            Err(mistake) => Err(mistake.message.clone()),
        }
    }

    /// Each line was checked with HAProxy 3.5-dev5, which reads the same words.
    #[test]
    fn words() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  # nothing", &[]),
            ("bind :80 # comment", &["bind", ":80"]),
            (r"a\ b \# \\ \t.", &["a b", "#", "\\", "\t."]),
            (r"\1 \$A", &["\\1", "\\$A"]),
            (r#"'$A \n' "$A \n""#, &["$A \\n", "one \n"]),
            (r#"x"$A"y'z'"#, &["xoneyz"]),
            (r#"$A "\$A""#, &["$A", "$A"]),
            (r#""${A}b" "${NO-d e}" "${A-d}""#, &["oneb", "d e", "one"]),
            (r#"<"${LIST[*]}">"#, &["<a", "b", "c>"]),
            (r#"x "${EMPTY[*]}" y"#, &["x", "y"]),
            (r#"x "${NO[*]}" y"#, &["x", "y"]),
            (r#""${.LINE}""#, &["1"]),
            (r"\x41\x2e", &["A."]),
            (r#"a"b c"'d e'"#, &["ab cd e"]),
        ];
        for (line, words) in table {
            assert_eq!(read(line.as_bytes()).as_deref(), Ok(&words.map_to_strings()[..]), "{line}");
        }
    }

    trait MapToStrings {
        fn map_to_strings(&self) -> Vec<String>;
    }

    impl MapToStrings for &[&str] {
        fn map_to_strings(&self) -> Vec<String> {
            self.iter().map(|&text| text.to_owned()).collect()
        }
    }

    #[test]
    fn mistakes() {
        let table = [
            (r#"a "b"#, "unmatched quote at position 3"),
            ("a 'b", "unmatched quote at position 3"),
            (r#"a "" b"#, "argument number 1 is empty"),
            (r#"a "$NO" b"#, "argument number 1 is empty: the variable is not set"),
            (r#""${A""#, "unmatched brace in the name of a variable"),
            (r#""${A-x""#, "unmatched brace in the name of a variable"),
            (r#""$1""#, "forbidden first character in the name of a variable"),
            (r#""$""#, "forbidden first character in the name of a variable"),
            (r#""${A[1]}""#, "truncated or invalid word expansion sequence"),
            (r"\x4", "truncated or invalid hexadecimal sequence"),
            (r"\x+4", "truncated or invalid hexadecimal sequence"),
            (r"\xff", "this word is not UTF-8"),
            (r#""$.X""#, "unknown variable '.X'"),
            ("a\0b", "a NUL character"),
        ];
        for (line, message) in table {
            assert_eq!(read(line.as_bytes()), Err(message.to_owned()), "{line}");
        }
        assert!(read(&b"a ".repeat(MAX_WORDS)).is_ok());
        assert!(read(&b"a ".repeat(MAX_WORDS + 1)).unwrap_err().contains("too many words"));
        assert_eq!(read(b"a # \xff"), Ok(vec!["a".to_owned()]), "comments are in any encoding");
    }

    proptest! {
        #[test]
        fn any_line_is_words_or_a_mistake(line in proptest::collection::vec(any::<u8>(), 0..80)) {
            let line: Vec<u8> = line.into_iter().filter(|byte| *byte != b'\n').collect();
            let _ = read(&line);
        }

        #[test]
        fn quoted_words_come_back(words in proptest::collection::vec("[^\\\\'\"\u{0}\n\r]{1,9}", 1..9)) {
            let line: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            prop_assert_eq!(read(line.join(" ").as_bytes()), Ok(words));
        }
    }
}
