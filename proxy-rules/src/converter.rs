//! Converters, which make another sample of a sample. They follow a fetch after commas: `path,lower`.

use std::borrow::Cow;
use std::fmt;

use proxy_config::{Entry, Parsed};

use crate::context::Context;
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// Converts a sample into another one.
pub trait Converter: fmt::Debug + Send + Sync {
    /// Converts a sample; returns `None` if there is no result. The sample has the type that the entry takes.
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>>;

    /// Returns whether the result may change once the input grows. Content rules wait for it.
    fn may_change(&self, sample: &Sample<'_>) -> bool {
        let _ = sample;
        true
    }
}

/// A converter that expressions may name.
#[derive(Clone, Copy)]
pub struct ConverterEntry {
    /// The name.
    pub name: &'static str,
    /// The arguments in parentheses as the documentation shows them; may be empty.
    pub arguments: &'static str,
    /// The type of the input.
    pub takes: Type,
    /// The type of the result.
    pub gives: Type,
    /// One line of help.
    pub help: &'static str,
    /// The first version of Braid with this converter.
    pub since: &'static str,
    /// Creates the converter. Arguments that are left over are reported by the caller.
    pub make: fn(&mut Inputs<'_>) -> Parsed<Box<dyn Converter>>,
}

impl ConverterEntry {
    /// Creates an entry.
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

    /// Returns all converters, sorted by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static ConverterEntry> {
        ConverterEntry::entries().iter()
    }

    /// Returns the converter with this name.
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
