//! From a text to the parts of a format.

use proto_core::words::nearest;
use proxy_config::directive::Surroundings;
use proxy_config::{Diagnostic, Parsed};

use super::alias::AliasEntry;
use super::style::Style;
use super::{Part, flags};
use crate::expression::Expression;
use crate::points::Points;
use crate::text::Text;

/// Short names that HAProxy has besides ours.
const FOREIGN: &[&str] = &[
    "OG", "B", "CC", "CS", "H", "ID", "T", "Ta", "Tc", "Th", "Ti", "Tl", "Tq", "Tr", "TR", "Td", "Ts", "Tt",
    "Tu", "Tw", "U", "ac", "bc", "bi", "bp", "bq", "fc", "hr", "hrl", "hs", "hsl", "lc", "ms", "r", "rc",
    "rt", "sc", "si", "sp", "sq", "sslc", "sslv", "t", "tr", "trg", "trl", "ts", "tsc", "ST", "s", "pid",
    "ft", "HPO",
];

pub(super) fn read(
    text: &Text<'_>,
    points: Points,
    mut style: Style,
    surroundings: &mut Surroundings<'_>,
) -> Parsed<Vec<Part>> {
    let whole = text.as_str();
    let (mut parts, mut literal, mut at) = (Vec::new(), String::new(), 0);
    while let Some(percent) = whole[at..].find('%').map(|found| at + found) {
        literal.push_str(&whole[at..percent]);
        at = percent + 1;
        if whole[at..].starts_with('%') {
            literal.push('%');
            at += 1;
            continue;
        }
        let mut own = style;
        let flagged = whole[at..].starts_with('{');
        if flagged {
            let Some(end) = whole[at..].find('}').map(|found| at + found) else {
                return Err(text.mistake(at, at + 1, "this brace is not closed"));
            };
            flags::apply(text, at + 1, end, &mut own)?;
            at = end + 1;
        }
        let value = match whole[at..].bytes().next() {
            Some(b'[') => Some(expression(text, &mut at, points, own, surroundings)?),
            Some(byte) if byte.is_ascii_alphabetic() => {
                let name = letters(whole, at);
                // Flags for all that follow.
                if name == "o" && flagged {
                    (style, at) = (own, at + 1);
                    None
                } else {
                    Some(alias(text, &mut at, name, points, own)?)
                }
            }
            Some(b'(') => {
                let message = "names of values ('%(name)..') are not supported yet";
                return Err(text.mistake(percent, at + 1, message));
            }
            _ => {
                let problem = text.mistake(percent, at + 1, "'%' begins no value here");
                return Err(Box::new(problem.help("'%%' is a per cent sign")));
            }
        };
        if let Some(value) = value {
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal).into_bytes().into()));
            }
            parts.push(value);
        }
    }
    literal.push_str(&whole[at..]);
    if !literal.is_empty() {
        parts.push(Part::Text(literal.into_bytes().into()));
    }
    Ok(parts)
}

/// `[expression]`
fn expression(
    text: &Text<'_>,
    at: &mut usize,
    points: Points,
    style: Style,
    surroundings: &Surroundings<'_>,
) -> Parsed<Part> {
    let open = *at;
    *at += 1;
    let expression = Expression::read(text, at, surroundings)?;
    if !text.as_str()[*at..].starts_with(']') {
        let problem = match text.as_str()[*at..].chars().next() {
            None => text.mistake(open, open + 1, "this bracket is not closed"),
            Some(other) => {
                let message = format!("expected ']' behind the expression, and not '{other}'");
                text.mistake(*at, *at + other.len_utf8(), message)
            }
        };
        return Err(problem);
    }
    expression.check(text, open + 1, points)?;
    *at += 1;
    Ok(Part::Expression(expression, style))
}

/// The letters and digits at a place.
fn letters(whole: &str, at: usize) -> &str {
    let rest = &whole[at..];
    &rest[..rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())]
}

/// A short name.
fn alias(text: &Text<'_>, at: &mut usize, name: &str, points: Points, style: Style) -> Parsed<Part> {
    let span = text.part(*at - 1, *at + name.len());
    let Some(entry) = AliasEntry::find(name) else {
        if FOREIGN.contains(&name) {
            let message = format!("HAProxy format '%{name}' is not supported yet");
            return Err(Box::new(Diagnostic::alert(span, message)));
        }
        let problem = Diagnostic::alert(span, format!("there is no value '%{name}'"));
        let known = AliasEntry::all().map(|entry| entry.name);
        return Err(Box::new(problem.nearest(nearest(name, known)).help("'%%' is a per cent sign")));
    };
    if !entry.needs.points().meets(points) {
        let message = format!("'%{name}' needs {}, which is not there at this point", entry.needs);
        return Err(Box::new(Diagnostic::alert(span, message)));
    }
    *at += name.len();
    Ok(Part::Alias(entry, style))
}
