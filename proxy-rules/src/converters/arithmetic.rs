//! `add`, `sub`, `mul`, `div`, `mod`, `neg`, `and`, `or`, `xor`, `cpl`, `not`, `bool`, `odd`, `even`: 64-bit
//! arithmetic.
//!
//! Results saturate; nothing wraps around.

use super::operand::Operand;
use super::simple::simple;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::sample::{Sample, Type};

/// An operation with two numbers.
#[derive(Debug)]
struct Binary {
    function: fn(i64, i64) -> i64,
    operand: Operand,
}

impl Converter for Binary {
    fn convert<'c>(&'c self, sample: Sample<'c>, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Integer(value) = sample else { return None };
        Some(Sample::Integer((self.function)(value, self.operand.value(context)?)))
    }
}

/// Divides, rounding towards 0. Division by 0 gives the largest number.
fn div(value: i64, by: i64) -> i64 {
    if by == 0 { i64::MAX } else { value.saturating_div(by) }
}

/// Returns the remainder, which has the sign of the value. Division by 0 gives 0.
fn rest(value: i64, by: i64) -> i64 {
    if by == 0 { 0 } else { value.wrapping_rem(by) }
}

/// Submits a converter with a second operand.
macro_rules! binary {
    ($name:literal, $help:literal, $function:expr) => {
        inventory::submit! {
            ConverterEntry::new($name, "<number or variable>", Type::Integer, Type::Integer, $help, |inputs| {
                let operand = Operand::read(inputs, i64::MIN..=i64::MAX, "a number, or the name of a variable")?;
                Ok(Box::new(Binary { function: $function, operand }))
            })
        }
    };
}

binary!("add", "the sum with a number", i64::saturating_add);
binary!("sub", "the difference to a number", i64::saturating_sub);
binary!("mul", "the product with a number", i64::saturating_mul);
binary!("div", "the quotient by a number; by 0, the largest number", div);
binary!("mod", "the rest of a division by a number; by 0, it is 0", rest);
binary!("and", "the bits that a number has too", |value, mask| value & mask);
binary!("or", "the bits that it or a number has", |value, mask| value | mask);
binary!("xor", "the bits that only one of it and a number has", |value, mask| value ^ mask);

/// Submits a converter with a single operand.
macro_rules! unary {
    ($name:literal, $gives:ident, $help:literal, $function:expr) => {
        simple!($name, Type::Integer, Type::$gives, $help, |sample| {
            let Sample::Integer(value) = sample else { return None };
    const FUNCTION: fn(i64) -> unary!(@ $gives) = $function;
            Some(Sample::$gives(FUNCTION(value)))
        });
    };
    (@ Integer) => {
        i64
    };
    (@ Bool) => {
        bool
    };
}

unary!("neg", Integer, "with the other sign", i64::saturating_neg);
unary!("cpl", Integer, "every bit inverted", |value| !value);
unary!("bool", Bool, "whether it is not 0", |value| value != 0);
unary!("not", Bool, "whether it is 0", |value| value == 0);
unary!("odd", Bool, "whether it is odd", |value| value & 1 == 1);
unary!("even", Bool, "whether it is even", |value| value & 1 == 0);
