//! Parsing of formats.
//!
//! ```text
//!  %(name:type){+Q,-X}alias      %(name){+Q}[expression]      %{+Q}o      %%      text
//! ```

use proto_core::words::nearest;
use proxy_config::directive::Surroundings;
use proxy_config::{Diagnostic, Mistake, Parsed, Severity};

use super::alias::AliasEntry;
use super::style::{Cast, Style};
use super::{Format, Item, Part, Value, flags};
use crate::expression::{Expression, last_of};
use crate::points::Points;
use crate::text::Text;

pub(super) fn read(
    text: &Text<'_>,
    points: Points,
    style: Style,
    surroundings: &mut Surroundings<'_>,
) -> Parsed<Format> {
    let (parts, literal, problems) = (Vec::new(), String::new(), Vec::new());
    let mut reader = Reader { text, at: 0, points, style, all: None, parts, literal, problems };
    reader.run(surroundings)?;
    Ok(reader.finish())
}

struct Reader<'t, 'w> {
    text: &'t Text<'w>,
    at: usize,
    points: Points,
    /// The style of the following values.
    style: Style,
    /// The common part of the flags for all following values, once there are some.
    all: Option<Style>,
    parts: Vec<Part>,
    literal: String,
    problems: Vec<Mistake>,
}

impl<'w> Reader<'_, 'w> {
    fn rest(&self) -> &'w str {
        &self.text.as_str()[self.at..]
    }

    fn run(&mut self, surroundings: &mut Surroundings<'_>) -> Parsed {
        while let Some(length) = self.rest().find('%') {
            let literal = &self.rest()[..length];
            self.push_literal(literal);
            let percent = self.at + length;
            self.at = percent + 1;
            if self.rest().starts_with('%') {
                self.literal.push('%');
                self.at += 1;
            } else {
                let item = self.item(percent, surroundings);
                if let Err(problem) = item {
                    self.problems.push(problem);
                    // Continue after the value, if it has an end.
                    if !self.skip_value(percent) {
                        break;
                    }
                }
            }
        }
        let rest = self.rest();
        self.push_literal(rest);
        self.end_literal();
        last_of(std::mem::take(&mut self.problems), surroundings).map_or(Ok(()), Err)
    }

    /// Skips to the end of the value at a position after a mistake, so that the following values are read.
    fn skip_value(&mut self, percent: usize) -> bool {
        let whole = self.text.as_str();
        let end = match whole[percent..].find(['[', ' ']) {
            Some(at) if whole[percent + at..].starts_with('[') => {
                whole[percent + at..].find(']').map(|length| percent + at + length + 1)
            }
            _ => Some(percent + 1),
        };
        // What was read already is not read again.
        self.at = end.unwrap_or(whole.len()).max(self.at);
        end.is_some()
    }

    fn push_literal(&mut self, text: &str) {
        if !self.style.merge_spaces {
            return self.literal.push_str(text);
        }
        let mut words = text.split(' ');
        self.literal.push_str(words.next().unwrap_or_default());
        for word in words {
            self.end_literal();
            if !matches!(self.parts.last(), Some(Part::Space)) {
                self.parts.push(Part::Space);
            }
            self.literal.push_str(word);
        }
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.literal).into_bytes().into()));
        }
    }

    /// Reads what follows a percent sign.
    fn item(&mut self, percent: usize, surroundings: &mut Surroundings<'_>) -> Parsed {
        let (name, cast) = self.name()?;
        let mut style = self.style;
        if self.rest().starts_with('{') {
            let Some(length) = self.rest().find('}') else {
                return Err(self.text.mistake(self.at, self.at + 1, "this brace is not closed"));
            };
            let (begin, end) = (self.at + 1, self.at + length);
            flags::apply(self.text, begin, end, &mut style, surroundings.diagnostics);
            self.at = end + 1;
        }
        let value = match self.rest().bytes().next() {
            Some(b'[') => Value::Expression(self.expression(surroundings)?),
            Some(byte) if byte.is_ascii_alphabetic() => {
                let word = letters(self.rest());
                if word == "o" {
                    self.at += 1;
                    self.style = style;
                    self.all = Some(self.all.map_or(style, |all| all.in_common(style)));
                    return Ok(());
                }
                Value::Alias(self.alias(word)?)
            }
            // As in HAProxy, the percent sign is dropped if punctuation follows it.
            Some(byte) if self.at == percent + 1 && byte.is_ascii_punctuation() => {
                surroundings.diagnostics.push(self.no_value(percent, Severity::Warning));
                return Ok(());
            }
            _ => return Err(Box::new(self.no_value(percent, Severity::Alert))),
        };
        self.end_literal();
        self.parts.push(Part::Item(Item { value, style, name, cast }));
        Ok(())
    }

    /// Creates the diagnostic for a percent sign that does not begin a value.
    fn no_value(&self, percent: usize, severity: Severity) -> Diagnostic {
        let span = self.text.part(percent, self.at + 1);
        let message = "'%' does not begin a value here";
        let problem = match severity {
            Severity::Warning => Diagnostic::warning(span, message),
            _ => Diagnostic::alert(span, message),
        };
        problem.help("'%%' is a per cent sign")
    }

    /// Reads `(name:type)`, where both may be missing.
    fn name(&mut self) -> Parsed<(Option<Box<str>>, Option<Cast>)> {
        if !self.rest().starts_with('(') {
            return Ok((None, None));
        }
        let Some(length) = self.rest().find(')') else {
            return Err(self.text.mistake(self.at, self.at + 1, "this parenthesis is not closed"));
        };
        let begin = self.at + 1;
        let inner = &self.rest()[1..length];
        self.at += length + 1;
        let (name, kind) = inner.split_once(':').map_or((inner, None), |(name, kind)| (name, Some(kind)));
        let is_good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if let Some(bad) = name.find(|letter| !is_good(letter)) {
            let message = "a name consists of letters, digits, '_' and '-'";
            return Err(self.text.mistake(begin + bad, begin + name.len(), message));
        }
        let cast = match kind {
            None => None,
            Some(kind) => Some(Cast::of(kind).ok_or_else(|| {
                let (start, end) = (begin + name.len() + 1, begin + inner.len());
                let problem = self.text.mistake(start, end, format!("'{kind}' is not a type of a value"));
                Box::new(problem.expected(Cast::NAMES))
            })?),
        };
        Ok((Some(name).filter(|name| !name.is_empty()).map(Box::from), cast))
    }

    /// Reads `[expression]`.
    fn expression(&mut self, surroundings: &mut Surroundings<'_>) -> Parsed<Expression> {
        let open = self.at;
        self.at += 1;
        let expression = Expression::read(self.text, &mut self.at, surroundings).one(surroundings)?;
        if !self.rest().starts_with(']') {
            return Err(match self.rest().chars().next() {
                None => self.text.mistake(open, open + 1, "this bracket is not closed"),
                Some(other) => {
                    let message = format!("expected ']' after the expression, and not '{other}'");
                    self.text.mistake(self.at, self.at + other.len_utf8(), message)
                }
            });
        }
        expression.check(self.text, open + 1, self.points)?;
        self.at += 1;
        Ok(expression)
    }

    /// Finds an alias.
    fn alias(&mut self, name: &str) -> Parsed<&'static AliasEntry> {
        let span = self.text.part(self.at - 1, self.at + name.len());
        let Some(entry) = AliasEntry::find(name) else {
            let problem = Diagnostic::alert(span, format!("there is no value '%{name}'"));
            let known = AliasEntry::all().map(|entry| entry.name);
            return Err(Box::new(problem.nearest(nearest(name, known)).help("'%%' is a per cent sign")));
        };
        if !entry.needs.points().intersects(self.points) {
            let message = format!("'%{name}' needs {}, which is not there at this point", entry.needs);
            return Err(Box::new(Diagnostic::alert(span, message)));
        }
        self.at += name.len();
        Ok(entry)
    }

    fn finish(self) -> Format {
        let all = self.all.map(Style::of_all);
        let mut parts = self.parts;
        for part in &mut parts {
            if let Part::Item(item) = part {
                item.style = item.style.of_value(all);
            }
        }
        let encoding = all.and_then(|all| all.encoding);
        Format { parts, encoding, binary: all.is_some_and(|all| all.binary) }
    }
}

/// Returns the letters and digits at the beginning.
fn letters(rest: &str) -> &str {
    &rest[..rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())]
}
