//! Lines that begin with a dot: conditional blocks and messages.

use proto_core::address::Environment;
use proto_core::words::nearest;

use super::Reading;
use crate::condition::{self, Facts, SslLibrary, Version};
use crate::diagnostic::{Diagnostic, Parsed, Severity, mistake};
use crate::environment::Variables;
use crate::source::Span;
use crate::words::Word;

/// The most levels of nested conditional blocks, as in HAProxy (`MAXNESTEDCONDS`).
const DEPTH: usize = 16;

const MACROS: [&str; 8] = [".if", ".elif", ".else", ".endif", ".notice", ".warning", ".alert", ".diag"];

/// The conditional blocks around a line.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    blocks: Vec<Block>,
    /// Whether it is no longer known which lines count, so that the rest of the file is not read.
    is_lost: bool,
}

#[derive(Debug)]
struct Block {
    begun: Span,
    branch: Branch,
    /// Whether its `.else` has been read.
    in_else: bool,
}

/// The state of the current branch of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Branch {
    /// Its lines are read.
    Taken,
    /// Its lines are skipped; those of a later branch may be read.
    Dropped,
    /// Its lines are skipped, and those of all later branches of the block.
    Done,
}

impl Conditions {
    pub(super) fn is_dropping(&self) -> bool {
        self.blocks.last().is_some_and(|block| block.branch != Branch::Taken)
    }

    /// Returns the beginning of the innermost block that has not ended.
    pub(super) fn open(&self) -> Option<Span> {
        self.blocks.last().map(|block| block.begun)
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Stops reading the file, since it is not known which of the lines from here on count.
    pub(super) fn give_up(&mut self) {
        self.is_lost = true;
        self.blocks.clear();
    }
}

impl Reading<'_> {
    pub(super) fn directive_macro(&mut self, words: &[Word], conditions: &mut Conditions) -> Parsed {
        let [name, rest @ ..] = words else { return Ok(()) };
        let without_if = || mistake(name.span, format!("'{}' without '.if' before it", name.text));
        match &*name.text {
            ".if" => {
                if conditions.blocks.len() == DEPTH {
                    conditions.give_up();
                    return Err(mistake(name.span, format!("more than {DEPTH} nested '.if'")));
                }
                let branch = match conditions.is_dropping() {
                    true => Branch::Done,
                    false => self.branch(name, rest, conditions)?,
                };
                conditions.blocks.push(Block { begun: name.span, branch, in_else: false });
                Ok(())
            }
            ".elif" => {
                let block = conditions.blocks.last_mut().ok_or_else(without_if)?;
                if block.in_else {
                    return Err(mistake(name.span, "'.elif' after '.else'"));
                }
                let branch = match block.branch {
                    Branch::Dropped => self.branch(name, rest, conditions)?,
                    Branch::Taken | Branch::Done => Branch::Done,
                };
                if let Some(block) = conditions.blocks.last_mut() {
                    block.branch = branch;
                }
                Ok(())
            }
            ".else" | ".endif" => {
                let block = conditions.blocks.last_mut().ok_or_else(without_if)?;
                if &*name.text == ".endif" {
                    conditions.blocks.pop();
                } else if block.in_else {
                    return Err(mistake(name.span, "a second '.else'"));
                } else {
                    let taken = block.branch == Branch::Dropped;
                    (block.branch, block.in_else) = (if taken { Branch::Taken } else { Branch::Done }, true);
                }
                match rest.first() {
                    None => Ok(()),
                    Some(word) => {
                        let message = format!("unexpected '{}' after '{}'", word.text, name.text);
                        Err(mistake(word.span, message))
                    }
                }
            }
            _ if conditions.is_dropping() => Ok(()),
            ".notice" => self.message(Severity::Notice, name, rest),
            ".warning" => self.message(Severity::Warning, name, rest),
            ".diag" => self.message(Severity::Diagnosis, name, rest),
            ".alert" => {
                // It ends the reading of this file: what follows may not be meant for this machine.
                conditions.give_up();
                self.message(Severity::Alert, name, rest)
            }
            _ => {
                let problem = Diagnostic::alert(name.span, format!("unknown directive '{}'", name.text));
                Err(Box::new(problem.nearest(nearest(name, MACROS))))
            }
        }
    }

    fn branch(&self, name: &Word, rest: &[Word], conditions: &mut Conditions) -> Parsed<Branch> {
        let text = condition::rejoin(rest.iter().map(|word| &word.text));
        let facts = FactsHere { facts: self.reader.facts, variables: self.reader.variables };
        match condition::evaluate(&text, &facts) {
            Ok(true) => Ok(Branch::Taken),
            Ok(false) => Ok(Branch::Dropped),
            Err(error) => {
                conditions.give_up();
                let place = place_in(rest, error.span.start).unwrap_or(name.span.after());
                Err(mistake(place, format!("in '{}': {}", name.text, error.kind)))
            }
        }
    }

    fn message(&mut self, severity: Severity, name: &Word, rest: &[Word]) -> Parsed {
        match rest {
            [message] => {
                let text = format!("'{}'", message.text);
                self.diagnostics.push(Diagnostic::new(severity, name.span.to(message.span), text));
                Ok(())
            }
            [] => Err(Box::new(Diagnostic::alert(name.span, "no message").expected("one word, in quotes"))),
            [_, second, ..] => {
                let problem = mistake(second.span, format!("unexpected second argument of '{}'", name.text));
                Err(Box::new(problem.help("put quotes around a message with spaces")))
            }
        }
    }
}

/// The facts, and the variables as the lines before it have set them.
struct FactsHere<'a> {
    facts: &'a dyn Facts,
    variables: &'a Variables<'a>,
}

impl Facts for FactsHere<'_> {
    fn version(&self) -> Version {
        self.facts.version()
    }

    fn feature(&self, name: &str) -> bool {
        self.facts.feature(name)
    }

    fn enabled(&self, name: &str) -> bool {
        self.facts.enabled(name)
    }

    fn defined(&self, name: &str) -> bool {
        self.variables.var(name).is_some()
    }

    fn ssl_library(&self) -> Option<SslLibrary> {
        self.facts.ssl_library()
    }
}

/// Returns the place of a byte, given as its offset into the words joined by single spaces.
fn place_in(words: &[Word], offset: usize) -> Option<Span> {
    let mut begin = 0;
    for word in words {
        let end = begin + word.text.len();
        if offset <= end {
            return Some(word.part(offset - begin, word.text.len()));
        }
        begin = end + 1;
    }
    words.last().map(|word| word.span.after())
}
