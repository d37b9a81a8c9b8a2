//! Lines of a section: the keyword is looked up and executed.

use proto_core::words::nearest;

use super::unknown::Meant;
use super::{Reading, State};
use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostic, Diagnostics, Parsed, Severity, mistake};
use crate::directive::{Directive, Line, Sense, Surroundings};
use crate::section::{Kind, Refused};
use crate::source::Span;
use crate::values::Values;
use crate::words::Word;

/// A line whose keyword has been found.
#[derive(Clone, Copy)]
struct Found<'w> {
    entry: &'static Directive,
    kind: Kind,
    sense: Sense,
    /// The place of the keyword.
    span: Span,
    /// The words after the keyword.
    rest: &'w [Word],
}

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
                let message = format!("'{}' is before the first section of this file", first.text);
                let sections: Vec<&str> = self.reader.language.kinds().map(Kind::name).collect();
                let near = nearest(first, sections.iter().copied());
                let problem = Diagnostic::alert(first.span, message);
                let problem = problem.help(format!("sections begin with {}", sections.join(", ")));
                self.diagnostics.push(problem.nearest(near));
                return near.and_then(|name| self.begin(name, first, rest)).unwrap_or(Ok(()));
            }
            State::Global => Kind::Global,
            State::Defaults => Kind::Defaults,
            State::Proxy => self.proxies.last().map_or(Kind::Listen, |section| section.kind),
            State::Shared => self.shared.last().map_or(Kind::HttpErrors, |section| section.kind),
        };
        let (entry, length) = match self.resolve(kind, words) {
            Meant::Keyword(entry, length) => (entry, length),
            Meant::Section(name) => return self.begin(name, first, rest).unwrap_or(Ok(())),
            Meant::Nothing => return Ok(()),
        };
        let span = first.span.to(words[length - 1].span);
        if let Some(before) = before.filter(|_| !entry.negatable) {
            let message = format!("'{}' is not allowed before '{}'", before.text, entry.name);
            return Err(mistake(before.span, message));
        }
        let line = Found { entry, kind, sense, span, rest: &words[length..] };
        let alerts = self.diagnostics.alerts();
        let result = match entry.sections.has(kind) {
            true => self.carry_out(&line),
            false => self.misplaced(&line),
        };
        if result.is_err() || self.diagnostics.alerts() > alerts {
            self.values().get_mut::<Refused>().insert(entry.name);
        }
        result
    }

    /// Returns the values that the section has so far.
    fn values(&mut self) -> &mut Values {
        let section = match self.section {
            State::Defaults => self.defaults.last_mut(),
            State::Proxy => self.proxies.last_mut(),
            State::Shared => self.shared.last_mut(),
            State::Global | State::None | State::Skipped | State::Transport(_) => None,
        };
        section.map_or(&mut self.global, |section| &mut section.values)
    }

    fn carry_out(&mut self, found: &Found<'_>) -> Parsed {
        let Found { entry, kind, sense, span, rest } = *found;
        let after_sections = !(self.defaults.is_empty() && self.proxies.is_empty() && self.shared.is_empty());
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
            after_sections,
            section: name,
            references: &self.references,
            named: &mut self.named,
            diagnostics: self.diagnostics,
        };
        let args = Arguments::new(entry.name, span, rest);
        let parameters = self.reader.language.parameters();
        let mut line =
            Line { span, sense, args, kind, name, section, parameters, surroundings: &mut surroundings };
        let parsed = (entry.parse)(&mut line);
        line.args.take_said().into_iter().for_each(|said| line.surroundings.diagnostics.push(said));
        parsed?;
        line.args.end().map_err(|problem| match (sense, entry.arguments) {
            (Sense::Plain, "") => Box::new(problem.help(format!("'{}' takes no value", entry.name))),
            (Sense::Plain, arguments) => Box::new(problem.help(format!("usage: {} {arguments}", entry.name))),
            _ => problem,
        })
    }

    /// Handles a line that has no effect in its section, or is not allowed there. Its arguments are parsed to report
    /// the mistakes in them, and then discarded.
    fn misplaced(&mut self, found: &Found<'_>) -> Parsed {
        let Found { entry, kind, span, .. } = *found;
        let name = entry.name;
        if entry.idle_in.has(kind) {
            let message = format!("'{name}' is ignored in a {kind} section");
            let help = format!("it has an effect in {}", entry.sections);
            self.diagnostics.push(Diagnostic::warning(span, message).help(help));
        } else {
            let problem = Diagnostic::alert(span, format!("'{name}' is not allowed in a {kind} section"));
            self.diagnostics.push(problem.help(format!("it is allowed in {}", entry.sections)));
        }
        let (kept, mut said) = (self.values().clone(), Diagnostics::default());
        std::mem::swap(self.diagnostics, &mut said);
        let result = self.carry_out(found);
        std::mem::swap(self.diagnostics, &mut said);
        *self.values() = kept;
        for problem in said.sorted() {
            if problem.severity == Severity::Alert {
                self.diagnostics.push(problem);
            }
        }
        result
    }
}
