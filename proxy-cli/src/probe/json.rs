//! A writer of JSON (RFC 8259): members of objects keep their order.

use std::fmt::Write as _;

/// An object being written.
#[derive(Debug)]
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Object {
        Object("{".to_owned())
    }

    /// Adds a member whose value is JSON already: a number, `true`, another object.
    pub(crate) fn raw(mut self, name: &str, value: impl std::fmt::Display) -> Object {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{}:{value}", quoted(name));
        self
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Object {
        let value = quoted(value);
        self.raw(name, value)
    }

    /// Adds a member that is `null` if there is no value.
    pub(crate) fn maybe(self, name: &str, value: Option<impl std::fmt::Display>) -> Object {
        match value {
            Some(value) => self.raw(name, value),
            None => self.raw(name, "null"),
        }
    }

    pub(crate) fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

pub(crate) fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // Characters above 0x7e need no escape, but a terminal would interpret these.
            c if c.is_control() => _ = write!(quoted, "\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_members_stay_in_order() {
        let inner = Object::new().maybe("none", None::<u32>).close();
        let text = Object::new()
            .text("a\"b", "\\ \" \n \u{1b} \u{7f} é")
            .raw("n", 1.5)
            .raw("l", array([inner, Object::new().close()]))
            .close();
        assert_eq!(
            text,
            "{\"a\\\"b\":\"\\\\ \\\" \\u000a \\u001b \\u007f é\",\"n\":1.5,\"l\":[{\"none\":null},{}]}"
        );
    }
}
