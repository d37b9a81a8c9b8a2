//! Names of HTTP fields in arguments.

/// Whether a text may be the name of a field (`token` of RFC 9110, section 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let marks = b"!#$%&'*+-.^_`|~";
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
}
