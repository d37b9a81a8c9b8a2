//! Sections of transports: read by entries of the registry, without knowledge of what they mean.

use proto_core::extension::{SectionEntry, SectionKeyword, TransportSection};
use proto_core::spec::Extensions;
use proto_core::words::nearest;

use super::headers::{check_name, nothing_after};
use super::{Reading, State};
use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostic, Parsed, mistake};
use crate::registered::{self, Usage};
use crate::source::{Span, Spanned};
use crate::words::Word;

impl Reading<'_> {
    /// Begins a section of a transport, or continues the one without a name.
    pub(super) fn transport_section(&mut self, entry: &SectionEntry, first: &Word, rest: &[Word]) -> Parsed {
        let name = match (entry.title, rest) {
            (None, rest) => {
                nothing_after(first, rest)?;
                Spanned { value: String::new(), span: first.span }
            }
            (Some(title), []) => {
                let problem = mistake(first.span.after(), format!("'{}' without a name", entry.name));
                return Err(Box::new(problem.expected(title)));
            }
            (Some(_), [name, rest @ ..]) => {
                self.diagnostics.take(check_name(name));
                nothing_after(name, rest)?;
                Spanned { value: name.text.clone(), span: name.span }
            }
        };
        let same = |(_, section): &(Span, TransportSection)| {
            section.kind == entry.name && section.name == name.value
        };
        let other = self.transport.iter().position(same);
        self.section = match other {
            Some(index) if entry.title.is_none() => State::Transport(index),
            _ => {
                if let Some((span, _)) = other.map(|index| &self.transport[index]) {
                    let message = format!("duplicate section {} '{}'", entry.name, name.value);
                    let problem = Diagnostic::alert(name.span, message);
                    self.diagnostics.push(problem.related(*span, "the other one"));
                }
                let section =
                    TransportSection { kind: entry.name, name: name.value, values: Extensions::default() };
                self.transport.push((name.span, section));
                State::Transport(self.transport.len() - 1)
            }
        };
        Ok(())
    }

    /// Executes a line of a section of a transport.
    pub(super) fn transport_keyword(&mut self, index: usize, words: &[Word]) -> Parsed {
        let [word, rest @ ..] = words else { return Ok(()) };
        let (_, section) = &mut self.transport[index];
        let Some(entry) = self.reader.registry.section(section.kind) else {
            unreachable!("the section was begun by its entry")
        };
        let Some(keyword) = entry.keyword(&word.text) else {
            let known: Vec<&str> = entry.keywords.iter().map(|keyword| keyword.name).collect();
            let message = format!("unknown keyword '{}' in '{}' section", word.text, entry.name);
            let problem = mistake(word.span, message).nearest(nearest(word, known.iter().copied()));
            return Err(Box::new(problem.help(format!("it takes {}", known.join(", ")))));
        };
        let SectionKeyword { name, arguments, optional, help, apply } = *keyword;
        let mut args = Arguments::new(name, word.span, rest);
        let usage = Usage { name, arguments, optional, help };
        registered::apply(&usage, word, &mut args, |words| apply(&mut section.values, words))?;
        args.end().map_err(|problem| Box::new(problem.help(format!("usage: {}", keyword.usage()))))
    }
}
