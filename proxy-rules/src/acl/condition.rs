//! Conditions, as in `if host_a path_b or !{ src 10.0.0.0/8 }`: alternatives, each made of terms that all have to hold.

use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::directive::Surroundings;
use proxy_config::{Diagnostic, Diagnostics, Line, Parsed, Span, Values, Word};

use super::named::{Acl, Acls};
use super::outcome::{Outcome, all, any};
use super::predefined;
use super::test::Test;
use crate::context::Context;
use crate::points::Points;
use crate::text::Text;

/// The condition of a rule, after `if` or `unless`.
#[derive(Debug)]
pub struct Condition {
    /// Whether the condition begins with `unless`.
    is_negated: bool,
    alternatives: Vec<Vec<Term>>,
    /// When the condition is evaluated. A test of something that does not exist at that point does not hold.
    points: Points,
}

#[derive(Debug)]
struct Term {
    is_negated: bool,
    acl: Arc<Acl>,
}

impl Condition {
    /// Reads `if` or `unless` and the rest of the line; returns `None` if the line ends here. Every mistake is reported
    /// as a diagnostic, and the terms without mistakes are returned.
    pub fn parse(line: &mut Line<'_, '_>, points: Points) -> Option<Condition> {
        let mut first = line.args.peek()?;
        if !is_beginning(first) {
            let problem = Diagnostic::alert(first.span, format!("unexpected '{}'", first.text));
            let expected = "'if' or 'unless' and a condition, or the end of the line";
            let near = nearest(&first.text, ["if", "unless"]);
            line.surroundings.diagnostics.push(problem.expected(expected).nearest(near));
            // A word near one of them begins the condition; others are passed over.
            if near.is_none() {
                skip_to_condition(line);
                first = line.args.peek()?;
            }
        }
        let is_negated = nearest(&first.text, ["if", "unless"]) == Some("unless");
        line.args.take();
        let mut condition = Condition { is_negated, alternatives: vec![Vec::new()], points };
        let words = line.args.rest();
        if words.is_empty() {
            let message = format!(
                "nothing follows '{}': this {}",
                first.text,
                match is_negated {
                    true => "always holds",
                    false => "never holds",
                }
            );
            let problem = Diagnostic::warning(first.span, message);
            line.surroundings.diagnostics.push(problem.help("name an ACL, or put a test in braces"));
        }
        condition.read(words, line);
        condition.alternatives.retain(|terms| !terms.is_empty());
        Some(condition)
    }

    fn read(&mut self, mut words: &[Word], line: &mut Line<'_, '_>) {
        let mut is_negated = false;
        while let [word, rest @ ..] = words {
            words = rest;
            let name = word.trim_start_matches('!');
            is_negated ^= (word.len() - name.len()) % 2 == 1;
            if name.is_empty() {
                continue;
            }
            if name.eq_ignore_ascii_case("or") || name == "||" {
                self.alternatives.push(Vec::new());
                is_negated = false;
                continue;
            }
            let acl = match name {
                "{" => match rest.iter().position(|word| word.text == "}") {
                    Some(end) => {
                        words = &rest[end + 1..];
                        in_braces(&rest[..end], &rest[end], line)
                    }
                    None => {
                        words = &[];
                        let brace = word.part(word.len() - 1, word.len());
                        let message = match rest.first() {
                            Some(next) => {
                                format!("the brace before '{}' is not closed by a word '}}'", next.text)
                            }
                            None => "the brace at the end is not closed by a word '}'".to_owned(),
                        };
                        Err(Box::new(Diagnostic::alert(brace, message)))
                    }
                },
                name => {
                    // Braces without spaces around them hold no names either.
                    if name.starts_with('{')
                        && let Some(end) = words.iter().position(|word| word.ends_with('}'))
                    {
                        words = &words[end + 1..];
                    }
                    let span = word.part(word.len() - name.len(), word.len());
                    named(name, span, line.surroundings)
                }
            };
            if let Some(acl) = line.surroundings.diagnostics.take(acl) {
                self.judge(&acl, name, word, line);
                if let Some(terms) = self.alternatives.last_mut() {
                    terms.push(Term { is_negated, acl });
                }
            }
            is_negated = false;
        }
    }

