//! A kind of check, as an entry: the option that chooses it.

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Entry, Kind, Line, Parsed, Sections};

use crate::plan::{CheckPlan, Choice};

/// A kind of check.
#[derive(Clone, Copy)]
pub struct CheckEntry {
    /// Its name, which follows `option`.
    pub name: &'static str,
    /// Its arguments as documentation shows them; may be empty.
    pub arguments: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Reads the arguments.
    pub choose: fn(&mut Line<'_, '_>) -> Parsed<Choice>,
}

impl fmt::Debug for CheckEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckEntry({:?})", self.name)
    }
}

impl Entry for CheckEntry {
    const KIND: &'static str = "check";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(CheckEntry);

/// The sections where an option chooses a kind of check.
pub(crate) const SECTIONS: Sections = Sections::PROXY.union(Sections::DEFAULTS);
/// The sections that may have steps of checks.
pub(crate) const WITH_STEPS: Sections = SECTIONS.union(Sections::HEALTH_CHECK);
/// The sections without servers.
pub(crate) const IDLE: Sections = Sections::only(Kind::Frontend);

/// Executes the option of a kind of check.
pub(crate) fn option(line: &mut Line<'_, '_>, choose: fn(&mut Line<'_, '_>) -> Parsed<Choice>) -> Parsed {
    let choice = choose(line)?;
    CheckPlan::of(line).choose(choice);
    Ok(())
}

/// Registers a kind of check and its option.
macro_rules! check {
    ($name:literal, $arguments:literal, $help:literal, $choose:path) => {
        inventory::submit! {
            $crate::checks::CheckEntry { name: $name, arguments: $arguments, help: $help, choose: $choose }
        }

        inventory::submit! {
            proxy_config::Directive::new(
                concat!("option ", $name),
                $arguments,
                $crate::checks::entry::SECTIONS,
                $help,
                |line| $crate::checks::entry::option(line, $choose),
            )
            .idle_in($crate::checks::entry::IDLE)
        }
    };
}

pub(crate) use check;
