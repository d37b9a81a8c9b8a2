//! Lines of a section: the keyword is looked up and carried out.

use proto_core::words::nearest;

use super::{Reading, State};
use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostic, Parsed, mistake};
use crate::directive::{Directive, Line, Sense, Surroundings};
use crate::foreign;
use crate::section::Kind;
use crate::source::Span;
use crate::words::Word;

impl Reading<'_> {
    pub(super) fn keyword(&mut self, words: &[Word]) -> Parsed {
        if let State::Transport(index) = self.section {
            return self.transport_keyword(index, words);
        }
        let (sense, before, words) = match words {
            [no, rest @ ..] if no.text == "no" && !rest.is_empty() => (Sense::No, Some(no), rest),
            [no, rest @ ..] if no.text == "default" && !rest.is_empty() => (Sense::Default, Some(no), rest),
            _ => (Sense::Plain, None, words),
        };
        let [first, rest @ ..] = words else { return Ok(()) };
        let kind = match self.section {
            State::Skipped | State::Transport(_) => return Ok(()),
            State::None => {
                let message = format!("'{}' stands before the first section of this file", first.text);
                let sections = Kind::ALL.map(Kind::name);
                let problem =
                    mistake(first.span, message).help(format!("sections begin with {}", sections.join(", ")));
                return Err(Box::new(problem.nearest(nearest(first, sections))));
            }
            State::Global => Kind::Global,
            State::Defaults => Kind::Defaults,
            State::Proxy => self.proxies.last().map_or(Kind::Listen, |section| section.kind),
            State::Shared => self.shared.last().map_or(Kind::HttpErrors, |section| section.kind),
        };
        let second = rest.first().map(|word| &*word.text);
        let Some((entry, length)) = self.reader.language.directive(first, second) else {
            return Err(self.unknown(kind, words));
        };
        let span = first.span.to(words[length - 1].span);
        if let Some(before) = before.filter(|_| !entry.negatable) {
            let message = format!("'{}' means nothing before '{}'", before.text, entry.name);
            return Err(mistake(before.span, message));
        }
        if !entry.sections.has(kind) {
            return self.misplaced(entry, kind, span);
        }
        self.carry_out(entry, kind, sense, span, &words[length..])
    }

    fn carry_out(
        &mut self,
        entry: &Directive,
        kind: Kind,
        sense: Sense,
        span: Span,
        rest: &[Word],
    ) -> Parsed {
        let (name, section) = match self.section {
            State::Defaults => {
                self.defaults.last_mut().map(|section| (&*section.name.value, &mut section.values))
            }
            State::Proxy => {
                self.proxies.last_mut().map(|section| (&*section.name.value, &mut section.values))
            }
            State::Shared => {
                self.shared.last_mut().map(|section| (&*section.name.value, &mut section.values))
            }
            State::Global | State::None | State::Skipped | State::Transport(_) => None,
        }
        .unwrap_or(("", &mut self.global));
        let mut surroundings = Surroundings {
            registry: self.reader.registry,
            variables: self.reader.variables,
            any_port: self.reader.any_port,
            sources: self.sources,
            named: &mut self.named,
            diagnostics: self.diagnostics,
        };
        let args = Arguments::new(entry.name, span, rest);
        let parameters = self.reader.language.parameters();
        let mut line =
            Line { span, sense, args, kind, name, section, parameters, surroundings: &mut surroundings };
        (entry.parse)(&mut line)?;
        line.args.end().map_err(|problem| match (sense, entry.arguments) {
            (Sense::Plain, "") => Box::new(problem.help(format!("'{}' takes no value", entry.name))),
            (Sense::Plain, arguments) => Box::new(problem.help(format!("usage: {} {arguments}", entry.name))),
            _ => problem,
        })
    }

    fn misplaced(&mut self, entry: &Directive, kind: Kind, span: Span) -> Parsed {
        let name = entry.name;
        if entry.idle_in.has(kind) {
            let message = format!("'{name}' is ignored in a {kind} section");
            let help = format!("it has an effect in {}", entry.sections);
            self.diagnostics.push(Diagnostic::warning(span, message).help(help));
            return Ok(());
        }
        let problem = mistake(span, format!("'{name}' cannot stand in a {kind} section"));
        Err(Box::new(problem.help(format!("it may stand in {}", entry.sections))))
    }

    fn unknown(&self, kind: Kind, words: &[Word]) -> Box<Diagnostic> {
        let [first, rest @ ..] = words else { unreachable!("a line has a word") };
        if kind == Kind::HttpErrors {
            let known: Vec<&str> = self.reader.language.directives_of(kind).map(|entry| entry.name).collect();
            let message = format!("unknown keyword '{}' in '{kind}' section", first.text);
            let problem = mistake(first.span, message).nearest(nearest(first, known.iter().copied()));
            return Box::new(problem.help(format!("it takes {}", known.join(", "))));
        }
        let place = if kind == Kind::Global { foreign::Place::Global } else { foreign::Place::Proxy };
        let pair = rest.first().map(|second| (format!("{} {}", first.text, second.text), second));
        if let Some((pair, second)) = &pair
            && foreign::knows(place, pair)
        {
            let message = format!("HAProxy keyword '{pair}' is not supported yet");
            return mistake(first.span.to(second.span), message);
        }
        // `option`, `timeout` and their like are known words with an unknown one behind them.
        let behind = |name: &'static str| name.split_once(' ').filter(|(word, _)| *word == first.text);
        let own = self.reader.language.directives_of(kind).filter_map(|entry| behind(entry.name));
        let own: Vec<&str> = own.map(|(_, second)| second).collect();
        let other = if kind == Kind::Global { foreign::Place::Proxy } else { foreign::Place::Global };
        let elsewhere = |span: Span, name: &str| {
            let problem = mistake(span, format!("'{name}' cannot stand in a {kind} section"));
            Box::new(problem.help(match other {
                foreign::Place::Global => "it belongs to the global section",
                _ => "it belongs to defaults, frontend, backend or listen sections",
            }))
        };
        if let Some((pair, second)) = &pair
            && foreign::knows(other, pair)
        {
            return elsewhere(first.span.to(second.span), pair);
        }
        if !own.is_empty() || foreign::names(place).any(|name| behind(name).is_some()) {
            let Some(second) = rest.first() else {
                let problem = mistake(first.span.behind(), format!("'{}' ends too early", first.text));
                return Box::new(problem.expected(format!("one of {}", own.join(", "))));
            };
            let message = format!("unknown keyword '{} {}'", first.text, second.text);
            let problem = mistake(second.span, message);
            return Box::new(problem.nearest(nearest(second, own)));
        }
        if foreign::knows(place, first) {
            return mistake(first.span, format!("HAProxy keyword '{}' is not supported yet", first.text));
        }
        if foreign::knows(other, first) {
            return elsewhere(first.span, &first.text);
        }
        let known = self.reader.language.directives_of(kind).map(|entry| entry.name);
        let known = known.chain(Kind::ALL.map(Kind::name));
        let message = format!("unknown keyword '{}' in '{kind}' section", first.text);
        Box::new(mistake(first.span, message).nearest(nearest(first, known)))
    }
}
