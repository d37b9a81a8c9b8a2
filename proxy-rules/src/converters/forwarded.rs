//! `rfc7239_is_valid`, `rfc7239_field`, `rfc7239_n2nn`, `rfc7239_n2np`: parts of a value of `Forwarded`. `rfc7239_nn`,
//! `rfc7239_np`: the name and the port of a node.

use std::borrow::Cow;

use proxy_http::forwarded::{Forwarded, Node, NodeName, NodePort, may_be_hidden};

use super::part::part;
use super::simple::simple;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::format::Digits;
use crate::sample::{Sample, Type};

simple!("rfc7239_is_valid", Type::Text, Type::Bool, "whether it is a value of 'Forwarded'", |sample| {
    Some(Sample::Bool(Forwarded::parse(sample.bytes()?).is_some()))
});

simple!("rfc7239_n2nn", Type::Text, Type::Any, "the name of a node: an address or a text", |sample| {
    Some(match Node::read(sample.bytes()?)?.name {
        NodeName::Address(address) => Sample::Ip(address),
        NodeName::Hidden(name) => Sample::Text(Cow::Owned(name.to_vec())),
        NodeName::Unknown => Sample::Text(b"unknown"[..].into()),
    })
});

simple!("rfc7239_n2np", Type::Text, Type::Any, "the port of a node: a number or a text", |sample| {
    Some(match Node::read(sample.bytes()?)?.port? {
        NodePort::Number(port) => Sample::Integer(port.into()),
        NodePort::Hidden(name) => Sample::Text(Cow::Owned(name.to_vec())),
    })
});

simple!(
    "rfc7239_nn",
    Type::Any,
    Type::Text,
    "the name of a node: an address, or a text that hides it",
    |sample| {
        let name = match sample {
            Sample::Ip(address) if address.is_ipv4() => Digits::ip(address).as_bytes().to_vec(),
            Sample::Ip(address) => [b"[", Digits::ip(address).as_bytes(), b"]"].concat(),
            other => match other.cast(Type::Text)?.bytes()? {
                [] => b"unknown".to_vec(),
                text => hidden(text)?,
            },
        };
        Some(Sample::Text(name.into()))
    }
);

simple!(
    "rfc7239_np",
    Type::Any,
    Type::Text,
    "the port of a node: a number, or a text that hides it",
    |sample| {
        match sample {
            // HAProxy writes the low 32 bits.
            Sample::Integer(port) => Sample::Integer(i64::from(port as u32)).cast(Type::Text),
            other => Some(Sample::Text(hidden(other.cast(Type::Text)?.bytes()?)?.into())),
        }
    }
);

/// Reads an obfuscated identifier.
fn hidden(text: &[u8]) -> Option<Vec<u8>> {
    may_be_hidden(text).then(|| [b"_", text].concat())
}

/// A parameter of a value.
#[derive(Clone, Copy, Debug)]
enum Parameter {
    For,
    By,
    Host,
    Proto,
}

const NAMES: [(&str, Parameter); 4] =
    [("for", Parameter::For), ("by", Parameter::By), ("host", Parameter::Host), ("proto", Parameter::Proto)];

impl Parameter {
    fn of<'a>(self, value: &Forwarded<'a>) -> Option<&'a [u8]> {
        match self {
            Parameter::For => value.sender.map(|node| node.text),
            Parameter::By => value.receiver.map(|node| node.text),
            Parameter::Host => value.host,
            Parameter::Proto => value.protocol,
        }
    }
}

impl Converter for Parameter {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Text(text) = sample else { return None };
        let found = self.of(&Forwarded::parse(&text)?)?;
        let start = found.as_ptr().addr() - text.as_ptr().addr();
        let place = start..start + found.len();
        Some(Sample::Text(part(text, place)))
    }
}

inventory::submit! {
    ConverterEntry::new(
        "rfc7239_field",
        "for|by|host|proto",
        Type::Text,
        Type::Text,
        "a parameter of a value of 'Forwarded', without quotes",
        |inputs| {
            let input = inputs.input("the name of a parameter")?;
            let named = NAMES.iter().find(|(name, _)| *name == input.text);
            match named {
                Some((_, parameter)) => Ok(Box::new(*parameter)),
                None => Err(inputs.bad(input, "one of for, by, host, proto")),
            }
        },
    )
}
