//! Lines with an unknown keyword: the message, and the keyword that was probably meant. Such a line is read as if it
//! had that keyword, so that its other mistakes are reported in the same run, and what it defines exists.

use proto_core::words::nearest;

use super::Reading;
use crate::diagnostic::{Diagnostic, Mistake, mistake};
use crate::directive::Directive;
use crate::foreign::{self, Place};
use crate::section::Kind;
use crate::source::Span;
use crate::words::Word;

/// What a line is read as.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meant {
    /// A keyword, with the number of its words.
    Keyword(&'static Directive, usize),
    /// The beginning of a section.
    Section(&'static str),
    /// Nothing: the line is skipped.
    Nothing,
}

impl Reading<'_> {
    /// Returns the keyword of a line, and reports what is wrong with it.
    pub(super) fn resolve(&mut self, kind: Kind, words: &[Word]) -> Meant {
        let [first, rest @ ..] = words else { return Meant::Nothing };
        let language = self.reader.language;
        let second = rest.first().map(|word| &*word.text);
        if let Some((entry, length)) = language.directive(first, second) {
            return Meant::Keyword(entry, length);
        }
        if !self.is_first_word(kind, first)
            && let Some(name) = self.mistyped(kind, first)
        {
            let message = format!("unknown keyword '{}' in '{kind}' section", first.text);
            let problem = Diagnostic::alert(first.span, message);
            let is_own = language.kinds().any(|kind| kind.name() == name)
                || language.directives_of(kind).any(|entry| begins(entry.name, name));
            self.diagnostics.push(match is_own {
                true => problem.nearest(Some(name)),
                false => problem.help(format!("HAProxy keyword '{name}' is not supported yet")),
            });
            if let Some((entry, length)) = language.directive(name, second) {
                return Meant::Keyword(entry, length);
            }
            if language.kinds().any(|kind| kind.name() == name) || foreign::knows(Place::Section, name) {
                return Meant::Section(name);
            }
            return match is_own {
                true => self.resolve_second(kind, name, first.span, rest),
                false => Meant::Nothing,
            };
        }
        self.resolve_second(kind, &first.text, first.span, rest)
    }

    /// Does the same for a line whose first word is known, or has been corrected.
    fn resolve_second(&mut self, kind: Kind, first: &str, span: Span, rest: &[Word]) -> Meant {
        let problem = self.unknown(kind, first, span, rest);
        let near = problem.nearest.clone();
        self.diagnostics.push(*problem);
        let found = near.and_then(|near| self.reader.language.directive(first, Some(&near)));
        found.map_or(Meant::Nothing, |(entry, length)| Meant::Keyword(entry, length))
    }

    /// Returns whether a keyword of this place, or of another, begins with a word.
    fn is_first_word(&self, kind: Kind, first: &str) -> bool {
        let foreign = || [Place::Global, Place::Proxy].into_iter().flat_map(foreign::names);
        self.reader.language.directives_of(kind).any(|entry| begins(entry.name, first))
            || !kind.is_shared() && foreign().any(|name| begins(name, first))
            || elsewhere(first).is_some()
    }

    /// Returns the first word that was probably meant.
    fn mistyped(&self, kind: Kind, first: &str) -> Option<&'static str> {
        let place = place(kind);
        let own = self.reader.language.directives_of(kind).map(|entry| entry.name);
        let words = own.chain(self.reader.language.kinds().map(Kind::name));
        let beginning = |name: &'static str| name.split(' ').next().unwrap_or(name);
        // Words of Braid are preferred to those that only HAProxy has.
        let own = nearest(first, words.map(beginning));
        let others = foreign::names(place)
            .filter(|name| !kind.is_shared() && foreign::removed(place, name).is_none())
            .chain(foreign::names(Place::Section));
        let all = own.into_iter().chain(others.map(beginning));
        nearest(first, all)
    }

    /// Returns what is wrong with a line.
    fn unknown(&self, kind: Kind, first: &str, span: Span, rest: &[Word]) -> Mistake {
        let language = self.reader.language;
        if kind.is_shared() {
            let known: Vec<&str> = language.directives_of(kind).map(|entry| entry.name).collect();
            let message = format!("unknown keyword '{first}' in '{kind}' section");
            let problem = mistake(span, message).nearest(nearest(first, known.iter().copied()));
            return Box::new(problem.help(format!("it takes {}", known.join(", "))));
        }
        let (place, other) = match kind {
            Kind::Global => (Place::Global, Place::Proxy),
            _ => (Place::Proxy, Place::Global),
        };
        let pair = rest.first().map(|second| (format!("{first} {}", second.text), second));
        let is_known =
            |place, name: &str| foreign::knows(place, name) || foreign::removed(place, name).is_some();
        if let Some((pair, second)) = &pair
            && is_known(place, pair)
        {
            return foreign::refusal(place, pair, &format!("keyword '{pair}'"), span.to(second.span));
        }
        let elsewhere_in = |span: Span, name: &str| {
            let problem = mistake(span, format!("'{name}' is not allowed in a {kind} section"));
            Box::new(problem.help(match other {
                Place::Global => "it belongs to the global section",
                _ => "it belongs to defaults, frontend, backend or listen sections",
            }))
        };
        if let Some((pair, second)) = &pair
            && foreign::knows(other, pair)
        {
            return elsewhere_in(span.to(second.span), pair);
        }
        // `option`, `timeout` and similar words are known; it is the word after them that is not.
        let split = |name: &'static str| name.split_once(' ').filter(|(word, _)| *word == first);
        let own = language.directives_of(kind).filter_map(|entry| split(entry.name));
        let own: Vec<&str> = own.map(|(_, second)| second).collect();
        let foreign_seconds = || foreign::names(place).filter_map(split).map(|(_, second)| second);
        if !own.is_empty() || foreign_seconds().next().is_some() {
            let Some(second) = rest.first() else {
                let problem = mistake(span.after(), format!("missing argument after '{first}'"));
                return Box::new(problem.expected(format!("one of {}", own.join(", "))));
            };
            let problem = mistake(second.span, format!("unknown keyword '{first} {}'", second.text));
            // `option http-reuse`: the second word is a keyword by itself.
            let alone = language.directive(second, None).map(|(entry, _)| entry.name);
            if let Some(name) = alone.or_else(|| foreign::names(place).find(|name| *name == second.text)) {
                return Box::new(problem.help(format!("'{name}' is a keyword by itself, without '{first}'")));
            }
            if let Some(whole) = elsewhere(second) {
                return Box::new(problem.help(format!("it is written '{whole}'")));
            }
            let best = nearest(second, own.iter().copied().chain(foreign_seconds()));
            return match best.filter(|best| !own.contains(best)) {
                Some(best) => {
                    Box::new(problem.help(format!("HAProxy keyword '{first} {best}' is not supported yet")))
                }
                None => Box::new(problem.nearest(best)),
            };
        }
        if is_known(place, first) {
            return foreign::refusal(place, first, &format!("keyword '{first}'"), span);
        }
        if foreign::knows(other, first) {
            return elsewhere_in(span, first);
        }
        let problem = mistake(span, format!("unknown keyword '{first}' in '{kind}' section"));
        match elsewhere(first) {
            Some(whole) => Box::new(problem.help(format!("it is written '{whole}'"))),
            None => problem,
        }
    }
}

/// Returns the keyword whose second word this is: `option httplog` for `httplog`.
fn elsewhere(second: &str) -> Option<String> {
    let is_second = |name: &&'static str| {
        ["option", "timeout", "stats"].iter().any(|first| {
            name.strip_prefix(first)
                .and_then(|rest| rest.strip_prefix(' '))
                .is_some_and(|rest| rest == second)
        })
    };
    foreign::names(Place::Proxy).find(is_second).map(str::to_owned)
}

/// Returns whether a keyword is this word, or begins with it.
fn begins(name: &str, first: &str) -> bool {
    name.split(' ').next() == Some(first)
}

fn place(kind: Kind) -> Place {
    if kind == Kind::Global { Place::Global } else { Place::Proxy }
}
