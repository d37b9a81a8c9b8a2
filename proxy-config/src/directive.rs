//! Keywords of sections. Each is an entry, submitted by the file that implements it.
//!
//! ```ignore
//! inventory::submit! {
//!     Directive::new("retries", "<count>", Sections::BACKEND | Sections::DEFAULTS, "attempts to connect", |line| {
//!         let retries = line.args.number(0..=u32::MAX, "how often to try again")?;
//!         line.section.set(Retries(retries));
//!         Ok(())
//!     })
//! }
//! ```

use std::fmt;
use std::panic::Location;

use crate::arguments::Arguments;
use crate::diagnostic::{Diagnostics, Parsed};
use crate::parameter::Parameters;
pub use crate::parameter::{Endpoint, Parameter, Scope};
use crate::section::{Configuration, Kind, Sections};
use crate::source::Span;
pub use crate::surroundings::Surroundings;
use crate::values::Values;

/// The prefix of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// No prefix.
    Plain,
    /// `no`.
    No,
    /// `default`.
    Default,
}

/// A line of a section while its keyword is executed.
#[derive(Debug)]
pub struct Line<'l, 'r> {
    /// The place of the keyword.
    pub span: Span,
    /// The prefix of the keyword; [`Sense::Plain`] unless the entry is [`negatable`](Directive::negatable).
    pub sense: Sense,
    /// The words after the keyword. Any that `parse` leaves are a mistake.
    pub args: Arguments<'l>,
    /// The kind of the section.
    pub kind: Kind,
    /// The name of the section.
    pub name: &'l str,
    /// The values that the section has so far.
    pub section: &'l mut Values,
    /// The parameters of bind and server lines.
    pub parameters: &'r Parameters,
    /// The state that all lines are read with.
    pub surroundings: &'l mut Surroundings<'r>,
}

/// A keyword of a section.
#[derive(Clone, Copy)]
pub struct Directive {
    /// The word, or two words (`timeout client`).
    pub name: &'static str,
    /// Its arguments as documentation shows them, such as `<time>`; may be empty.
    pub arguments: &'static str,
    /// The sections where it is allowed.
    pub sections: Sections,
    /// The sections where it has no effect, which is a warning.
    pub idle_in: Sections,
    /// Whether the prefixes `no` and `default` are allowed.
    pub negatable: bool,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid that has it.
    pub since: &'static str,
    /// The source file that submits the entry, as the compiler names it.
    pub file: &'static str,
    /// Parses the arguments and stores what they say.
    pub parse: fn(&mut Line<'_, '_>) -> Parsed,
}

impl Directive {
    /// Creates a keyword without prefixes that has an effect wherever it is allowed.
    #[track_caller]
    pub const fn new(
        name: &'static str,
        arguments: &'static str,
        sections: Sections,
        help: &'static str,
        parse: fn(&mut Line<'_, '_>) -> Parsed,
    ) -> Directive {
        let (idle_in, negatable, since) = (Sections::empty(), false, "0.1");
        let file = Location::caller().file();
        Directive { name, arguments, sections, idle_in, negatable, help, since, file, parse }
    }

    /// Allows the prefixes `no` and `default`.
    #[must_use]
    pub const fn negatable(self) -> Directive {
        Directive { negatable: true, ..self }
    }

    /// Sets the sections where it has no effect, which is a warning.
    #[must_use]
    pub const fn idle_in(self, sections: Sections) -> Directive {
        Directive { idle_in: sections, ..self }
    }
}

impl fmt::Debug for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directive({:?} in {})", self.name, self.sections)
    }
}

inventory::collect!(Directive);

/// A check of the whole configuration, such as for references to sections that do not exist.
#[derive(Clone, Copy)]
pub struct Check {
    /// What it checks; checks run in the order of their names.
    pub name: &'static str,
    /// Checks a configuration and reports what is wrong with it.
    pub run: fn(&Configuration, &mut Diagnostics),
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({:?})", self.name)
    }
}

inventory::collect!(Check);
