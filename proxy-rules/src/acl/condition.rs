//! Conditions: `if host_a path_b or !{ src 10.0.0.0/8 }`. Alternatives, each of terms that all have to hold.

use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::directive::Surroundings;
use proxy_config::{Diagnostic, Diagnostics, Line, Parsed, Span, Values, Word};

use super::named::{Acl, Acls};
use super::outcome::{all, any};
use super::predefined;
use super::test::Test;
use crate::context::Context;
use crate::points::Points;
use crate::text::Text;

/// What something depends on.
#[derive(Debug)]
pub struct Condition {
    /// `unless`
    is_negated: bool,
    alternatives: Vec<Vec<Term>>,
    /// When it is evaluated. A test of what is not there then does not hold.
    points: Points,
}

#[derive(Debug)]
struct Term {
    is_negated: bool,
    acl: Arc<Acl>,
}

impl Condition {
    /// Reads `if` or `unless` and what follows up to the end of the line; `None` if the line ends here.
    ///
    /// # Errors
    /// When something else stands there, or what follows is no condition.
    pub fn parse(line: &mut Line<'_, '_>, points: Points) -> Parsed<Option<Condition>> {
        let Some(first) = line.args.peek() else { return Ok(None) };
        let is_negated = match &*first.text {
            "if" => false,
            "unless" => true,
            other => {
                let problem = Diagnostic::alert(first.span, format!("unexpected '{other}'"));
                let expected = "'if' or 'unless' and a condition, or the end of the line";
                return Err(Box::new(problem.expected(expected).nearest(nearest(other, ["if", "unless"]))));
            }
        };
        line.args.take();
        let mut condition = Condition { is_negated, alternatives: vec![Vec::new()], points };
        let words = line.args.rest();
        condition.read(words, line)?;
        if condition.alternatives.iter().all(Vec::is_empty) {
            let problem =
                Diagnostic::alert(line.args.last().behind(), format!("'{}' ends too early", first.text));
            return Err(Box::new(problem.expected("the name of an ACL, or a test in braces")));
        }
        condition.alternatives.retain(|terms| !terms.is_empty());
        Ok(Some(condition))
    }

    fn read(&mut self, mut words: &[Word], line: &mut Line<'_, '_>) -> Parsed {
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
                "{" => {
                    let Some(end) = rest.iter().position(|word| word.text == "}") else {
                        let brace = word.part(word.len() - 1, word.len());
                        return Err(Box::new(Diagnostic::alert(
                            brace,
                            "this brace is not closed by a word '}'",
                        )));
                    };
                    words = &rest[end + 1..];
                    let texts: Vec<Text<'_>> = rest[..end].iter().map(Text::of).collect();
                    if texts.is_empty() {
                        let problem =
                            Diagnostic::alert(rest[end].span, "there is no test between the braces");
                        return Err(Box::new(problem));
                    }
                    Arc::new(Acl::new(Test::parse(&texts, line.surroundings)?))
                }
                name => {
                    let span = word.part(word.len() - name.len(), word.len());
                    named(name, span, line.surroundings)?
                }
            };
            self.judge(&acl, name, word, line);
            if let Some(terms) = self.alternatives.last_mut() {
                terms.push(Term { is_negated, acl });
            }
            is_negated = false;
        }
        Ok(())
    }

    /// Warns of a term that cannot hold here.
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

    /// Whether it holds.
    pub fn holds(&self, context: &Context<'_>) -> bool {
        let holds = |term: &Term| term.acl.holds(context, self.points) != term.is_negated;
        self.alternatives.iter().any(|terms| terms.iter().all(holds)) != self.is_negated
    }

    /// Whether it holds; `None` while that depends on what is undetermined.
    pub fn outcome(&self, context: &Context<'_>) -> Option<bool> {
        let outcome = |term: &Term| {
            let outcome = term.acl.outcome(context, self.points)?;
            Some(outcome != term.is_negated)
        };
        let alternatives = self.alternatives.iter().map(|terms| all(terms.iter().map(outcome)));
        any(alternatives).map(|outcome| outcome != self.is_negated)
    }
}

/// The ACL of a name: one of the section, or one that is always there.
pub(crate) fn named(name: &str, span: Span, surroundings: &Surroundings<'_>) -> Parsed<Arc<Acl>> {
    let acls = surroundings.named.get::<Acls>();
    if let Some(acl) = acls.and_then(|acls| acls.get(name)) {
        return Ok(acl.clone());
    }
    if let Some(words) = predefined::words(name) {
        let texts: Vec<Text<'_>> = words.iter().map(|text| Text::at(text, span)).collect();
        // There is nothing to say of words that nobody has written.
        let (mut named, mut diagnostics) = (Values::default(), Diagnostics::default());
        let Surroundings { registry, variables, any_port, sources, .. } = *surroundings;
        let (named, diagnostics) = (&mut named, &mut diagnostics);
        let mut own = Surroundings { registry, variables, any_port, sources, named, diagnostics };
        return Ok(Arc::new(Acl::new(Test::parse(&texts, &mut own)?)));
    }
    if predefined::FOREIGN.contains(&name) {
        let message = format!("HAProxy ACL '{name}' is not supported yet");
        return Err(Box::new(Diagnostic::alert(span, message)));
    }
    let mut problem = Diagnostic::alert(span, format!("there is no ACL '{name}'"));
    if matches!(name, "and" | "&&") {
        problem = problem.help("what stands side by side has to hold together, without a word between");
    } else if name.starts_with('{') {
        problem = problem.help("braces are words of their own, with spaces around them");
    } else {
        let mut known = acls.map(Acls::names).unwrap_or_default();
        known.extend(predefined::names());
        problem = problem.nearest(nearest(name, known));
    }
    Err(Box::new(problem))
}
