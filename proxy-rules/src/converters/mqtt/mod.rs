//! `mqtt_is_valid`, `mqtt_field_value`: the first packets of MQTT 3.1, 3.1.1 and 5.0, CONNECT of clients and CONNACK of
//! servers. Other packets are known by name and, as in HAProxy, never valid.

mod fields;
mod packet;
mod properties;
mod reader;
mod value;

use proxy_config::Parsed;

use self::fields::{Field, PacketType};
use self::packet::Packet;
use self::value::Value;
use super::part::part;
use crate::context::Context;
use crate::converter::{Converter, ConverterEntry};
use crate::inputs::Inputs;
use crate::sample::{Sample, Type};

/// The result of reading a packet from bytes that may be incomplete.
enum Progress<T> {
    NeedMore,
    Invalid,
    Done(T),
}

#[derive(Debug)]
struct IsValid;

impl Converter for IsValid {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        match Packet::read(sample.bytes()?) {
            Progress::NeedMore => None,
            Progress::Invalid => Some(Sample::Bool(false)),
            Progress::Done(_) => Some(Sample::Bool(true)),
        }
    }

    fn may_change(&self, sample: &Sample<'_>) -> bool {
        needs_more(sample)
    }
}

#[derive(Debug)]
struct FieldValue {
    packet: PacketType,
    field: Field,
}

impl Converter for FieldValue {
    fn convert<'c>(&'c self, sample: Sample<'c>, _context: &'c Context<'_>) -> Option<Sample<'c>> {
        let Sample::Binary(bytes) = sample else { return None };
        let Progress::Done(packet) = Packet::read(&bytes) else { return None };
        if packet.kind != self.packet {
            return None;
        }
        match packet.value(self.field)? {
            Value::Number(number) => Sample::Integer(number.into()).cast(Type::Text),
            Value::Bytes(place) => Some(Sample::Text(part(bytes, place))),
        }
    }

    fn may_change(&self, sample: &Sample<'_>) -> bool {
        needs_more(sample)
    }
}

fn needs_more(sample: &Sample<'_>) -> bool {
    sample.bytes().is_some_and(|bytes| matches!(Packet::read(bytes), Progress::NeedMore))
}

fn field_value(inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Converter>> {
    let input = inputs.input("a type of packet: its number or name")?;
    let packet = PacketType::find(&input.text).ok_or_else(|| {
        inputs.bad(input, format!("a number from 1 to 15, or one of {}", PacketType::NAMES.join(", ")))
    })?;
    let input = inputs.input("a field: its name, or the number of a property")?;
    let field = Field::find(packet, &input.text).ok_or_else(|| {
        let names = Field::names(packet).join(", ");
        inputs.bad(
            input,
            if names.is_empty() {
                "nothing: such packets have no fields".into()
            } else {
                format!("one of {names}")
            },
        )
    })?;
    Ok(Box::new(FieldValue { packet, field }))
}

inventory::submit! {
    ConverterEntry::new(
        "mqtt_is_valid",
        "",
        Type::Binary,
        Type::Bool,
        "whether it begins with a CONNECT or CONNACK packet of MQTT",
        |_| Ok(Box::new(IsValid)),
    )
}

inventory::submit! {
    ConverterEntry::new(
        "mqtt_field_value",
        "<type>,<field>",
        Type::Binary,
        Type::Text,
        "the value of a field of the MQTT packet with which it begins",
        field_value,
    )
}

#[cfg(test)]
mod tests;
