//! Statistics as JSON, with HAProxy's names: an array of objects, of which each is an array of values.

use std::fmt::Write as _;

use crate::field::Field;
use crate::fields;
use crate::subject::{Kind, Subject};
use crate::value::Value;

/// The largest number that all readers of JSON know exactly (RFC 8259, section 6).
const LARGEST: u64 = (1 << 53) - 1;

/// Returns the array of an object's values.
pub(crate) fn object(subject: &Subject<'_>, described: bool) -> String {
    let mut text = "[".to_owned();
    for (field, value) in fields::all().iter().filter_map(|field| Some((field, field.value(subject)?))) {
        if text.len() > 1 {
            text.push(',');
        }
        self::value(&mut text, subject, field, &value, described);
    }
    text.push(']');
    text
}

fn value(text: &mut String, subject: &Subject<'_>, field: &Field, value: &Value, described: bool) {
    let kind = match subject.kind() {
        Kind::Frontend => "Frontend",
        Kind::Backend => "Backend",
        Kind::Server => "Server",
        Kind::Listener => "Listener",
    };
    let (proxy, id, position, name) = (subject.proxy_id(), subject.id(), field.position, field.name);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "{{\"objType\":\"{kind}\",\"proxyId\":{proxy},\"id\":{id},\
         \"field\":{{\"pos\":{position},\"name\":\"{name}\"}},\"processNum\":1,"
    );
    tags(text, field.tags(subject.kind()));
    text.push(',');
    typed_value(text, value);
    if described {
        let _ = write!(text, ",\"desc\":{}", quoted(field.help));
    }
    text.push('}');
}

/// Appends what the letters of tags stand for.
pub(crate) fn tags(text: &mut String, tags: &str) {
    let mut letters = tags.chars();
    let mut word = |of: fn(char) -> &'static str| letters.next().map_or("Unknown", of);
    let (origin, nature, scope) = (word(origin), word(nature), word(scope));
    let _ =
        write!(text, "\"tags\":{{\"origin\":\"{origin}\",\"nature\":\"{nature}\",\"scope\":\"{scope}\"}}");
}

/// Appends a value with its type.
pub(crate) fn typed_value(text: &mut String, value: &Value) {
    let shown = match value {
        Value::Text(value) => quoted(value),
        Value::U64(number) => (*number).min(LARGEST).to_string(),
        number => number.to_string(),
    };
    let _ = write!(text, "\"value\":{{\"type\":\"{}\",\"value\":{shown}}}", value.type_name());
}

fn origin(letter: char) -> &'static str {
    match letter {
        'M' => "Metric",
        'S' => "Status",
        'K' => "Key",
        'C' => "Config",
        'P' => "Product",
        _ => "Unknown",
    }
}

fn nature(letter: char) -> &'static str {
    match letter {
        'G' => "Gauge",
        'L' => "Limit",
        'm' => "Min",
        'M' => "Max",
        'R' => "Rate",
        'C' => "Counter",
        'D' => "Duration",
        'A' => "Age",
        'T' => "Time",
        'N' => "Name",
        'O' => "Output",
        'a' => "Avg",
        _ => "Unknown",
    }
}

fn scope(letter: char) -> &'static str {
    match letter {
        'C' => "Cluster",
        'P' => "Process",
        'S' => "Service",
        's' => "System",
        _ => "Unknown",
    }
}

/// Returns a text as a string of JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\n\u{1}é"), "\"a\\\"b\\\\c\\u000a\\u0001é\"");
    }

    #[test]
    fn tags_are_words() {
        let mut text = String::new();
        tags(&mut text, "MaPV");
        assert_eq!(text, "\"tags\":{\"origin\":\"Metric\",\"nature\":\"Avg\",\"scope\":\"Process\"}");
    }

    #[test]
    fn numbers_stay_exact_for_all_readers() {
        let mut text = String::new();
        typed_value(&mut text, &Value::U64(u64::MAX));
        assert_eq!(text, "\"value\":{\"type\":\"u64\",\"value\":9007199254740991}");
    }
}
