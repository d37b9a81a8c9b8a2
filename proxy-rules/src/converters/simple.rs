//! Converters without arguments: a function of the sample.

use std::fmt;

use crate::context::Context;
use crate::converter::Converter;
use crate::sample::Sample;

/// A function of the sample.
pub(super) type Change = for<'c> fn(Sample<'c>) -> Option<Sample<'c>>;

/// A converter that is nothing but a function.
pub(super) struct Simple(pub(super) Change);

impl fmt::Debug for Simple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Simple")
    }
}

impl Converter for Simple {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        (self.0)(sample)
    }
}

/// Submits one: its name, what it takes and gives, one line of help, the function.
macro_rules! simple {
    ($name:literal, $takes:expr, $gives:expr, $help:literal, $change:expr) => {
        inventory::submit! {
            $crate::converter::ConverterEntry::new($name, "", $takes, $gives, $help, |_| {
                const CHANGE: $crate::converters::simple::Change = $change;
                Ok(Box::new($crate::converters::simple::Simple(CHANGE)))
            })
        }
    };
}

pub(super) use simple;
