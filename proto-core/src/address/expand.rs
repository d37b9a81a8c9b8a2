//! Environment variables in an address: `$NAME` and `${NAME}`. The origin of every byte is kept for messages.

use super::error::AddressErrorKind;

/// The source of variables. Injected, so that a test (or a master process) has its own.
pub trait Environment {
    /// Returns the value of a variable, or `None` if it is not set or not UTF-8.
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
    /// The variables that are not set. They expand to nothing, as in HAProxy; a message about a later mistake names
    /// them.
    pub(super) unset: Vec<String>,
    /// For each piece: its offset in `text`, its offset in the original, and whether the offsets advance together
    /// (literal text) or the original offset is fixed (the value of a variable).
    pieces: Vec<(usize, usize, bool)>,
}

impl Expanded {
    /// Returns the offset in the original text from which a byte of the expanded text came.
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

/// Replaces each variable with its value.
///
/// # Errors
/// Returns the byte offset and the reason if a brace is not closed or no name follows the dollar sign.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Letters;

    impl Environment for Letters {
        /// Returns the name repeated, with other characters around it; names with an `x` are not set.
        fn var(&self, name: &str) -> Option<String> {
            (!name.contains('x')).then(|| format!("<{name}ä$>").repeat(name.len() - 1))
        }
    }

    #[derive(Clone, Debug)]
    enum Piece {
        Literal(String),
        Variable(String),
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn every_byte_comes_from_where_it_stood(pieces in proptest::collection::vec(prop_oneof![
            "[^$]{0,6}".prop_map(Piece::Literal),
            "[a-z_][a-z0-9_]{0,3}".prop_map(Piece::Variable),
        ], 0..8)) {
            let (mut text, mut expected, mut unset) = (String::new(), String::new(), Vec::new());
            let mut origins = Vec::new();
            for piece in &pieces {
                match piece {
                    Piece::Literal(literal) => {
                        origins.extend((0..literal.len()).map(|i| text.len() + i));
                        text.push_str(literal);
                        expected.push_str(literal);
                    }
                    Piece::Variable(name) => {
                        match Letters.var(name) {
                            Some(value) => {
                                origins.extend(value.bytes().map(|_| text.len()));
                                expected.push_str(&value);
                            }
                            None => unset.push(name.clone()),
                        }
                        text.push_str(&format!("${{{name}}}"));
                    }
                }
            }
            origins.push(text.len());
            let expanded = expand(&text, &Letters).unwrap();
            prop_assert_eq!(&expanded.text, &expected);
            prop_assert_eq!(&expanded.unset, &unset);
            for (offset, origin) in origins.iter().enumerate() {
                prop_assert_eq!(expanded.origin(offset), *origin, "offset {} of {:?}", offset, expected);
            }
        }
    }

    #[test]
    fn a_name_without_braces_ends_where_letters_do() {
        assert_eq!(expand("$ab:80-$ab", &Letters).unwrap().text, "<abä$>:80-<abä$>");
        assert_eq!(expand("nothing", &Letters).unwrap().text, "nothing");
    }

    #[test]
    fn a_dollar_sign_without_a_name_is_a_mistake_at_its_place() {
        let bad = |name: &str| AddressErrorKind::BadVariable { name: name.to_owned() };
        assert_eq!(expand("ä${ab", &Letters).unwrap_err(), (2, AddressErrorKind::UnclosedBrace));
        assert_eq!(expand("1:$", &Letters).unwrap_err(), (2, bad("")));
        assert_eq!(expand("${}", &Letters).unwrap_err(), (0, bad("")));
        assert_eq!(expand("${a b}", &Letters).unwrap_err(), (0, bad("a b")));
    }
}