    /// Warns of a term that cannot hold where the condition is evaluated.
    fn judge(&self, acl: &Acl, name: &str, word: &Word, line: &mut Line<'_, '_>) {
        let Some((test, all)) = acl.misplaced(self.points) else { return };
        let (fetch, needs) = (test.expression().name(), test.expression().needs());
        let message = match (name, all) {
            ("{", _) => {
                format!("this never holds: '{fetch}' needs {needs}, which is not there at this point")
            }
            (name, true) => {
                format!("'{name}' never holds: '{fetch}' needs {needs}, which is not there at this point")
            }
            (name, false) => {
                format!(
                    "a part of '{name}' never holds: '{fetch}' needs {needs}, which is not there at this point"
                )
            }
        };
        line.surroundings.diagnostics.push(Diagnostic::warning(word.span, message));
    }

    /// Returns whether a term looks at the request. Lines after the condition may still add tests to its ACLs.
    pub(crate) fn reads_request(&self) -> bool {
        self.alternatives.iter().flatten().any(|term| term.acl.reads_request())
    }

    /// Evaluates the condition.
    pub fn outcome(&self, context: &Context<'_>) -> Outcome {
        let outcome = |term: &Term| term.acl.outcome(context, self.points).negated_if(term.is_negated);
        let alternatives = self.alternatives.iter().map(|terms| all(terms.iter().map(outcome)));
        any(alternatives).negated_if(self.is_negated)
    }
}

/// Returns whether a word begins a condition.
fn is_beginning(word: &Word) -> bool {
    matches!(&*word.text, "if" | "unless")
}

/// Skips the words before the condition of a line.
fn skip_to_condition(line: &mut Line<'_, '_>) {
    // A mistyped word does, too, unless it is so short that it may be anything.
    let may_begin =
        |word: &Word| is_beginning(word) || (word.len() > 2 && nearest(word, ["if", "unless"]).is_some());
    while line.args.take_if(|word| !may_begin(word)).is_some() {}
}

/// Takes the result of reading what precedes the condition. A mistake is reported, and the condition is read anyway.
pub(crate) fn before_condition<T>(line: &mut Line<'_, '_>, result: Parsed<T>) -> Option<T> {
    let result = line.surroundings.diagnostics.take(result);
    if result.is_none() {
        skip_to_condition(line);
    }
    result
}

/// Reads the test between two braces.
fn in_braces(words: &[Word], end: &Word, line: &mut Line<'_, '_>) -> Parsed<Arc<Acl>> {
    let texts: Vec<Text<'_>> = words.iter().map(Text::of).collect();
    if texts.is_empty() {
        return Err(Box::new(Diagnostic::alert(end.span, "there is no test between the braces")));
    }
    Ok(Arc::new(Acl::new(Test::parse(&texts, line.surroundings)?)))
}

/// Returns the ACL with this name: one of the section, or a predefined one.
pub(crate) fn named(name: &str, span: Span, surroundings: &Surroundings<'_>) -> Parsed<Arc<Acl>> {
    let acls = surroundings.named.get::<Acls>();
    if let Some(acl) = acls.and_then(|acls| acls.get(name)) {
        return Ok(acl.clone());
    }
    // A refused ACL was reported already; rules that name it do not repeat the message.
    let is_refused = acls.is_some_and(|acls| acls.is_refused(name));
    if let Some(words) = predefined::words(if is_refused { "FALSE" } else { name }) {
        let texts: Vec<Text<'_>> = words.iter().map(|text| Text::at(text, span)).collect();
        // Words of predefined ACLs come from no file, so nothing is reported about them.
        let (mut named, mut diagnostics) = (Values::default(), Diagnostics::default());
        let Surroundings {
            registry, variables, any_port, sources, after_sections, section, references, ..
        } = *surroundings;
        let (named, diagnostics) = (&mut named, &mut diagnostics);
        let mut own = Surroundings {
            registry,
            variables,
            any_port,
            sources,
            after_sections,
            section,
            references,
            named,
            diagnostics,
        };
        return Ok(Arc::new(Acl::new(Test::parse(&texts, &mut own)?)));
    }
    if predefined::FOREIGN.contains(&name) {
        let message = format!("HAProxy ACL '{name}' is not supported yet");
        return Err(Box::new(Diagnostic::alert(span, message)));
    }
    let mut problem = Diagnostic::alert(span, format!("there is no ACL '{name}'"));
    if matches!(name, "and" | "&&") {
        problem = problem.help("terms without a word between them all have to hold");
    } else if name.starts_with('{') {
        problem = problem.help("braces are words of their own, with spaces around them");
    } else {
        let mut known = acls.map(Acls::names).unwrap_or_default();
        known.extend(predefined::names());
        problem = problem.nearest(nearest(name, known));
    }
    Err(Box::new(problem))
}
