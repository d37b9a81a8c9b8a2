//! Converters: what makes another sample of a sample. They follow a fetch behind commas: `path,lower`.

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Entry, Parsed};

use crate::context::Context;
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// Makes another sample of one.
pub trait Converter: fmt::Debug + Send + Sync {
    /// The other sample; `None` if there is none. What comes in has the type that the entry takes.
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>>;

    /// Whether something else may come out once more follows what comes in. Content rules wait for it.
    fn may_change(&self, sample: &Sample<'_>) -> bool {
        let _ = sample;
        true
    }
}

/// A converter that expressions may name.
#[derive(Clone, Copy)]
pub struct ConverterEntry {
    /// The word.
    pub name: &'static str,
    /// What stands in its parentheses as a page shows it; may be empty.
    pub arguments: &'static str,
    /// The type of what it takes.
    pub takes: Type,
    /// The type of what it gives.
    pub gives: Type,
    /// One line of help.
    pub help: &'static str,
    /// The version of Braid that has it first.
    pub since: &'static str,
    /// Makes one. Arguments that are left over are a mistake, told by the caller.
    pub make: fn(&mut Inputs<'_>) -> Parsed<Box<dyn Converter>>,
}

impl ConverterEntry {
    /// One.
    pub const fn new(
        name: &'static str,
        arguments: &'static str,
        takes: Type,
        gives: Type,
        help: &'static str,
        make: fn(&mut Inputs<'_>) -> Parsed<Box<dyn Converter>>,
    ) -> ConverterEntry {
        ConverterEntry { name, arguments, takes, gives, help, since: "0.1", make }
    }

    /// All, by their names.
    pub fn all() -> impl ExactSizeIterator<Item = &'static ConverterEntry> {
        ConverterEntry::entries().iter()
    }

    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static ConverterEntry> {
        ConverterEntry::entries().find(name)
    }
}

impl fmt::Debug for ConverterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConverterEntry({:?} {} -> {})", self.name, self.takes, self.gives)
    }
}

impl Entry for ConverterEntry {
    const KIND: &'static str = "converter";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(ConverterEntry);
