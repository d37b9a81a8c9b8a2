//! Request targets (RFC 9112, section 3.2).

/// The form of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetForm {
    /// `/path?query`
    Origin,
    /// `scheme://authority/path?query`
    Absolute,
    /// `host:port`, of CONNECT.
    Authority,
    /// `*`
    Asterisk,
}

/// The parts of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The form.
    pub form: TargetForm,
    /// The scheme of the absolute form, without `://`.
    pub scheme: Option<&'a [u8]>,
    /// The part between the scheme and the path, with user information and port.
    pub authority: Option<&'a [u8]>,
    /// The path, without a query. Empty if there is none: in an authority, in `*`, in an absolute target without
    /// one.
    pub path: &'a [u8],
    /// The part after the first `?`.
    pub query: Option<&'a [u8]>,
    /// Path and query, unchanged.
    pub path_and_query: &'a [u8],
}

impl<'a> Target<'a> {
    /// Splits a target into its parts. Every text has a form; the codec checks whether a request may have it.
    pub fn parse(target: &'a [u8]) -> Target<'a> {
        match target {
            b"*" => Target::of_path(TargetForm::Asterisk, b""),
            [b'/', ..] => Target::of_path(TargetForm::Origin, target),
            _ => Target::absolute(target)
                .unwrap_or(Target { authority: Some(target), ..Target::of_path(TargetForm::Authority, b"") }),
        }
    }

    /// Returns the authority without user information.
    pub fn host_and_port(&self) -> Option<&'a [u8]> {
        let authority = self.authority?;
        Some(match memchr::memrchr(b'@', authority) {
            Some(at) => &authority[at + 1..],
            None => authority,
        })
    }

    fn of_path(form: TargetForm, text: &'a [u8]) -> Target<'a> {
        let (path, query) = match memchr::memchr(b'?', text) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        Target { form, scheme: None, authority: None, path, query, path_and_query: text }
    }

    fn absolute(text: &'a [u8]) -> Option<Target<'a>> {
        let end = text.iter().position(|byte| !is_scheme_byte(*byte))?;
        let rest = text[end..].strip_prefix(b"://").filter(|_| text[0].is_ascii_alphabetic())?;
        let path = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let target = Target::of_path(TargetForm::Absolute, &rest[path..]);
        Some(Target { scheme: Some(&text[..end]), authority: Some(&rest[..path]), ..target })
    }
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (TargetForm, Option<&str>, Option<&str>, &str, Option<&str>, &str) {
        let target = Target::parse(text.as_bytes());
        let text = |bytes| str::from_utf8(bytes).unwrap();
        (
            target.form,
            target.scheme.map(text),
            target.authority.map(text),
            text(target.path),
            target.query.map(text),
            text(target.path_and_query),
        )
    }

    #[test]
    fn the_four_forms() {
        use TargetForm::{Absolute, Asterisk, Authority, Origin};
        assert_eq!(parts("*"), (Asterisk, None, None, "", None, ""));
        assert_eq!(parts("/"), (Origin, None, None, "/", None, "/"));
        assert_eq!(parts("/a?b?c"), (Origin, None, None, "/a", Some("b?c"), "/a?b?c"));
        assert_eq!(parts("//a/b?"), (Origin, None, None, "//a/b", Some(""), "//a/b?"));
        assert_eq!(parts("a:80"), (Authority, None, Some("a:80"), "", None, ""));
        assert_eq!(parts("http:/a"), (Authority, None, Some("http:/a"), "", None, ""));
        assert_eq!(parts("1http://a"), (Authority, None, Some("1http://a"), "", None, ""));
        assert_eq!(parts(""), (Authority, None, Some(""), "", None, ""));
        assert_eq!(parts("http://a"), (Absolute, Some("http"), Some("a"), "", None, ""));
        assert_eq!(
            parts("Http://u@a:80/b?c"),
            (Absolute, Some("Http"), Some("u@a:80"), "/b", Some("c"), "/b?c")
        );
        assert_eq!(
            parts("h2+x.y-z://a?b/c"),
            (Absolute, Some("h2+x.y-z"), Some("a"), "", Some("b/c"), "?b/c")
        );
    }

    #[test]
    fn user_information_is_not_part_of_the_host() {
        assert_eq!(Target::parse(b"http://u:p@v@a:80/").host_and_port(), Some(&b"a:80"[..]));
        assert_eq!(Target::parse(b"/@").host_and_port(), None);
    }
}
