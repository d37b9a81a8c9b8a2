//! The flags of a value, as in `%{+Q,-X}ci`.

use proxy_config::{Diagnostic, Diagnostics};

use super::style::{Empty, Encoding, Style};
use crate::text::Text;

const EXPECTED: &str = "Q, X, E, M, bin, json or cbor";

/// Applies the flags in a part of a text. An unknown flag is ignored with a warning, as in HAProxy.
pub(super) fn apply(
    text: &Text<'_>,
    begin: usize,
    end: usize,
    style: &mut Style,
    diagnostics: &mut Diagnostics,
) {
    let mut at = begin;
    for flag in text.as_str()[begin..end].split(',') {
        let span = text.part(at, at + flag.len());
        at += flag.len() + 1;
        let (on, name) = match (flag.strip_prefix('+'), flag.strip_prefix('-')) {
            (Some(name), _) => (true, name),
            (None, Some(name)) => (false, name),
            // An example in HAProxy's manual has such a flag.
            (None, None) => {
                let message = format!("'{flag}' has no effect: it is not a flag of a value");
                let help = format!("a flag is '+' or '-' and {EXPECTED}");
                diagnostics.push(Diagnostic::warning(span, message).help(help));
                continue;
            }
        };
        let encoding = match name {
            "json" => Some(Encoding::Json),
            "cbor" => Some(Encoding::Cbor),
            _ => None,
        };
        match (name, encoding) {
            ("Q", _) => style.quote = on,
            ("X", _) => style.hexadecimal = on,
            ("E", _) => style.escape = on,
            ("M", _) => style.empty = if on { Empty::Dash } else { Empty::Nothing },
            ("bin", _) => style.binary = on,
            // The first encoding stays until it is reverted.
            (_, Some(encoding)) if on => style.encoding = style.encoding.or(Some(encoding)),
            (_, Some(encoding)) => style.encoding = style.encoding.filter(|known| *known != encoding),
            _ => {
                let problem = Diagnostic::warning(span, format!("unknown flag '{name}' of values"));
                diagnostics.push(problem.expected(EXPECTED));
            }
        }
    }
}
