//! The flags of a value: `%{+Q,-X}ci`.

use proxy_config::{Diagnostic, Parsed};

use super::style::{Empty, Style};
use crate::text::Text;

/// Applies the flags that stand in a part of a text.
///
/// # Errors
/// For one that is not there.
pub(super) fn apply(text: &Text<'_>, begin: usize, end: usize, style: &mut Style) -> Parsed {
    let mut at = begin;
    for flag in text.as_str()[begin..end].split(',') {
        let span = text.part(at, at + flag.len());
        at += flag.len() + 1;
        let (on, name) = match (flag.strip_prefix('+'), flag.strip_prefix('-')) {
            (Some(name), _) => (true, name),
            (None, Some(name)) => (false, name),
            (None, None) => {
                let problem = Diagnostic::alert(span, format!("'{flag}' is no flag of a value"));
                return Err(Box::new(problem.expected("'+' or '-' and Q, X, E or M")));
            }
        };
        match name {
            "Q" => style.quote = on,
            "X" => style.hexadecimal = on,
            "E" => style.escape = on,
            "M" => style.empty = if on { Empty::Dash } else { Empty::Nothing },
            "bin" | "json" | "cbor" => {
                let message = format!("HAProxy flag '{name}' of values is not supported yet");
                return Err(Box::new(Diagnostic::alert(span, message)));
            }
            _ => {
                let problem = Diagnostic::alert(span, format!("there is no flag '{name}' of values"));
                return Err(Box::new(problem.expected("Q, X, E or M")));
            }
        }
    }
    Ok(())
}
