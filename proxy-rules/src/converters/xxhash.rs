//! `xxh32`, `xxh64`, `xxh3`: hashes of the xxHash family, with a seed. As in HAProxy, those of 64 bits are signed
//! numbers.

use proxy_config::Parsed;
use twox_hash::{XxHash3_64, XxHash32, XxHash64};

use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// Calculates the hash with a seed.
type Function = fn(i64, &[u8]) -> i64;

#[derive(Debug)]
struct Hash {
    function: Function,
    seed: i64,
}

impl Converter for Hash {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Integer((self.function)(self.seed, sample.bytes()?)))
    }
}

/// Of the seed the lowest 32 bits count.
fn xxh32(seed: i64, bytes: &[u8]) -> i64 {
    XxHash32::oneshot(seed as u32, bytes).into()
}

fn xxh64(seed: i64, bytes: &[u8]) -> i64 {
    XxHash64::oneshot(seed.cast_unsigned(), bytes).cast_signed()
}

fn xxh3(seed: i64, bytes: &[u8]) -> i64 {
    XxHash3_64::oneshot_with_seed(seed.cast_unsigned(), bytes).cast_signed()
}

fn hash(inputs: &mut Inputs<'_>, function: Function) -> Parsed<Box<dyn Converter>> {
    let seed = inputs.number_or(0, i64::MIN..=i64::MAX, "the seed, a number")?;
    Ok(Box::new(Hash { function, seed }))
}

/// Submits a converter.
macro_rules! hash {
    ($name:literal, $help:literal, $function:expr) => {
        inventory::submit! {
            ConverterEntry::new($name, "[<seed>]", Type::Binary, Type::Integer, $help, |inputs| {
                hash(inputs, $function)
            })
        }
    };
}

hash!("xxh32", "its XXH32 hash", xxh32);
hash!("xxh64", "its XXH64 hash, as a signed number", xxh64);
hash!("xxh3", "its XXH3 hash of 64 bits, as a signed number", xxh3);
