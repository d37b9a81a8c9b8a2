//! What a keyword is: an entry, made by the file that implements it.
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

/// What stood before a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Nothing.
    Plain,
    /// `no`.
    No,
    /// `default`.
    Default,
}

/// A line of a section while its keyword is carried out.
#[derive(Debug)]
pub struct Line<'l, 'r> {
    /// Where the keyword stands.
    pub span: Span,
    /// What stood before it; [`Sense::Plain`] unless the entry is [`negatable`](Directive::negatable).
    pub sense: Sense,
    /// The words after it. What is left over when the entry has done its work is a mistake.
    pub args: Arguments<'l>,
    /// The section's kind.
    pub kind: Kind,
    /// The section's name.
    pub name: &'l str,
    /// What the section was told so far.
    pub section: &'l mut Values,
    /// The words of bind and server lines.
    pub parameters: &'r Parameters,
    /// What all lines are read with.
    pub surroundings: &'l mut Surroundings<'r>,
}

/// A keyword of a section.
#[derive(Clone, Copy)]
pub struct Directive {
    /// The word, or two words (`timeout client`).
    pub name: &'static str,
    /// Its arguments as a page shows them, such as `<time>`; may be empty.
    pub arguments: &'static str,
    /// Where it may stand.
    pub sections: Sections,
    /// Where it may stand and means nothing, which is a warning.
    pub idle_in: Sections,
    /// Whether `no` and `default` may stand before it.
    pub negatable: bool,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// The source file that makes the entry, as the compiler knows it.
    pub file: &'static str,
    /// Carries it out.
    pub parse: fn(&mut Line<'_, '_>) -> Parsed,
}

impl Directive {
    /// One that needs nothing special.
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

    /// With `no` and `default`.
    #[must_use]
    pub const fn negatable(self) -> Directive {
        Directive { negatable: true, ..self }
    }

    /// With sections where it is said to mean nothing.
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

/// Something to be checked when everything has been read: what refers to what, what is missing.
#[derive(Clone, Copy)]
pub struct Check {
    /// What it looks at, for the order and for listings.
    pub name: &'static str,
    /// Looks.
    pub run: fn(&Configuration, &mut Diagnostics),
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({:?})", self.name)
    }
}

inventory::collect!(Check);
