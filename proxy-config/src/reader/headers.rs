//! Lines that begin a section.

use proto_core::words::nearest;

use super::{Reading, State};
use crate::diagnostic::{Diagnostic, Parsed, mistake};
use crate::foreign;
use crate::section::{Kind, Section};
use crate::source::Spanned;
use crate::values::Values;
use crate::words::Word;

impl Reading<'_> {
    /// Begins a section if the first word of the line begins one.
    pub(super) fn header(&mut self, words: &[Word]) -> Option<Parsed> {
        let [first, rest @ ..] = words else { return None };
        self.begin(&first.text, first, rest)
    }

    /// Returns whether the first word of a line begins a section. It may be in quotes.
    pub(super) fn begins_section(&self, line: &[u8]) -> bool {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'#';
        let word = line.split(is_end).next().unwrap_or_default();
        let Ok(word) = std::str::from_utf8(word) else { return false };
        let word = word.trim_matches(['"', '\'']);
        self.reader.language.kinds().any(|kind| kind.name() == word)
            || self.reader.registry.section(word).is_some()
            || foreign::knows(foreign::Place::Section, word)
    }

    /// Begins a section by `word`, for which `first` was written.
    pub(super) fn begin(&mut self, word: &str, first: &Word, rest: &[Word]) -> Option<Parsed> {
        let kind = self.reader.language.kinds().find(|kind| kind.name() == word);
        let Some(kind) = kind else {
            if let Some(entry) = self.reader.registry.section(word) {
                self.section = State::Skipped;
                return Some(self.transport_section(entry, first, rest));
            }
            // Some words, such as `peers`, begin a section in HAProxy and are not a keyword here.
            let is_section = foreign::knows(foreign::Place::Section, word)
                && self.reader.language.directive(word, rest.first().map(|word| &*word.text)).is_none();
            return is_section.then(|| {
                self.section = State::Skipped;
                // A mistyped word has been reported already.
                match word == first.text {
                    true => {
                        Err(mistake(first.span, format!("HAProxy section '{word}' is not supported yet")))
                    }
                    false => Ok(()),
                }
            });
        };
        // A header without a name does not begin a section, but the lines after it do not belong to the section before.
        self.section = State::Skipped;
        self.named = Values::default();
        Some(match kind {
            Kind::Global => {
                self.section = State::Global;
                nothing_after(first, rest)
            }
            Kind::Defaults => self.defaults(first, rest),
            Kind::Frontend | Kind::Backend | Kind::Listen => self.proxy(kind, first, rest),
            Kind::HttpErrors | Kind::HealthCheck | Kind::Resolvers => self.shared(kind, first, rest),
        })
    }

    fn defaults(&mut self, first: &Word, rest: &[Word]) -> Parsed {
        let (name, rest) = match rest {
            [name, rest @ ..] if name.text != "from" || rest.len() != 1 => (Some(name), rest),
            _ => (None, rest),
        };
        if let Some(name) = name {
            self.diagnostics.take(check_name(name));
        }
        let (rest, extra) = match (name, rest) {
            (Some(_), rest) => Self::without_extra(Kind::Defaults, rest),
            (None, rest) => (rest, &[][..]),
        };
        if let Some(name) = name {
            self.ignored(name, extra);
        }
        let values = self.taken_over(rest, false);
        let name = match name {
            Some(name) => Spanned { value: name.text.clone(), span: name.span },
            None => Spanned { value: String::new(), span: first.span },
        };
        self.defaults.push(Section { kind: Kind::Defaults, name, values });
        self.section = State::Defaults;
        Ok(())
    }

    /// Begins a section that proxies refer to by its name.
    fn shared(&mut self, kind: Kind, first: &Word, rest: &[Word]) -> Parsed {
        let [name, rest @ ..] = rest else {
            let problem = Diagnostic::alert(first.span.after(), format!("'{kind}' without a name"));
            return Err(Box::new(problem.expected("the name of the section")));
        };
        self.diagnostics.take(check_name(name));
        self.diagnostics.take(nothing_after(name, rest));
        let place = *self.shared_names.entry((kind, name.text.clone())).or_insert(self.shared.len());
        if let Some(other) = self.shared.get(place) {
            let message = format!("duplicate section {kind} '{}'", name.text);
            let problem = Diagnostic::alert(name.span, message);
            self.diagnostics.push(problem.related(other.name.span, "the other one"));
        }
        let name = Spanned { value: name.text.clone(), span: name.span };
        self.shared.push(Section { kind, name, values: Values::default() });
        self.section = State::Shared;
        Ok(())
    }

    fn proxy(&mut self, kind: Kind, first: &Word, rest: &[Word]) -> Parsed {
        let [name, rest @ ..] = rest else {
            let problem = Diagnostic::alert(first.span.after(), format!("'{kind}' without a name"));
            return Err(Box::new(problem.expected("the name of the section")));
        };
        // It is a section even if there are mistakes so far: the lines after it may have mistakes of their own, and a
        // reference to it by its name is not one.
        self.diagnostics.take(check_name(name));
        let index = self.proxies.len();
        let places = self.names.entry(name.text.clone()).or_default();
        let wanted = [kind.is_frontend(), kind.is_backend()];
        // HAProxy allows a frontend and a backend with the same name until 3.2; since then no two proxies share a name.
        if let Some(taken) = places.iter().find_map(|place| *place) {
            let other = &self.proxies[taken];
            let message = format!("{kind} '{}' has the name of another {}", name.text, other.kind);
            let problem = Diagnostic::alert(name.span, message);
            self.diagnostics.push(problem.related(other.name.span, "the other one"));
        }
        for (place, _) in places.iter_mut().zip(wanted).filter(|(_, wanted)| *wanted) {
            place.get_or_insert(index);
        }
        if let Some(other) = self.defaults.iter().find(|other| other.name.value == name.text) {
            let message = format!("{kind} '{}' has the name of a defaults section", name.text);
            let problem = Diagnostic::alert(name.span, message);
            self.diagnostics.push(problem.related(other.name.span, "that one"));
        }
        let (from, extra) = Self::without_extra(kind, rest);
        self.ignored(name, extra);
        let values = self.taken_over(from, true);
        let name = Spanned { value: name.text.clone(), span: name.span };
        self.proxies.push(Section { kind, name, values });
        self.section = State::Proxy;
        Ok(())
    }

    /// Separates the words after a name from those that HAProxy ignores: it reports addresses only after the names of
    /// frontends.
    fn without_extra(kind: Kind, rest: &[Word]) -> (&[Word], &[Word]) {
        match rest {
            [first, ..] if first.text != "from" && matches!(kind, Kind::Defaults | Kind::Backend) => {
                (&[], rest)
            }
            _ => (rest, &[]),
        }
    }

    /// Warns about words that are ignored.
    fn ignored(&mut self, name: &Word, extra: &[Word]) {
        if let [first, rest @ ..] = extra {
            let span = rest.last().map_or(first.span, |last| first.span.to(last.span));
            let message = format!("the words after the name '{}' are ignored", name.text);
            self.diagnostics.push(Diagnostic::warning(span, message));
        }
    }

    /// Returns the values that a section begins with: those of the defaults it names, or of the last ones before it.
    fn taken_over(&mut self, rest: &[Word], implied: bool) -> Values {
        let named = self.named_defaults(rest).map(|found| found.map(|section| section.values.clone()));
        let named = self.diagnostics.take(named).flatten();
        let last = || self.defaults.last().filter(|_| implied).map(|section| section.values.clone());
        named.or_else(last).unwrap_or_default()
    }

    fn named_defaults(&self, rest: &[Word]) -> Parsed<Option<&Section>> {
        match rest {
            [] => Ok(None),
            [from, name, more @ ..] if from.text == "from" => {
                nothing_after(name, more)?;
                let mut same_name =
                    self.defaults.iter().rev().filter(|section| section.name.value == name.text);
                let found = same_name.next();
                // Two with the same name are a mistake only if a section refers to that name.
                if let (Some(last), Some(other)) = (found, same_name.next()) {
                    let message =
                        format!("the defaults '{}' are ambiguous: they are declared twice", name.text);
                    let help = format!("others are at line {}", last.span().line);
                    return Err(Box::new(
                        mistake(name.span, message).related(other.span(), "these").help(help),
                    ));
                }
                found.map(Some).ok_or_else(|| {
                    let known = self.defaults.iter().map(|section| &*section.name.value);
                    let problem = mistake(name.span, format!("there are no defaults '{}'", name.text));
                    Box::new(problem.nearest(nearest(name, known.filter(|known| !known.is_empty()))))
                })
            }
            [from] if from.text == "from" => {
                let problem = mistake(from.span.after(), "'from' without a name");
                Err(Box::new(problem.expected("the name of a defaults section")))
            }
            [word, ..] if word.text.contains(':') => {
                let problem = mistake(word.span, format!("unexpected '{}' after the name", word.text));
                Err(Box::new(
                    problem.help(format!("give the address on a line 'bind {}' in the section", word.text)),
                ))
            }
            [word, ..] => {
                let problem = mistake(word.span, format!("unexpected '{}' after the name", word.text));
                Err(Box::new(problem.expected("nothing, or 'from' and the name of a defaults section")))
            }
        }
    }
}

/// Refuses words after the last one that a line takes.
pub(super) fn nothing_after(before: &Word, rest: &[Word]) -> Parsed {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(mistake(word.span, format!("unexpected '{}' after '{}'", word.text, before.text))),
    }
}

/// Checks that a name has only letters, digits, `.`, `:`, `_` and `-`.
pub(crate) fn check_name(name: &Word) -> Parsed {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_' | '-');
    match name.text.char_indices().find(|(_, c)| !allowed(*c)) {
        None => Ok(()),
        Some((at, c)) => {
            let place = name.part(at, at + c.len_utf8());
            let problem =
                mistake(place, format!("character '{c}' is not permitted in the name '{}'", name.text));
            Err(Box::new(problem.expected("letters, digits, '.', ':', '_', '-'")))
        }
    }
}
