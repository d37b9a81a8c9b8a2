//! The syntax of bytes in a file of cases: literal bytes, with `|` for CRLF, a few escapes, and names for repeated
//! texts.
//!
//! | written | means |
//! | --- | --- |
//! | <code>&#124;</code> | CR LF |
//! | `\r` `\n` `\t` `\s` `\\` `\p` | CR, LF, tab, space, backslash, <code>&#124;</code> |
//! | `\x7f` | the byte with this value |
//! | `\(300:ab)` | 300 times what follows the colon, which may have escapes but no parenthesis |
//! | `$NAME`, `${NAME}` | what the file defines with `let NAME = ...`: capital letters and digits |
//!
//! Everything else is Latin-1.

use std::collections::HashMap;

/// The repeated texts of a file, by name.
pub(crate) type Names = HashMap<String, String>;

/// Reads a text; the error describes what is wrong with it.
pub(crate) fn bytes(text: &str, names: &Names) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    append(&named(text, names)?, &mut out)?;
    Ok(out)
}

/// Replaces names by their texts.
pub(crate) fn named(text: &str, names: &Names) -> Result<String, String> {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(part) => part.split_once('}').ok_or("no end of ${")?,
            None => {
                let end = |c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit();
                part.split_at(part.find(end).unwrap_or(part.len()))
            }
        };
        out += names.get(name).ok_or_else(|| format!("no ${name}"))?;
        out += rest;
    }
    Ok(out)
}

/// Writes bytes for messages in the same syntax, without names, and shortened.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 2000;
    let text: String = bytes.iter().take(MOST).map(|byte| shown_byte(*byte)).collect();
    let text = text.replace("\\r\\n", "|");
    if bytes.len() > MOST { format!("{text}... ({} bytes)", bytes.len()) } else { text }
}

fn shown_byte(byte: u8) -> String {
    match byte {
        b'|' => "\\p".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\n' => "\\n".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("\\x{other:02x}"),
    }
}

fn append(text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '|' => out.extend(b"\r\n"),
            '\\' => escape(&mut chars, out)?,
            other => out.push(u8::try_from(other).map_err(|_| format!("{other:?} is not Latin-1"))?),
        }
    }
    Ok(())
}

fn escape(chars: &mut std::str::Chars<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let escaped = chars.next().ok_or("a backslash at the end")?;
    out.push(match escaped {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        's' => b' ',
        'p' => b'|',
        '\\' => b'\\',
        'x' => {
            let digits = chars.as_str().get(..2).ok_or("two digits have to follow \\x")?;
            *chars = chars.as_str()[2..].chars();
            u8::from_str_radix(digits, 16).map_err(|error| format!("\\x{digits}: {error}"))?
        }
        '(' => {
            let (inner, rest) = chars.as_str().split_once(')').ok_or("no end of \\(")?;
            let (count, what) = inner.split_once(':').ok_or("no colon in \\(")?;
            let count: usize = count.parse().map_err(|error| format!("\\({count}: {error}"))?;
            let mut once = Vec::new();
            append(what, &mut once)?;
            out.extend(once.repeat(count));
            *chars = rest.chars();
            return Ok(());
        }
        other => return Err(format!("no escape \\{other}")),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_names_are_read() {
        let names = Names::from([("A1".to_owned(), "x|".to_owned())]);
        let read = |text| bytes(text, &names).unwrap();
        assert_eq!(read("a ${A1}$A1b\\x00\\(3:c\\n)\\p\\s\u{ff}"), b"a x\r\nx\r\nb\0c\nc\nc\n| \xff");
        assert_eq!(shown(&read("a|\\x00\\n\\p")), "a|\\x00\\n\\p");
        for wrong in ["$B", "\\", "\\q", "\\x1", "\\(a:b)", "\\(2:b", "\u{100}"] {
            assert!(bytes(wrong, &names).is_err(), "{wrong}");
        }
    }
}
