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

/// Does something to what the context holds, or decides what happens next.
pub trait Action: fmt::Debug + Send + Sync {
    /// Does it.
    fn run(&self, context: &mut Context<'_>) -> Verdict;
}

/// An action that rules may name.
#[derive(Clone, Copy)]
pub struct ActionEntry {
    /// The word.
    pub name: &'static str,
    /// Its arguments as a page shows them; may be empty. If they begin with `(`, the action has some in parentheses
    /// behind its word: [`ActionArguments::inputs`].
    pub arguments: &'static str,
    /// Where it may be used.
    pub hooks: &'static [HookPoint],
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// Reads its arguments. It leaves the condition, and whatever else is not its own.
    pub parse: fn(&mut ActionArguments<'_, '_, '_>) -> Parsed<Box<dyn Action>>,
}

impl ActionEntry {
    /// An action and the function that reads it.
    pub const fn new(
        name: &'static str,
        arguments: &'static str,
        hooks: &'static [HookPoint],
        help: &'static str,
        parse: fn(&mut ActionArguments<'_, '_, '_>) -> Parsed<Box<dyn Action>>,
    ) -> ActionEntry {
        ActionEntry { name, arguments, hooks, help, since: "0.1", parse }
    }

    /// All, by their names.
    pub fn all() -> impl ExactSizeIterator<Item = &'static ActionEntry> {
        ActionEntry::entries().iter()
    }

    /// The one of a name at a hook point.
    pub fn find(hook: HookPoint, name: &str) -> Option<&'static ActionEntry> {
        ActionEntry::entries().find_in(hook.name(), name)
    }

    /// Whether it has arguments in parentheses.
    pub(crate) fn is_parenthesised(&self) -> bool {
        self.arguments.starts_with('(')
    }

    /// Those of a hook point.
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

/// A rule's line while its action is read.
#[derive(Debug)]
pub struct ActionArguments<'a, 'l, 'r> {
    /// The line. Its words up to the condition are the action's.
    pub line: &'a mut Line<'l, 'r>,
    /// Which rule set it is.
    pub hook: HookPoint,
    /// What stood in parentheses behind the action's name.
    inputs: Vec<Input>,
    /// The action's word.
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

    /// When the rule is evaluated.
    pub fn points(&self) -> Points {
        self.hook.points(self.line.kind)
    }

    /// What stands in parentheses behind the action's name.
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs::new(format!("'{}'", self.word.text), &self.inputs, self.word.span.behind())
    }

    /// Whether the action's words are at an end: nothing is left, or a condition begins.
    pub fn is_end(&self) -> bool {
        self.line.args.peek().is_none_or(|word| word.text == "if" || word.text == "unless")
    }

    /// The next word if it is the action's, without taking it.
    pub fn peek(&self) -> Option<&'l Word> {
        self.line.args.peek().filter(|_| !self.is_end())
    }

    /// The next word, if it is this one.
    pub fn take_word(&mut self, word: &str) -> bool {
        !self.is_end() && self.line.args.take_word(word)
    }

    /// The next word, which has to be there; it may also be `if`.
    ///
    /// # Errors
    /// When the line ends.
    pub fn word(&mut self, what: &str) -> Parsed<&'l Word> {
        self.line.args.word(what)
    }

    /// The next word as a format of something that is no part of a line: what values have is kept as it is.
    ///
    /// # Errors
    /// When the line ends, or it is no format.
    pub fn plain_format(&mut self, what: &str) -> Parsed<Format> {
        let (word, points) = (self.word(what)?, self.points());
        Format::parse_in(Text::of(word), points, Style::PLAIN, self.line.surroundings)
    }

    /// The next word as a format of a header field or a target, in which control characters of values are escaped.
    ///
    /// # Errors
    /// When the line ends, or it is no format.
    pub fn format(&mut self, what: &str) -> Parsed<Format> {
        let (word, points) = (self.word(what)?, self.points());
        Format::parse(Text::of(word), points, self.line.surroundings)
    }

    /// Two things of the line. A mistake in the first hides none in the second.
    ///
    /// # Errors
    /// When one of them is none.
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

    /// The next words as an expression.
    ///
    /// # Errors
    /// When the line ends, or it is no expression.
    pub fn expression(&mut self, what: &str) -> Parsed<Expression> {
        let (word, points) = (self.word(what)?, self.points());
        let mut expression = Expression::parse(Text::of(word), points, self.line.surroundings)?;
        // Converters may also be words of their own.
        while let Some(word) = self.peek().filter(|word| Expression::is_converter(&Text::of(word))) {
            self.line.args.take();
            expression.more_converters(&Text::of(word), self.line.surroundings)?;
        }
        Ok(expression)
    }

    /// A mistake about the action.
    pub fn mistake(&self, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(Diagnostic::alert(self.word.span, message))
    }
}
