//! Statistics as CSV: a header with the names of the fields, and a line for each object. Empty fields are empty. A `-`
//! ends the fields whose positions are fixed; HAProxy has those of its modules after it.

use crate::fields;
use crate::subject::Subject;
use crate::value::Value;

/// Returns the header.
pub(crate) fn head() -> String {
    let mut text = "# ".to_owned();
    for field in fields::all() {
        text.push_str(field.name);
        text.push(',');
    }
    text.push_str("-,\n");
    text
}

/// Returns the line of an object.
pub(crate) fn line(subject: &Subject<'_>) -> String {
    let mut text = String::new();
    for field in fields::all() {
        match field.value(subject) {
            Some(Value::Text(value)) => text.push_str(&quoted(&value)),
            Some(value) => text.push_str(&value.to_string()),
            None => {}
        }
        text.push(',');
    }
    text.push_str("-,\n");
    text
}

/// Returns a text as a field: in quotes if it needs them, and on one line.
fn quoted(text: &str) -> String {
    let one_line = text.replace(['\r', '\n'], " ");
    match one_line.contains([',', '"']) || one_line != text {
        true => format!("\"{}\"", one_line.replace('"', "\"\"")),
        false => one_line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_one_field() {
        let cases =
            [("plain text", "plain text"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a b\"")];
        for (text, expected) in cases {
            assert_eq!(quoted(text), expected);
        }
    }
}
