//! Cookies in the values of `cookie` and `set-cookie` fields (RFC 6265), to look at and to change in place.
//!
//! Old agents separate cookies by commas, quote values, put white space around the equals sign, and add attributes
//! whose names begin with a dollar sign to the cookie before them (RFC 2109). All of that is understood here, and
//! the rest of a value is left unchanged, except for that white space.

use std::ops::Range;

/// What happens to a cookie of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The cookie is kept.
    Whole,
    /// The cookie is kept without this many bytes at the beginning of its value.
    Without(usize),
    /// The cookie is removed, with its attributes.
    No,
}

/// What happens to the value of a cookie that a response sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// The value is kept.
    Nothing,
    /// This is the value.
    Replace(&'a [u8]),
    /// The value follows this, and a tilde.
    Prefix(&'a [u8]),
    /// The field is removed.
    Remove,
}

/// A part of a value, as ranges of it: a cookie, an attribute, or something else between two delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// The delimiter before it, or the beginning of the value.
    start: usize,
    name: Range<usize>,
    /// The place of the equals sign, and the value after it.
    value: Option<(usize, Range<usize>)>,
    /// The delimiter after it, or the end of the value.
    end: usize,
}

impl Part {
    /// Reads the part that begins at a delimiter, or at the beginning of the value. `is_list` says whether commas
    /// delimit names.
    fn read(bytes: &[u8], start: usize, is_first: bool, is_list: bool) -> Part {
        let begin = skip_blanks(bytes, if is_first { start } else { start + 1 });
        let ends_name = |byte: &u8| matches!(byte, b'=' | b';') || is_list && *byte == b',';
        let equal = begin + bytes[begin..].iter().take_while(|byte| !ends_name(byte)).count();
        let name = begin..trim_end(bytes, begin, equal);
        if bytes.get(equal) != Some(&b'=') {
            return Part { start, name, value: None, end: equal };
        }
        let from = skip_blanks(bytes, equal + 1);
        let end = from + value_end(&bytes[from..]);
        Part { start, name, value: Some((equal, from..trim_end(bytes, from, end))), end }
    }

    /// Returns whether there is white space around the equals sign.
    fn is_spaced(&self) -> bool {
        self.value.as_ref().is_some_and(|(equal, value)| self.name.end != *equal || value.start > equal + 1)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let from = from.min(bytes.len());
    from + bytes[from..].iter().take_while(|byte| is_blank(**byte)).count()
}

/// Returns where the bytes between two places end without the white space at their end.
fn trim_end(bytes: &[u8], from: usize, to: usize) -> usize {
    to - bytes[from..to].iter().rev().take_while(|byte| is_blank(**byte)).count()
}

/// Returns where the value of a cookie ends: at a delimiter outside quotes.
fn value_end(bytes: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' | b';' if !quoted => return at,
            _ => {}
        }
    }
    bytes.len()
}

/// Asks for each cookie of a `cookie` field, by name and value, what happens to it. Returns the new value of the field
/// if it is another one; an empty one stands for a field that is to be removed.
pub fn edit_request(bytes: &[u8], mut decide: impl FnMut(&[u8], &[u8]) -> Keep) -> Option<Vec<u8>> {
    let mut edit = Edit::new(bytes);
    let (mut at, mut is_first) = (0, true);
    while at < bytes.len() {
        let part = Part::read(bytes, at, is_first, true);
        (at, is_first) = (part.end, false);
        let name = &bytes[part.name.clone()];
        match &part.value {
            _ if name.starts_with(b"$") => edit.attribute(&part),
            None => edit.keep(&part, 0),
            Some((_, value)) => match decide(name, &bytes[value.clone()]) {
                Keep::Whole => edit.keep(&part, 0),
                Keep::Without(begin) => edit.keep(&part, begin.min(value.len())),
                Keep::No => edit.remove(&part),
            },
        }
    }
    edit.finish()
}

/// An edit of the value of a `cookie` field. Nothing is copied before the first change.
struct Edit<'a> {
    bytes: &'a [u8],
    /// The new value so far, once it is another one.
    new: Option<Vec<u8>>,
    /// Whether the cookie before was removed.
    removes: bool,
    /// Whether anything but attributes was kept.
    has_kept: bool,
}

