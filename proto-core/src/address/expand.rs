//! Environment variables in an address: `$NAME` and `${NAME}`, with every byte's place of origin kept for messages.

use super::error::AddressErrorKind;

/// Where variables are looked up. Injected, so that a test (or a master process) has its own.
pub trait Environment {
    /// The value of a variable; `None` if it is not set or not UTF-8.
    fn var(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// An environment in which nothing is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEnvironment;

impl Environment for NoEnvironment {
    fn var(&self, _name: &str) -> Option<String> {
        None
    }
}

/// Text after expansion.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// Variables that were named and are not set. They expand to nothing, as in HAProxy; a message about what is then
    /// wrong names them.
    pub(super) unset: Vec<String>,
    /// For each piece: where it begins in `text`, where in the original, and whether it moves along byte by byte
    /// (literal text) or stands at one place (the value of a variable).
    pieces: Vec<(usize, usize, bool)>,
}

impl Expanded {
    /// The byte of the original text that a byte of the expanded text came from.
    pub(super) fn origin(&self, offset: usize) -> usize {
        match self.pieces.iter().rev().find(|(at, _, _)| *at <= offset) {
            Some((at, from, true)) => from + (offset - at),
            Some((_, from, false)) => *from,
            None => offset,
        }
    }

    fn literal(&mut self, text: &str, from: usize) {
        self.pieces.push((self.text.len(), from, true));
        self.text.push_str(text);
    }
}

/// Replaces each variable by its value.
///
/// # Errors
/// The byte offset and the reason, when a brace is not closed or no name follows the dollar sign.
pub(super) fn expand(text: &str, env: &dyn Environment) -> Result<Expanded, (usize, AddressErrorKind)> {
    let mut out = Expanded::default();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|i| at + i) {
        out.literal(&text[at..dollar], at);
        let rest = &text[dollar + 1..];
        let (name, length) = match rest.strip_prefix('{') {
            Some(braced) => match braced.find('}') {
                Some(end) => (&braced[..end], end + 2),
                None => return Err((dollar, AddressErrorKind::UnclosedBrace)),
            },
            None => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        if name.is_empty() || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            return Err((dollar, AddressErrorKind::BadVariable { name: name.to_owned() }));
        }
        match env.var(name) {
            Some(value) => {
                out.pieces.push((out.text.len(), dollar, false));
                out.text.push_str(&value);
            }
            None => out.unset.push(name.to_owned()),
        }
        at = dollar + 1 + length;
    }
    out.literal(&text[at..], at);
    Ok(out)
}
