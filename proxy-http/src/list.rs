//! Field values that are lists (RFC 9110, section 5.6.1).

/// Returns the elements of a list: separated by commas outside quoted strings, without white space around them.
/// Empty elements are included.
pub fn values(value: &[u8]) -> Values<'_> {
    Values { rest: Some(value) }
}

/// An iterator over the elements of a list.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let end = element_end(rest);
        self.rest = rest.get(end + 1..);
        Some(trim(&rest[..end]))
    }
}

/// Returns the offset at which the first element ends: at its comma or at the end.
pub(crate) fn element_end(list: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in list.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return at,
            _ => {}
        }
    }
    list.len()
}

/// Returns the value without spaces and tabs around it.
pub fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_outside_quotes_separate() {
        for (list, elements) in [
            ("", &[""][..]),
            ("a", &["a"]),
            (" a\t", &["a"]),
            ("a,b", &["a", "b"]),
            (" a , b ", &["a", "b"]),
            ("a,", &["a", ""]),
            (",a", &["", "a"]),
            ("a,,b", &["a", "", "b"]),
            ("\"a,b\",c", &["\"a,b\"", "c"]),
            (r#""a\",b",c"#, &[r#""a\",b""#, "c"]),
            (r#""a\\",b"#, &[r#""a\\""#, "b"]),
            ("\"a,b", &["\"a,b"]),
            (r"a\,b", &[r"a\", "b"]),
            ("a b,c d", &["a b", "c d"]),
        ] {
            let found: Vec<_> = values(list.as_bytes()).collect();
            let expected: Vec<_> = elements.iter().map(|element| element.as_bytes()).collect();
            assert_eq!(found, expected, "{list:?}");
        }
    }
}
