//! The parser of conditions: recursive descent, with a limit on the depth.

use proto_core::words::nearest;

use super::arguments::{Argument, argument};
use super::error::{ConditionError, ConditionErrorKind as Kind, Mistake};
use super::expression::{Expression, Question, Subject, Term};
use super::{number, predicates};

/// The most levels of a condition. An operator counts as one level, and a parenthesis as three, since it contains a
/// whole expression. Existing files may use that many, which is far from exhausting the stack.
const DEPTH: usize = 1024;

impl Expression {
    /// Parses a condition; `None` if the text is empty.
    ///
    /// # Errors
    /// Returns the first mistake.
    pub fn parse(text: &str) -> Result<Option<Self>, ConditionError> {
        if text.is_empty() {
            return Ok(None);
        }
        expression(text).map(Some).map_err(|mistake| mistake.into_error(text))
    }
}

/// Parses a whole text, which is not empty.
fn expression(text: &str) -> Result<Expression, Mistake> {
    let mut parser = Parser { text, at: 0 };
    let expression = parser.expression(DEPTH)?;
    match parser.peek() {
        None => Ok(expression),
        found => Err(parser.wrong_here(Kind::Trailing { found })),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn takes(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
            self.skip_space();
        }
        there
    }

    /// Returns a mistake about the character here, or about the end of the text.
    fn wrong_here(&self, kind: Kind) -> Mistake {
        Mistake { span: self.at..self.at + self.peek().map_or(0, char::len_utf8), kind }
    }

    fn deeper(&self, depth: usize) -> Result<usize, Mistake> {
        // At the end of the text, the mistake is that something is missing.
        match depth.checked_sub(1) {
            None if !self.rest().is_empty() => Err(self.wrong_here(Kind::TooDeep { limit: DEPTH })),
            depth => Ok(depth.unwrap_or_default()),
        }
    }

    fn expression(&mut self, mut depth: usize) -> Result<Expression, Mistake> {
        let mut any = Vec::new();
        loop {
            depth = self.deeper(depth)?;
            any.push(self.all(depth)?);
            if !self.takes("||") {
                return Ok(Expression { any });
            }
        }
    }

    fn all(&mut self, mut depth: usize) -> Result<Vec<Term>, Mistake> {
        let mut all = Vec::new();
        loop {
            depth = self.deeper(depth)?;
            all.push(self.term(depth)?);
            self.skip_space();
            if !self.takes("&&") {
                return Ok(all);
            }
        }
    }

    fn term(&mut self, depth: usize) -> Result<Term, Mistake> {
        self.skip_space();
        let depth = self.deeper(depth)?;
        let mut negated = false;
        while self.takes("!") {
            negated = !negated;
        }
        if let Some((value, length)) = number::leading(self.rest(), 0) {
            self.at += length;
            return Ok(Term { negated, subject: Subject::Constant(value != 0) });
        }
        let subject = if self.rest().starts_with('(') { self.nested(depth)? } else { self.question()? };
        Ok(Term { negated, subject })
    }

    fn nested(&mut self, depth: usize) -> Result<Subject, Mistake> {
        self.takes("(");
        let expression = self.expression(depth)?;
        if !self.takes(")") {
            let found = self.peek();
            return Err(self.wrong_here(Kind::Unclosed { found }));
        }
        Ok(Subject::Nested(expression))
    }

    fn question(&mut self) -> Result<Subject, Mistake> {
        let start = self.at;
        // Only a space or a parenthesis ends the name: a predicate without arguments before `)` or `&&` needs a space.
        let name = self.rest().split([' ', '(']).next().unwrap_or_default();
        let Some(predicate) = predicates::find(name) else { return Err(self.not_a_predicate(name)) };
        self.at += name.len();
        let parentheses = self.rest().starts_with('(');
        let arguments = match (parentheses, predicate.arguments) {
            (true, names) => self.arguments(names.len())?,
            // Without parentheses, there is a first argument, which is empty.
            (false, []) => Vec::new(),
            (false, _) => vec![Argument { value: String::new(), span: self.at..self.at }],
        };
        let (predicate_name, wanted) = (predicate.name, predicate.arguments.len());
        if arguments.len() < wanted {
            let (takes, got) = (predicate.arguments.join(","), arguments.len());
            let kind = Kind::ArgumentMissing { predicate: predicate_name, takes, got, wanted };
            return Err(Mistake { span: start..self.at, kind });
        }
        if parentheses {
            let found = self.peek();
            if found != Some(')') {
                return Err(self.wrong_here(Kind::ArgumentsUnclosed {
                    predicate: predicate_name,
                    wanted,
                    found,
                }));
            }
            self.at += 1;
        }
        Ok(Subject::Question(Question { predicate, arguments }))
    }

    /// Reads at most `wanted` arguments after the `(` here, up to what follows them.
    fn arguments(&mut self, wanted: usize) -> Result<Vec<Argument>, Mistake> {
        let mut arguments = Vec::new();
        self.at += 1;
        while arguments.len() < wanted {
            let (argument, end) = argument(self.text, self.at)?;
            arguments.push(argument);
            self.at = end;
            if arguments.len() == wanted || !self.rest().starts_with(',') {
                break;
            }
            self.at += 1;
        }
        Ok(arguments)
    }

    fn not_a_predicate(&self, name: &str) -> Mistake {
        // The name may contain an operator or a parenthesis; only the word before it is meant as a predicate.
        let word =
            name.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default();
        if word.is_empty() {
            return self.wrong_here(Kind::TermMissing { found: self.peek() });
        }
        let kind = match predicates::find(word) {
            Some(known) => Kind::ParenthesesMissing { predicate: known.name },
            None => Kind::UnknownPredicate {
                name: word.to_owned(),
                nearest: nearest(word, predicates::predicates().iter().map(|known| known.name)),
            },
        };
        Mistake { span: self.at..self.at + word.len(), kind }
    }
}
