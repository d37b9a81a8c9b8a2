//! `crc32`, `crc32c`, `djb2`, `sdbm`, `wt6`: hashes of 32 bits. With an argument other than 0 their bits are mixed, as
//! `hash-type avalanche` does it.

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::hash::{avalanche, crc32, crc32c, djb2, sdbm, wt6};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Hash {
    function: fn(&[u8]) -> u32,
    /// Whether the bits are mixed.
    mixed: bool,
}

impl Converter for Hash {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let hash = (self.function)(sample.bytes()?);
        Some(Sample::Integer(if self.mixed { avalanche(hash) } else { hash }.into()))
    }
}

fn hash(inputs: &mut Inputs<'_>, function: fn(&[u8]) -> u32) -> proxy_config::Parsed<Box<dyn Converter>> {
    let expected = "a number: other than 0, the bits are mixed";
    let mixed = inputs.number_or(0, i64::MIN..=i64::MAX, expected)? != 0;
    Ok(Box::new(Hash { function, mixed }))
}

/// Submits a converter.
macro_rules! hash {
    ($name:literal, $help:literal, $function:expr) => {
        inventory::submit! {
            ConverterEntry::new($name, "[<avalanche>]", Type::Binary, Type::Integer, $help, |inputs| {
                hash(inputs, $function)
            })
        }
    };
}

hash!("crc32", "its CRC-32, as gzip has it", crc32);
hash!("crc32c", "its CRC-32C (RFC 4960)", crc32c);
hash!("djb2", "its djb2 hash", djb2);
hash!("sdbm", "its sdbm hash", sdbm);
hash!("wt6", "its wt6 hash", wt6);
