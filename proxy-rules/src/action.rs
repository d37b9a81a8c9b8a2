//! Actions: what rules do.
//!
//! ```ignore
//! inventory::submit! {
//!     ActionEntry::new("set-path", "<format>", &[HookPoint::HttpRequest], "give the request another path", |action| {
//!         let format = action.format("the path")?;
//!         Ok(Box::new(SetPath(format)))
//!     })
//! }
//! ```

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Diagnostic, Entry, Line, Parsed, Word};

use crate::context::Context;
use crate::expression::Expression;
use crate::format::{Format, Style};
use crate::inputs::{Input, Inputs};
use crate::points::{HookPoint, Points};
use crate::text::Text;
use crate::verdict::Verdict;

/// An action of a rule: it changes what the context holds, or decides what happens next.
pub trait Action: fmt::Debug + Send + Sync {
    /// Runs the action.
    fn run(&self, context: &mut Context<'_>) -> Verdict;

    /// Returns whether the action may look at the request. For an action that never does, mode tcp does not parse what a
    /// client sends.
    fn reads_request(&self) -> bool {
        true
    }
}

/// An action that rules may name.
#[derive(Clone, Copy)]
pub struct ActionEntry {
    /// The keyword.
    pub name: &'static str,
    /// The arguments as the documentation shows them; may be empty. If they begin with `(`, the action takes some in
    /// parentheses directly after its name: [`ActionArguments::inputs`].
    pub arguments: &'static str,
    /// The hook points where the action may be used.
    pub hooks: &'static [HookPoint],
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid with this action.
    pub since: &'static str,
    /// Reads the arguments. The function leaves the condition, and anything else that is not its own, to the caller.
    pub parse: fn(&mut ActionArguments<'_, '_, '_>) -> Parsed<Box<dyn Action>>,
}

impl ActionEntry {
    /// Creates an entry from its description and the function that reads the action.
    pub const fn new(
        name: &'static str,
        arguments: &'static str,
        hooks: &'static [HookPoint],
        help: &'static str,
        parse: fn(&mut ActionArguments<'_, '_, '_>) -> Parsed<Box<dyn Action>>,
    ) -> ActionEntry {
        ActionEntry { name, arguments, hooks, help, since: "0.1", parse }
    }

    /// Returns all actions, sorted by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static ActionEntry> {
        ActionEntry::entries().iter()
    }

    /// Returns the action with this name at a hook point.
    pub fn find(hook: HookPoint, name: &str) -> Option<&'static ActionEntry> {
        ActionEntry::entries().find_in(hook.name(), name)
    }

    /// Returns whether the action takes arguments in parentheses.
    pub(crate) fn is_parenthesised(&self) -> bool {
        self.arguments.starts_with('(')
    }

    /// Returns the actions of a hook point.
    pub fn of(hook: HookPoint) -> impl Iterator<Item = &'static ActionEntry> {
        ActionEntry::all().filter(move |entry| entry.hooks.contains(&hook))
    }
}

impl fmt::Debug for ActionEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActionEntry({:?} of {:?})", self.name, self.hooks)
    }
}

impl Entry for ActionEntry {
    const KIND: &'static str = "action";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }

    fn places(&self) -> Vec<&'static str> {
        self.hooks.iter().map(|hook| hook.name()).collect()
    }
}

proxy_config::entries!(ActionEntry);

/// The line of a rule while its action is read.
#[derive(Debug)]
pub struct ActionArguments<'a, 'l, 'r> {
    /// The line. The words up to the condition belong to the action.
    pub line: &'a mut Line<'l, 'r>,
    /// The hook point of the rule.
    pub hook: HookPoint,
    /// The arguments in parentheses after the action's name.
    inputs: Vec<Input>,
    /// The action's name.
    word: &'l Word,
}

impl<'a, 'l, 'r> ActionArguments<'a, 'l, 'r> {
    pub(crate) fn new(
        line: &'a mut Line<'l, 'r>,
        hook: HookPoint,
        word: &'l Word,
        inputs: Vec<Input>,
    ) -> ActionArguments<'a, 'l, 'r> {
        ActionArguments { line, hook, inputs, word }
    }

    /// Returns when the rule is evaluated.
    pub fn points(&self) -> Points {
        self.hook.points(self.line.kind)
    }

    /// Returns the arguments in parentheses after the action's name.
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs::new(format!("'{}'", self.word.text), &self.inputs, self.word.span.after())
    }

    /// Returns whether the action's words end here: the line ends, or a condition begins.
    pub fn is_end(&self) -> bool {
        self.line.args.peek().is_none_or(|word| word.text == "if" || word.text == "unless")
    }

    /// Returns the next word if it belongs to the action, without consuming it.
    pub fn peek(&self) -> Option<&'l Word> {
        self.line.args.peek().filter(|_| !self.is_end())
    }

    /// Consumes the next word if it is the given one.
    pub fn take_word(&mut self, word: &str) -> bool {
        !self.is_end() && self.line.args.take_word(word)
    }

    /// Consumes the next word, which has to exist; it may also be `if`.
    ///
    /// # Errors
    /// Returns an error if the line ends.
    pub fn word(&mut self, what: &str) -> Parsed<&'l Word> {
        self.line.args.word(what)
    }

    /// Reads the next word as a format whose result is not part of a line: values are kept as they are.
    ///
    /// # Errors
    /// Returns an error if the line ends, or the word is not a format.
    pub fn plain_format(&mut self, what: &str) -> Parsed<Format> {
        let (word, points) = (self.word(what)?, self.points());
        Format::parse_in(Text::of(word), points, Style::PLAIN, self.line.surroundings)
    }

    /// Reads the next word as a format of a header field or a target, in which control characters of values are
    /// escaped.
    ///
    /// # Errors
    /// Returns an error if the line ends, or the word is not a format.
    pub fn format(&mut self, what: &str) -> Parsed<Format> {
        let (word, points) = (self.word(what)?, self.points());
        Format::parse(Text::of(word), points, self.line.surroundings)
    }

    /// Reads two parts of the line. A mistake in the first does not hide one in the second.
    ///
    /// # Errors
    /// Returns an error if one of them could not be read.
    pub(crate) fn both<T, U>(
        &mut self,
        first: Parsed<T>,
        second: impl FnOnce(&mut Self) -> Parsed<U>,
    ) -> Parsed<(T, U)> {
        match (first, second(self)) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Err(first), Err(second)) => {
                self.line.surroundings.diagnostics.push(*first);
                Err(second)
            }
            (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
        }
    }

    /// Reads the next words as an expression.
    ///
    /// # Errors
    /// Returns an error if the line ends, or the words are not an expression.
    pub fn expression(&mut self, what: &str) -> Parsed<Expression> {
        let (word, points) = (self.word(what)?, self.points());
        let mut expression = Expression::parse(Text::of(word), points, self.line.surroundings)?;
        // Converters may also be separate words.
        while let Some(word) = self.peek().filter(|word| Expression::is_converter(&Text::of(word))) {
            self.line.args.take();
            expression.more_converters(&Text::of(word), self.line.surroundings)?;
        }
        Ok(expression)
    }

    /// Creates an alert about the action.
    pub fn mistake(&self, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(Diagnostic::alert(self.word.span, message))
    }
}
