//! `always_true`, `always_false`, `bool`, `int`, `str`, `bin`, `ipv4`, `ipv6`: constants.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::simple::simple;
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// A constant value.
#[derive(Debug)]
enum Constant {
    Bool(bool),
    Integer(i64),
    Ip(IpAddr),
    Text(Box<[u8]>),
    Binary(Box<[u8]>),
}

impl Fetch for Constant {
    fn get<'c>(&'c self, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(match self {
            Constant::Bool(value) => Sample::Bool(*value),
            Constant::Integer(value) => Sample::Integer(*value),
            Constant::Ip(value) => Sample::Ip(*value),
            Constant::Text(value) => Sample::Text((&value[..]).into()),
            Constant::Binary(value) => Sample::Binary((&value[..]).into()),
        })
    }
}

simple!("always_true", Type::Bool, Need::Nothing, "true", |_| Some(Sample::Bool(true)));
simple!("always_false", Type::Bool, Need::Nothing, "false", |_| Some(Sample::Bool(false)));

inventory::submit! {
    FetchEntry::new("bool", "<bool>", Type::Bool, Need::Nothing, "true or false", |inputs| {
        let input = inputs.input("true or false")?;
        match &*input.text.to_ascii_lowercase() {
            "true" | "1" => Ok(Box::new(Constant::Bool(true))),
            "false" | "0" => Ok(Box::new(Constant::Bool(false))),
            _ => Err(inputs.bad(input, "true or false")),
        }
    })
}

inventory::submit! {
    FetchEntry::new("int", "<number>", Type::Integer, Need::Nothing, "a number", |inputs| {
        Ok(Box::new(Constant::Integer(inputs.number(i64::MIN..=i64::MAX, "a number")?)))
    })
}

inventory::submit! {
    FetchEntry::new("str", "<text>", Type::Text, Need::Nothing, "a text", |inputs| {
        // This is the only argument that may be empty.
        let text = inputs.take().map_or("", |input| &*input.text);
        Ok(Box::new(Constant::Text(text.as_bytes().into())))
    })
}

/// Decodes pairs of hexadecimal digits.
fn binary(digits: &[u8]) -> Option<Box<[u8]>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

inventory::submit! {
    FetchEntry::new("bin", "<digits>", Type::Binary, Need::Nothing, "bytes", |inputs| {
        let expected = "hexadecimal digits, two for each byte";
        let input = inputs.input(expected)?;
        let bytes = binary(input.text.as_bytes()).ok_or_else(|| inputs.bad(input, expected))?;
        Ok(Box::new(Constant::Binary(bytes)))
    })
}

inventory::submit! {
    FetchEntry::new("ipv4", "<address>", Type::Ipv4, Need::Nothing, "an IPv4 address", |inputs| {
        Ok(Box::new(Constant::Ip(inputs.parse::<Ipv4Addr>("an IPv4 address")?.into())))
    })
}

inventory::submit! {
    FetchEntry::new("ipv6", "<address>", Type::Ip, Need::Nothing, "an IPv6 address", |inputs| {
        Ok(Box::new(Constant::Ip(inputs.parse::<Ipv6Addr>("an IPv6 address")?.into())))
    })
}
