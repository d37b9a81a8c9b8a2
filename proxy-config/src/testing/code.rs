//! The code of a Rust source: enough of the lexical grammar to distinguish identifiers from comments and strings.

use std::collections::BTreeSet;

/// Returns a source up to its module of tests, which is at its end.
pub(super) fn outside_of_tests(source: &str) -> &str {
    let mut from = 0;
    while let Some(at) = source[from..].find("#[cfg(test)]").map(|at| from + at) {
        from = at + "#[cfg(test)]".len();
        let item = source[from..].trim_start();
        let item = item.split_once('\n').map_or(item, |(line, _)| line);
        if item.starts_with("mod ") && item.ends_with('{') {
            return &source[..at];
        }
    }
    source
}

/// Returns the identifiers of a source, without those in comments and strings.
pub(super) fn identifiers(source: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphabetic() || first == '_' {
            let length = word(rest);
            match &rest[length..] {
                // A raw string, or one of bytes.
                after if is_string_prefix(&rest[..length]) && after.starts_with(['"', '#']) => {
                    length + string(after, rest[..length].contains('r'))
                }
                _ => {
                    found.insert(&rest[..length]);
                    length
                }
            }
        } else if first.is_ascii_digit() {
            word(rest)
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if first == '"' {
            string(rest, false)
        } else if first == '\'' {
            character(rest)
        } else {
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn is_string_prefix(word: &str) -> bool {
    matches!(word, "r" | "b" | "c" | "br" | "cr")
}

/// Returns the length of a block comment. Block comments nest.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Returns the length of a string with its quotes and number signs.
fn string(text: &str, is_raw: bool) -> usize {
    let signs = text.find(|c| c != '#').unwrap_or(text.len());
    if !text[signs..].starts_with('"') {
        // A raw identifier.
        return signs;
    }
    let end = format!("\"{}", &text[..signs]);
    let mut at = signs + 1;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(&end) {
            return at + end.len();
        }
        let next = rest.chars().next().map_or(1, char::len_utf8);
        // An escaped character does not end the string.
        at += if !is_raw && rest.starts_with('\\') {
            1 + rest[1..].chars().next().map_or(0, char::len_utf8)
        } else {
            next
        };
    }
    text.len()
}

/// Returns the length of a character literal, or of the quote of a lifetime.
fn character(text: &str) -> usize {
    let rest = &text[1..];
    if let Some(rest) = rest.strip_prefix('\\') {
        let escaped = 2 + rest.chars().next().map_or(0, char::len_utf8);
        return text[escaped..].find('\'').map_or(text.len(), |end| escaped + end + 1);
    }
    let first = rest.chars().next().map_or(0, char::len_utf8);
    if rest[first..].starts_with('\'') { 1 + first + 1 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_has_identifiers() {
        let source = r###"
            // comment
            /* block /* nested */ still */
            let plain = "string \" quoted // too" + other('"', '\'', b'x', b"bytes") /* end */;
            let raw = r#"a "raw" one"#; fn f<'life>(r#type: &'life u8) -> u8 { 1_000u64; last }
        "###;
        let found: Vec<&str> = identifiers(source).into_iter().collect();
        let expected = ["b", "f", "fn", "last", "let", "life", "other", "plain", "raw", "type", "u8"];
        assert_eq!(found, expected);
    }

    #[test]
    fn tests_are_cut_off() {
        let source = "a\n#[cfg(test)]\nuse b;\n#[cfg(test)]\nmod c;\nd\n#[cfg(test)]\nmod tests {\n e\n}\n";
        assert!(outside_of_tests(source).ends_with("d\n"));
        assert_eq!(outside_of_tests("a\n"), "a\n");
    }
}