impl<'a> Edit<'a> {
    fn new(bytes: &'a [u8]) -> Edit<'a> {
        Edit { bytes, new: None, removes: false, has_kept: false }
    }

    /// Keeps or removes an attribute, with the cookie before it.
    fn attribute(&mut self, part: &Part) {
        if !self.removes
            && let Some(new) = &mut self.new
        {
            new.extend_from_slice(&self.bytes[part.start..part.end]);
        }
    }

    fn remove(&mut self, part: &Part) {
        self.new.get_or_insert_with(|| self.bytes[..part.start].to_vec());
        self.removes = true;
    }

    /// Keeps a cookie, without the given number of bytes of its value.
    fn keep(&mut self, part: &Part, without: usize) {
        self.has_kept = true;
        let removed = std::mem::take(&mut self.removes);
        let is_changed = part.is_spaced() || without > 0;
        if is_changed {
            self.new.get_or_insert_with(|| self.bytes[..part.start].to_vec());
        }
        let Some(new) = &mut self.new else { return };
        if !removed {
            new.extend_from_slice(&self.bytes[part.start..part.name.start]);
        } else {
            new.truncate(trim_end(new, 0, new.len()));
            if !new.is_empty() {
                new.extend_from_slice(&[self.bytes[part.start], b' ']);
            }
        }
        match &part.value {
            None => new.extend_from_slice(&self.bytes[part.name.start..part.end]),
            Some((_, value)) => {
                new.extend_from_slice(&self.bytes[part.name.clone()]);
                new.push(b'=');
                new.extend_from_slice(&self.bytes[value.start + without..part.end]);
            }
        }
    }

    fn finish(self) -> Option<Vec<u8>> {
        let mut new = self.new?;
        new.truncate(trim_end(&new, 0, new.len()));
        // Attributes belong to cookies.
        if self.removes && !self.has_kept {
            new.clear();
        }
        Some(new)
    }
}

/// Asks for the cookie of a `set-cookie` field, by name and value, what happens to it. Returns the new value of the
/// field if it is another one; an empty one stands for a field that is to be removed. A cookie without an equals sign
/// is not asked for.
pub fn edit_response<'a>(bytes: &[u8], decide: impl FnOnce(&[u8], &[u8]) -> Change<'a>) -> Option<Vec<u8>> {
    if bytes.is_empty() {
        return None;
    }
    let part = Part::read(bytes, 0, true, false);
    let (_, value) = part.value.as_ref()?;
    let (name, rest) = (&bytes[part.name.clone()], &bytes[value.end..]);
    let old = &bytes[value.clone()];
    match decide(name, old) {
        Change::Nothing if !part.is_spaced() => None,
        Change::Nothing => Some([name, b"=", old, rest].concat()),
        Change::Replace(new) => Some([name, b"=", new, rest].concat()),
        Change::Prefix(prefix) => Some([name, b"=", prefix, b"~", old, rest].concat()),
        Change::Remove => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Removes the cookies with the name `S`, and the first two bytes of those with the name `P`.
    fn edited(value: &str) -> Option<String> {
        let decide = |name: &[u8], _: &[u8]| match name {
            b"S" => Keep::No,
            b"P" => Keep::Without(2),
            _ => Keep::Whole,
        };
        edit_request(value.as_bytes(), decide).map(|new| String::from_utf8(new).unwrap())
    }

    #[test]
    fn cookies_are_removed_wherever_they_are() {
        for (value, new) in [
            ("S=1", ""),
            ("S=1; a=2", "a=2"),
            ("a=2; S=1", "a=2"),
            ("a=2; S=1; b=3", "a=2; b=3"),
            ("a=2 ;S=1 ,b=3", "a=2, b=3"),
            ("S=1;S=2; a=2;S=3", "a=2"),
            ("S=\"x;y\"; a=2", "a=2"),
            ("S=\"x\\\";y\"; a=2", "a=2"),
            ("S = 1 ; a=2", "a=2"),
            ("S=1;", ""),
            ("; S=1", ""),
            ("a; S=1; b", "a; b"),
            ("$Version=1; S=1; $Path=/", ""),
            ("$Version=1; S=1; $Path=/; a=2; $Path=/a", "$Version=1; a=2; $Path=/a"),
            ("S=", ""),
            ("S=\"unfinished; a=2", ""),
        ] {
            assert_eq!(edited(value).as_deref(), Some(new), "{value}");
        }
    }

    #[test]
    fn other_cookies_are_kept_as_they_are() {
        for value in
            ["", "a=1", "a=1; b = \"", ";;;", "s=1", "SS=1; a=S=1", "$S=1", " S", "S;a=1", "a=\"S=1\""]
        {
            let same = edited(value).is_none_or(|new| new == value.replace(" = ", "="));
            assert!(same, "{value}");
        }
        assert_eq!(edited("a =1; b= 2;c=3").as_deref(), Some("a=1; b=2;c=3"));
    }

    #[test]
    fn the_beginning_of_a_value_is_removed() {
        assert_eq!(edited("a=1; P=s~x y ; b=2").as_deref(), Some("a=1; P=x y ; b=2"));
        assert_eq!(edited("P=s~").as_deref(), Some("P="));
        assert_eq!(edited("P=s").as_deref(), Some("P="));
        assert_eq!(edited("S=1; P = s~x").as_deref(), Some("P=x"));
    }

    #[test]
    fn a_cookie_of_a_response_is_changed_up_to_its_attributes() {
        let edit = |value: &str, change| {
            let new = edit_response(value.as_bytes(), |name, old| {
                assert_eq!((name, old), (&b"S"[..], &b"a b"[..]), "{value}");
                change
            });
            new.map(|new| String::from_utf8(new).unwrap())
        };
        let (plain, spaced) = ("S=a b; path=/; expires=Thu, 1", "S = a b ; path=/");
        assert_eq!(edit(plain, Change::Nothing), None);
        assert_eq!(edit(spaced, Change::Nothing).as_deref(), Some("S=a b ; path=/"));
        assert_eq!(edit(plain, Change::Replace(b"x")).as_deref(), Some("S=x; path=/; expires=Thu, 1"));
        assert_eq!(edit(spaced, Change::Prefix(b"x")).as_deref(), Some("S=x~a b ; path=/"));
        assert_eq!(edit(plain, Change::Remove).as_deref(), Some(""));
        for value in ["", "S", "S; path=/", ";S=1"] {
            assert_eq!(edit_response(value.as_bytes(), |_, _| panic!("not a cookie")), None, "{value}");
        }
    }
}
