//! Converters without arguments, which are a function of the sample.

use std::fmt;

use crate::context::Context;
use crate::converter::Converter;
use crate::sample::Sample;

/// A function of the sample.
pub(super) type Change = for<'c> fn(Sample<'c>) -> Option<Sample<'c>>;

/// A converter that is a plain function.
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

/// Submits a converter: its name, the types of input and result, one line of help, the function.
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
